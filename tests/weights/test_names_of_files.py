"""No name leads out of the store, whatever is in it (M3)."""

import random
from pathlib import Path

import pytest

from appliance.domain.recipe import RecipeFile
from appliance.errors import IntegrityFailed
from appliance.weights.blobs import BlobStore
from tests.weights.store import adopted, everything_in

PIECES = (
    "..", "/", "\\", "\0", "%2e", "%2f", "\n", "\r", "ü", "．．", "／", "\u202e", "é", ".", "-", "a", "model",
    "~", "$HOME", "*", " ", "con", ".gguf", "9", ":", "'", '"', "`id`", ";", "x" * 300, "\ud800", "\x7f",
    "\t",
)  # fmt: skip


def names(count: int) -> list[str]:
    dice = random.Random(6)
    return ["".join(dice.choices(PIECES, k=dice.randint(0, 6))) for _ in range(count)]


def test_ten_thousand_names_stay_inside_or_are_refused(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    store = BlobStore(tmp_path / "models")
    file = adopted(store, b"contents")
    inside = (tmp_path / "models" / "tiny").resolve()
    placed: set[str] = set()
    for name in names(10_000):
        try:
            folder = store.place("tiny", [RecipeFile(name, file.size_bytes, file.sha256)])
        except IntegrityFailed:
            continue
        placed.add(name)
        assert (folder / name).resolve().parent == inside
    assert len(placed) > 30
    ours = {".blobs", f".blobs/{file.sha256}", ".incoming", ".placing", "tiny"}
    assert everything_in(tmp_path / "models") == ours | {f"tiny/{name}" for name in placed}
    assert everything_in(tmp_path) == {"models"} | {
        f"models/{one}" for one in everything_in(tmp_path / "models")
    }
    store.remove("tiny", placed)
    assert everything_in(tmp_path / "models") == {".blobs", ".incoming", ".placing"}


def test_no_id_of_a_recipe_leads_out(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    store = BlobStore(tmp_path / "models")
    for name in ("", ".", "..", "../x", "/etc", ".blobs", "a/b", "A", "a\n", "a\0", "ü", "a" * 81):
        with pytest.raises(IntegrityFailed):
            store.place(name, [])
        with pytest.raises(IntegrityFailed):
            store.remove(name, ["x"])


@pytest.mark.parametrize("sha256", ["", "0" * 63, "0" * 65, "G" * 64, "../" + "0" * 61, "0" * 64 + "\n"])
def test_no_hash_leads_out(tmp_path: Path, sha256: str) -> None:
    store = BlobStore(tmp_path)
    for ask in (store.blob, store.part, lambda one: store.discard([one])):
        with pytest.raises(IntegrityFailed):
            ask(sha256)
