from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.admin.fake_box import FakeBox, status
from tests.cli.desks import CommandLine, FakeApi


@pytest.fixture
def carrel(tmp_path: Path, capsys) -> CommandLine:
    """The command line, with no box behind it."""
    return CommandLine(tmp_path, capsys)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[FakeBox]:
    """A box behind the command line's admin socket."""
    with FakeBox(tmp_path / "run" / "admin.sock") as box:
        yield box


@pytest.fixture
def api(box: FakeBox) -> Iterator[FakeApi]:
    """The public side of the box."""
    with FakeApi().serving() as api:
        box.handlers.answers["status"] = status(url=api.url)
        yield api
