"""A folder that a recipe is written from: what lies in it, and nothing that it points to."""

import hashlib
import os

import pytest

from appliance.errors import BadRequest, IntegrityFailed, NotFound
from appliance.weights.listing.folder import FolderSource


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "deep").mkdir()
    (tmp_path / "model" / "tiny.gguf").write_bytes(b"tiny")
    (tmp_path / "model" / "deep" / "other.gguf").write_bytes(b"other")
    return tmp_path / "model"


def listed(folder, name="tiny.gguf"):
    source = FolderSource(folder)
    return source, next(one for one in source.files() if one.name == name)


def test_regular_files_are_listed_by_their_path_below_it(folder):
    source = FolderSource(folder)
    assert [(one.path, one.size_bytes) for one in source.files()] == [
        ("deep/other.gguf", 5),
        ("tiny.gguf", 4),
    ]
    assert (source.name, source.place.folder) == ("model", str(folder))


def test_links_pipes_and_hidden_folders_are_not(folder, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (folder / "linked.gguf").symlink_to(tmp_path / "secret")
    (folder / "further").symlink_to(tmp_path)
    (folder / ".cache").mkdir()
    (folder / ".cache" / "x.gguf").touch()
    os.mkfifo(folder / "pipe.gguf")
    assert len(FolderSource(folder).files()) == 2


def test_a_folder_of_links_says_what_to_do(tmp_path):
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "tiny.gguf").symlink_to("../blobs/1")
    with pytest.raises(BadRequest, match="cp -rL"):
        FolderSource(tmp_path / "snapshot").files()


def test_a_file_is_hashed_from_end_to_end(folder):
    source, file = listed(folder)
    assert source.sha256(file) == hashlib.sha256(b"tiny").hexdigest()
    assert source.whole(file, 4) == b"tiny"
    with pytest.raises(BadRequest, match="over 3 bytes"):
        source.whole(file, 3)


def test_a_file_that_became_a_link_is_not_opened(folder, tmp_path):
    source, file = listed(folder)
    (folder / "tiny.gguf").unlink()
    (folder / "tiny.gguf").symlink_to(folder / "deep" / "other.gguf")
    with pytest.raises(IntegrityFailed, match=r"tiny\.gguf cannot be read"):
        source.sha256(file)


def test_files_are_looked_at_where_they_are(folder):
    source, file = listed(folder, "other.gguf")
    with source.laid_out([file]) as places:
        assert places == {"other.gguf": folder / "deep" / "other.gguf"}


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(NotFound, match="absent"):
        FolderSource(tmp_path / "absent")
