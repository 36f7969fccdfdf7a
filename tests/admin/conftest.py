from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.client.admin import AdminClient
from tests.admin.fake_box import FakeBox


@pytest.fixture
def box(tmp_path: Path) -> Iterator[FakeBox]:
    with FakeBox(tmp_path / "s") as box:
        yield box


@pytest.fixture
def client(box: FakeBox) -> Iterator[AdminClient]:
    with AdminClient(box.path) as client:
        yield client
