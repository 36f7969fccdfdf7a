"""Ended between any two steps, the store shows no half model, and the next attempt goes through (M5).

The interpreter tells an audit hook of each step that changes a folder; the hook ends the work there, as a
kill would: nothing in the store catches it, and it cleans up nothing.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.domain.recipe import RecipeFile
from appliance.weights.blobs import BlobStore
from tests.weights.store import adopted, everything_in, fetched

pytestmark = pytest.mark.slow

STEPS = frozenset({"open", "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir"})
NAMES = ("one.gguf", "two.gguf", "three.gguf")


class Killed(BaseException):
    """Not an ``Exception``: nobody catches it."""


class Killer:
    """Ends the work at the given step, counted from now."""

    def __init__(self) -> None:
        self._left: int | None = None
        sys.addaudithook(self._hear)

    def run(self, work: Callable[[], object], steps: int) -> bool:
        """Whether the work ended by itself before so many steps."""
        self._left = steps
        try:
            work()
        except Killed:
            return False
        finally:
            self._left = None
        return True

    def _hear(self, event: str, _arguments: tuple[object, ...]) -> None:
        if self._left is not None and event in STEPS:
            self._left -= 1
            if self._left < 0:
                raise Killed


@pytest.fixture(scope="module")
def killer() -> Killer:
    return Killer()


def fill(folder: Path) -> tuple[BlobStore, list[RecipeFile]]:
    folder.mkdir()
    store = BlobStore(folder)
    return store, [adopted(store, name.encode() * 100, name) for name in NAMES]


Look = Callable[[Path, Callable[..., bool]], None]
"""Fills the folder, has the second one run the work, and looks at what it has left."""


def killed_at_every_step(killer: Killer, tmp_path: Path, look: Look) -> int:
    for steps in range(200):
        ended = []

        def run(work: Callable[[], object], steps: int = steps, ended: list[bool] = ended) -> bool:
            ended.append(killer.run(work, steps))
            return ended[0]

        look(tmp_path / str(steps), run)
        if ended[0]:
            return steps
    raise AssertionError("the work never ends")


def test_a_model_is_listed_whole_or_not_at_all(killer: Killer, tmp_path: Path) -> None:
    def look(folder: Path, run: Callable[..., bool]) -> None:
        store, files = fill(folder)
        run(lambda: store.place("tiny", files))
        assert not (folder / "tiny").exists() or everything_in(folder / "tiny") == set(NAMES)
        store.place("tiny", files)
        assert everything_in(folder / "tiny") == set(NAMES)
        assert not everything_in(folder / ".placing")
        freed = store.remove("tiny", NAMES)
        assert freed > 0
        assert everything_in(folder) == {".blobs", ".incoming", ".placing"}

    assert killed_at_every_step(killer, tmp_path, look) > 8


def test_a_new_revision_leaves_each_name_old_or_new(killer: Killer, tmp_path: Path) -> None:
    def look(folder: Path, run: Callable[..., bool]) -> None:
        store, files = fill(folder)
        store.place("tiny", files)
        newer = [adopted(store, b"newer" + name.encode() * 100, name) for name in NAMES]
        run(lambda: store.place("tiny", newer))
        assert everything_in(folder / "tiny") == set(NAMES)
        store.place("tiny", newer)
        for file in newer:
            assert (folder / "tiny" / file.name).samefile(store.blob(file.sha256))

    assert killed_at_every_step(killer, tmp_path, look) > 8


def test_a_part_is_a_part_or_a_blob(killer: Killer, tmp_path: Path) -> None:
    def look(folder: Path, run: Callable[..., bool]) -> None:
        folder.mkdir()
        store = BlobStore(folder)
        file = fetched(store, b"contents")
        run(lambda: store.adopt(file))
        assert store.has(file) != store.part(file.sha256).exists()
        if not store.has(file):
            store.adopt(file)
        assert store.blob(file.sha256).read_bytes() == b"contents"

    assert killed_at_every_step(killer, tmp_path, look) > 3


def test_removing_goes_on_where_it_ended(killer: Killer, tmp_path: Path) -> None:
    def look(folder: Path, run: Callable[..., bool]) -> None:
        store, files = fill(folder)
        store.place("tiny", files)
        run(lambda: store.remove("tiny", NAMES))
        store.remove("tiny", NAMES)
        assert not (folder / "tiny").exists()
        # What a kill between name and blob has left is no model's, and goes like a download that was ended.
        store.discard([file.sha256 for file in files])
        assert everything_in(folder) == {".blobs", ".incoming", ".placing"}

    assert killed_at_every_step(killer, tmp_path, look) > 5
