"""Files lie once by their hash, and in the models' folders by their names."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.errors import IntegrityFailed, StorageUnavailable
from appliance.weights.blobs import BlobStore
from tests.weights.store import adopted, everything_in, fetched, file_of

ONE, TWO = b"one" * 1000, b"two" * 1000


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    (tmp_path / "models").mkdir(mode=0o700)
    return BlobStore(tmp_path / "models")


@pytest.fixture
def models_dir(store: BlobStore, tmp_path: Path) -> Path:
    return tmp_path / "models"


def test_a_part_becomes_a_blob(store: BlobStore) -> None:
    file = fetched(store, ONE)
    assert not store.has(file)
    store.adopt(file)
    assert store.has(file)
    assert store.blob(file.sha256).read_bytes() == ONE
    assert not store.part(file.sha256).exists()


def test_a_part_that_is_not_whole_is_not_adopted(store: BlobStore) -> None:
    file = fetched(store, ONE)
    with store.part(file.sha256).open("ab") as part:
        part.truncate(10)
    with pytest.raises(IntegrityFailed):
        store.adopt(file)
    assert not store.has(file)


def test_a_link_in_place_of_a_part_is_not_adopted(store: BlobStore, tmp_path: Path) -> None:
    file = fetched(store, ONE)
    store.part(file.sha256).rename(tmp_path / "elsewhere")
    store.part(file.sha256).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(IntegrityFailed):
        store.adopt(file)


def test_placed_files_are_the_blobs_under_their_names(store: BlobStore, models_dir: Path) -> None:
    files = [adopted(store, ONE, "one.gguf"), adopted(store, TWO, "two.gguf")]
    folder = store.place("tiny", files)
    assert folder == models_dir / "tiny"
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == {"one.gguf": ONE, "two.gguf": TWO}
    assert (folder / "one.gguf").samefile(store.blob(files[0].sha256))
    assert not list((models_dir / ".placing").iterdir())


def test_a_file_that_was_never_fetched_is_not_placed(store: BlobStore, models_dir: Path) -> None:
    with pytest.raises(IntegrityFailed, match="model pull"):
        store.place("tiny", [adopted(store, ONE, "one.gguf"), file_of(TWO, "two.gguf")])
    assert not (models_dir / "tiny").exists()


def test_two_models_share_a_file_until_the_last_one_goes(store: BlobStore) -> None:
    file = adopted(store, ONE)
    store.place("tiny", [file])
    store.place("other", [replace(file, name="also.gguf")])
    assert store.would_free("tiny", [file.name]) == 0
    assert store.remove("tiny", [file.name]) == 0
    assert store.has(file)
    size_bytes = store.blob(file.sha256).stat().st_blocks * 512
    assert store.would_free("other", ["also.gguf"]) == size_bytes
    assert store.remove("other", ["also.gguf"]) == size_bytes
    assert not store.has(file)


def test_two_names_of_one_file_in_one_model_are_counted_once(store: BlobStore) -> None:
    file = adopted(store, ONE)
    store.place("tiny", [file, replace(file, name="again.gguf")])
    assert store.would_free("tiny", [file.name]) == 0
    assert store.would_free("tiny", [file.name, "again.gguf"]) > 0
    assert store.remove("tiny", [file.name, "again.gguf"]) > 0


def test_removing_leaves_other_files_and_goes_with_the_last_one(store: BlobStore, models_dir: Path) -> None:
    store.place("tiny", [adopted(store, ONE, "one.gguf"), adopted(store, TWO, "two.gguf")])
    store.remove("tiny", ["one.gguf"])
    assert everything_in(models_dir / "tiny") == {"two.gguf"}
    store.remove("tiny", ["two.gguf", "never.gguf"])
    assert not (models_dir / "tiny").exists()
    assert store.remove("tiny", ["two.gguf"]) == 0


def test_a_new_revision_replaces_names_and_leaves_what_is_open(store: BlobStore) -> None:
    folder = store.place("tiny", [adopted(store, ONE)])
    with (folder / "model.gguf").open("rb") as running:
        store.place("tiny", [adopted(store, TWO)])
        assert running.read() == ONE
    assert (folder / "model.gguf").read_bytes() == TWO


def test_another_form_joins_the_files_that_are_there(store: BlobStore) -> None:
    one = adopted(store, ONE, "one.gguf")
    store.place("tiny", [one])
    folder = store.place("tiny", [one, adopted(store, TWO, "two.gguf")])
    assert everything_in(folder) == {"one.gguf", "two.gguf"}


def test_a_disowned_file_is_fetched_and_placed_anew(store: BlobStore) -> None:
    file = adopted(store, ONE)
    folder = store.place("tiny", [file])
    (folder / file.name).chmod(0o600)
    (folder / file.name).write_bytes(TWO)
    store.disown("tiny", file)
    assert not store.has(file)
    adopted(store, ONE)
    store.place("tiny", [file])
    assert (folder / file.name).read_bytes() == ONE


def test_a_good_blob_is_kept_where_something_else_took_its_name(store: BlobStore) -> None:
    file = adopted(store, ONE)
    folder = store.place("tiny", [file])
    (folder / file.name).unlink()
    (folder / file.name).write_bytes(TWO)
    store.disown("tiny", file)
    assert store.has(file)


def test_what_was_fetched_and_never_placed_can_be_dropped(store: BlobStore, models_dir: Path) -> None:
    part, blob, used = fetched(store, ONE), adopted(store, TWO), adopted(store, b"used")
    (models_dir / ".incoming" / f"{part.sha256}.part.json").write_text("state")
    store.place("tiny", [used])
    assert [store.discard([one.sha256]) > 0 for one in (part, blob, used)] == [True, True, False]
    assert everything_in(models_dir) >= {f".blobs/{used.sha256}", "tiny/model.gguf"}
    assert not any(one.startswith(".incoming/") for one in everything_in(models_dir))
    assert not store.has(blob)


@pytest.mark.parametrize(("mode", "folder_mode", "file_mode"), [(0o700, 0o700, 0o400), (0o755, 0o755, 0o444)])
def test_who_may_read_the_models_may_read_what_is_placed(
    store: BlobStore, models_dir: Path, mode: int, folder_mode: int, file_mode: int
) -> None:
    models_dir.chmod(mode)
    folder = store.place("tiny", [adopted(store, ONE)])
    assert stat.S_IMODE(folder.stat().st_mode) == folder_mode
    assert stat.S_IMODE((folder / "model.gguf").stat().st_mode) == file_mode
    assert stat.S_IMODE((models_dir / ".blobs").stat().st_mode) == 0o700


def test_foreign_things_survive(store: BlobStore, models_dir: Path) -> None:
    store.prepare()
    foreign = [
        models_dir / "notes.txt",
        models_dir / ".blobs" / "README",
        models_dir / ".incoming" / "something.part",
        models_dir / ".placing" / "tiny.0123456789abcdef" / "folder" / "deep",
        models_dir / "tiny" / "mine.txt",
    ]
    for one in foreign:
        one.parent.mkdir(parents=True, exist_ok=True)
        one.write_text("mine")
    (models_dir / ".blobs" / ("0" * 64)).mkdir()
    file = adopted(store, ONE)
    store.place("tiny", [file])
    store.remove("tiny", [file.name])
    store.discard([file.sha256])
    assert [one.read_text() for one in foreign] == ["mine"] * len(foreign)


def test_a_folder_in_place_of_a_file_is_told_and_kept(store: BlobStore, models_dir: Path) -> None:
    (models_dir / "tiny" / "model.gguf" / "inside").mkdir(parents=True)
    with pytest.raises(IntegrityFailed, match=r"model\.gguf belongs"):
        store.place("tiny", [adopted(store, ONE)])
    assert (models_dir / "tiny" / "model.gguf" / "inside").is_dir()


@pytest.mark.parametrize("name", ["tiny", ".blobs", ".incoming", ".placing"])
def test_no_link_is_followed_in_place_of_a_folder(
    store: BlobStore, models_dir: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (models_dir / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(IntegrityFailed, match="link"):
        store.place("tiny", [file_of(ONE)])
    assert not everything_in(tmp_path / "elsewhere")


def test_a_link_in_place_of_a_file_is_replaced_and_not_written_through(
    store: BlobStore, models_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (models_dir / "tiny").mkdir()
    (models_dir / "tiny" / "model.gguf").symlink_to(tmp_path / "precious")
    folder = store.place("tiny", [adopted(store, ONE)])
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert (folder / "model.gguf").read_bytes() == ONE


def test_removing_follows_no_link(store: BlobStore, models_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (models_dir / "tiny").mkdir()
    (models_dir / "tiny" / "model.gguf").symlink_to(tmp_path / "precious")
    assert store.remove("tiny", ["model.gguf"]) == 0
    assert (tmp_path / "precious").exists()


def test_the_models_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "big-disk").mkdir()
    (tmp_path / "models").symlink_to(tmp_path / "big-disk")
    store = BlobStore(tmp_path / "models")
    assert (store.place("tiny", [adopted(store, ONE)]) / "model.gguf").read_bytes() == ONE


def test_a_models_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="carrel doctor"):
        BlobStore(tmp_path / "nowhere").prepare()
    assert not BlobStore(tmp_path / "nowhere").has(file_of(ONE))


def test_without_hard_links_models_get_copies_and_no_file_is_kept_twice(models_dir: Path) -> None:
    store = BlobStore(models_dir, link=lambda *_: False)
    file = adopted(store, ONE)
    folder = store.place("tiny", [file, replace(file, name="again.gguf")])
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == {"model.gguf": ONE, "again.gguf": ONE}
    assert not store.has(file)
    assert store.remove("tiny", ["model.gguf", "again.gguf"]) > 0
    assert not folder.exists()
