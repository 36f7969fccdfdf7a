"""Files come from a bundle verified, or not at all; what was right stays after an interruption."""

import errno
import hashlib
import os

import pytest

from appliance.errors import IntegrityFailed, StorageUnavailable, TryAgain
from appliance.weights.blobs import BlobStore
from appliance.weights.bundling import taking
from appliance.weights.bundling.reading import OpenBundle
from tests.weights.bundling.sticks import LARGE, SHARED, TEXT, TEXT_SHA256, unheard

LARGE_NAME = f"blobs/{hashlib.sha256(LARGE).hexdigest()}"


@pytest.fixture
def store(tmp_path):
    (tmp_path / "here").mkdir()
    return BlobStore(tmp_path / "here")


@pytest.fixture
def opened(bundle, store):
    return OpenBundle.at(str(bundle), store)


@pytest.fixture
def large(sender):
    return sender.open.files[1].file


def growing(store, file):
    part = store.part(file.sha256)
    return part.with_name(part.name + taking.SUFFIX)


def test_pieces_are_joined_and_verified(opened, store, sender, large):
    opened.take([one.file for one in sender.open.files], unheard)
    assert store.blob(large.sha256).read_bytes() == LARGE
    assert store.blob(hashlib.sha256(SHARED).hexdigest()).read_bytes() == SHARED
    assert not list(store.part(large.sha256).parent.iterdir())


def test_what_is_here_already_is_not_read_again(opened, store, bundle, large):
    opened.take([large], unheard)
    (bundle / f"{LARGE_NAME}.000").write_bytes(b"x" * 1000)
    opened.take([large], unheard)
    assert store.has(large)


def test_an_interrupted_take_goes_on_with_the_piece_it_was_in(opened, store, bundle, large):
    told = []

    def leave(line):
        told.append(line)
        if growing(store, large).stat().st_size >= 2000:
            raise TryAgain("left")

    with pytest.raises(TryAgain):
        opened.take([large], leave)
    assert not store.has(large)
    for number in (0, 1):  # what was taken is not needed any more
        (bundle / f"{LARGE_NAME}.{number:03}").write_bytes(b"x" * 1000)
    opened.take([large], unheard)
    assert store.blob(large.sha256).read_bytes() == LARGE


def test_what_an_interrupted_take_had_wrong_is_copied_again(opened, store, large):
    store.prepare()
    growing(store, large).write_bytes(b"x" * 1500)
    opened.take([large], unheard)
    assert store.blob(large.sha256).read_bytes() == LARGE


def test_a_damaged_piece_is_named_and_what_came_before_it_kept(opened, store, bundle, large):
    (bundle / f"{LARGE_NAME}.001").write_bytes(b"x" * 1000)
    with pytest.raises(IntegrityFailed, match=r"\.001 on the bundle is damaged"):
        opened.take([large], unheard)
    assert growing(store, large).read_bytes() == LARGE[:1000]
    assert not store.has(large)


def test_a_download_of_the_same_file_loses_its_notes(opened, store, large):
    store.prepare()
    part = store.part(large.sha256)
    part.write_bytes(b"half")
    notes = part.with_name(f"{part.name}.journal")
    notes.write_bytes(b"4")
    opened.take([large], unheard)
    assert store.has(large)
    assert not notes.exists()


def test_a_link_in_the_store_is_not_written_through(opened, store, large, tmp_path):
    store.prepare()
    (tmp_path / "victim").write_text("untouched")
    growing(store, large).symlink_to(tmp_path / "victim")
    with pytest.raises(StorageUnavailable):
        opened.take([large], unheard)
    assert (tmp_path / "victim").read_text() == "untouched"


def test_a_disk_that_fills_up_says_what_to_do(opened, large, monkeypatch):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(taking, "write_at", full)
    with pytest.raises(StorageUnavailable, match="goes on from here"):
        opened.take([large], unheard)


def test_room_is_taken_before_the_first_byte_comes(opened, store, sender, monkeypatch):
    order = []
    monkeypatch.setattr(taking, "allocate", lambda _fd, size, longer: order.append(("room", size, longer)))
    real = taking.write_at

    def note(*arguments):
        order.append(("byte",))
        real(*arguments)

    monkeypatch.setattr(taking, "write_at", note)
    opened.take([one.file for one in sender.open.files], unheard)
    assert [one[0] for one in order[:3]] == ["room", "room", "byte"]


def test_too_little_room_is_known_beforehand(opened, store, sender, large):
    assert opened.missing_room([large]) < 0
    opened.take([large], unheard)
    assert opened.missing_room([large]) == 0


def test_texts_are_those_that_were_signed(opened, bundle):
    assert opened.recipe("open") == b'id = "open"\n'
    assert opened.license(TEXT_SHA256).decode() == TEXT
    (bundle / "recipes" / "open.toml").write_bytes(b'id = "opeN"\n')
    with pytest.raises(IntegrityFailed, match="damaged"):
        opened.recipe("open")


def test_files_that_are_not_on_it_are_named(opened, sender, large):
    assert opened.lacks([large]) == []
    other = type(large)("c.gguf", 5, "0" * 64)
    assert opened.lacks([large, other]) == ["c.gguf"]


def test_progress_ends_with_everything(opened, sender):
    told = []
    opened.take([one.file for one in sender.open.files], told.append)
    assert told[-1].startswith("bundle: 100%")
