"""One real box a module, with a key."""

from collections.abc import Iterator

import pytest

from tests.system.box import RealBox


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealBox]:
    box = RealBox(tmp_path_factory.mktemp("home")).start()
    yield box
    box.stop()


@pytest.fixture(scope="module")
def key(box: RealBox) -> str:
    return box.new_key()
