"""Files of a model whose lease was taken back: put away, brought back, deleted, and never those of others."""

import hashlib
import stat

import pytest

from appliance.domain.recipe import RecipeFile
from appliance.errors import IntegrityFailed
from appliance.weights.blobs import BlobStore
from appliance.weights.quarantine import QUARANTINE, Quarantine

BYTES = b"weights of a model"
FILE = RecipeFile("w.gguf", len(BYTES), hashlib.sha256(BYTES).hexdigest())


@pytest.fixture
def models(tmp_path):
    """``one`` and ``two`` have the same file, once on the disk."""
    folder = tmp_path / "models"
    folder.mkdir(mode=0o750)
    blobs = BlobStore(folder)
    blobs.prepare()
    blobs.part(FILE.sha256).write_bytes(BYTES)
    blobs.adopt(FILE)
    for model in ("one", "two"):
        blobs.place(model, [FILE])
    return folder


def test_what_is_put_away_is_for_its_owner_alone_and_comes_back_as_it_was(models):
    away, mode = Quarantine(models), stat.S_IMODE((models / "one").stat().st_mode)
    away.put_away("one")
    assert not (models / "one").exists()
    assert stat.S_IMODE((models / QUARANTINE).stat().st_mode) == 0o700
    assert away.holds("one")
    assert not away.holds("two")
    assert (away.names("one"), away.names("two")) == (["w.gguf"], ["w.gguf"])
    assert away.bring_back("one")
    assert (models / "one" / "w.gguf").read_bytes() == BYTES
    assert stat.S_IMODE((models / "one").stat().st_mode) == mode
    assert not away.bring_back("one")


def test_putting_away_again_replaces_what_was_put_away_before(models):
    away = Quarantine(models)
    away.put_away("one")
    BlobStore(models).place("one", [FILE])
    away.put_away("one")
    away.put_away("one")
    assert [one.name for one in (models / QUARANTINE / "one").iterdir()] == ["w.gguf"]
    assert not (models / "one").exists()


def test_nothing_is_brought_back_over_newer_files(models):
    away = Quarantine(models)
    away.put_away("one")
    BlobStore(models).place("one", [FILE])
    assert not away.bring_back("one")
    assert away.holds("one")


def test_deleting_takes_the_last_one_off_the_disk_and_leaves_another_models(models):
    away, blob = Quarantine(models), models / ".blobs" / FILE.sha256
    away.delete("one", [FILE.sha256])
    assert not (models / "one").exists()
    assert (models / "two" / "w.gguf").read_bytes() == BYTES
    assert blob.exists()
    away.put_away("two")
    away.delete("two", [FILE.sha256])
    assert (away.names("two"), blob.exists()) == ([], False)


def test_files_that_an_operator_put_there_stay(models):
    (models / "one" / ".notes").write_text("mine")
    Quarantine(models).delete("one", [FILE.sha256])
    assert [one.name for one in (models / "one").iterdir()] == [".notes"]


def test_a_name_that_leads_elsewhere_is_refused(models):
    for name in ("..", "a/b", ""):
        with pytest.raises(IntegrityFailed):
            Quarantine(models).put_away(name)


def test_deleting_takes_what_was_fetched_of_it_too(models):
    part = BlobStore(models).part("a" * 64)
    part.write_bytes(b"half")
    Quarantine(models).delete("one", [FILE.sha256, "a" * 64])
    assert not part.exists()
