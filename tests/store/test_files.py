"""Rows of files are their holder's, and what lies on the shelf is whole or not there."""

import asyncio
import errno
import os
import stat

import pytest
from sqlite_utils import Database

from appliance.domain.files import Holdings, StoredFile
from appliance.domain.people import Owner
from appliance.errors import NotFound, StorageUnavailable
from appliance.store import migrations
from appliance.store import shelf as shelving
from appliance.store.shelf import Shelf
from appliance.store.store import Store
from tests.store.conftest import NOON_MS

ADA, BOB = Owner("ada", "nlp"), Owner("bob", "nlp")


def file(number, owner=ADA, expires_ms=NOON_MS + 1000, purpose="batch"):
    return StoredFile(
        f"file-{number}", owner.holder, "in.jsonl", purpose, number, NOON_MS, expires_ms, owner.project_id
    )


async def page(store, owner=ADA, *, purpose=None, after=None, limit=9, newest_first=True):
    found = await store.files.page(
        owner, purpose=purpose, after=after, limit=limit, newest_first=newest_first
    )
    return [int(one.id.removeprefix("file-")) for one in found]


@pytest.fixture
async def filled(store):
    for one in (file(1), file(2, BOB), file(3, purpose="batch_output"), file(4)):
        await store.files.add(one)
    return store


async def test_each_holder_sees_and_touches_their_own(filled):
    assert await page(filled) == [4, 3, 1]
    assert await filled.files.get(ADA, "file-1") == file(1)
    for touch in (filled.files.get(BOB, "file-1"), filled.files.remove(BOB, "file-1")):
        with pytest.raises(NotFound):
            await touch
    with pytest.raises(NotFound):
        await page(filled, BOB, after="file-1")
    assert await filled.files.holdings("ada") == Holdings(3, 8)
    assert await filled.files.holdings("eve") == Holdings(0, 0)


async def test_what_one_has_in_another_project_is_not_there_but_counts(filled):
    there = Owner("ada", "vision")
    await filled.files.add(file(7, there))
    for touch in (filled.files.get(there, "file-1"), filled.files.remove(there, "file-1")):
        with pytest.raises(NotFound):
            await touch
    assert await page(filled, there) == [7]
    assert await page(filled) == [4, 3, 1]
    assert await filled.files.holdings("ada") == Holdings(4, 15)


async def test_a_file_whose_project_is_not_known_is_its_holder_s_in_all(filled):
    await filled.files.add(file(7, Owner("ada", "")))
    assert await page(filled, Owner("ada", "vision")) == [7]
    assert await page(filled) == [7, 4, 3, 1]
    assert await page(filled, BOB) == [2]
    await filled.files.remove(Owner("ada", "vision"), "file-7")
    assert await page(filled) == [4, 3, 1]


OLD = """
INSERT INTO person (id, name, created_ms) VALUES ('ada', '', 1), ('bob', '', 1);
INSERT INTO project (id, name, created_ms) VALUES ('nlp', '', 1), ('vision', '', 1);
INSERT INTO key (id, name, last4, digest, person_id, project_id, created_ms) VALUES
    ('key_n', '', '', randomblob(32), 'default', 'vision', 1),
    ('key_m', '', '', randomblob(32), 'default', 'nlp', 1),
    ('key_a', '', '', randomblob(32), 'ada', 'nlp', 1),
    ('key_v', '', '', randomblob(32), 'ada', 'vision', 1),
    ('key_b', '', '', randomblob(32), 'bob', 'vision', 1),
    ('key_c', '', '', randomblob(32), 'bob', 'vision', 1);
INSERT INTO file (id, holder, name, purpose, size_bytes, created_ms, expires_ms) VALUES
    ('of_key', 'key_n', '', 'batch', 1, 1, 1), ('of_both', 'ada', '', 'batch', 1, 1, 1),
    ('answers', 'ada', '', 'batch_output', 1, 1, 1), ('errors', 'ada', '', 'batch_output', 1, 1, 1),
    ('of_one', 'bob', '', 'batch', 1, 1, 1);
INSERT INTO batch (id, holder, key_id, person_id, project_id, endpoint, input_file_id, completion_window,
    metadata, status, ending, created_ms, expires_ms, faults, output_file_id, error_file_id) VALUES
    ('batch_1', 'ada', 'key_v', 'ada', 'vision', '', 'of_both', '', '', '', '', 1, 1, '', 'answers', NULL),
    ('batch_2', 'ada', 'key_a', 'ada', 'nlp', '', 'of_both', '', '', '', '', 1, 1, '', NULL, 'errors');
"""


async def test_files_from_before_are_of_the_project_that_is_known(path, clock, monkeypatch):
    steps = migrations._STEPS
    monkeypatch.setattr(migrations, "_STEPS", {name: one for name, one in steps.items() if name < "0022"})
    Store.open(path, clock).close()
    old = Database(path)
    old.executescript(OLD)
    old.close()
    monkeypatch.setattr(migrations, "_STEPS", steps)
    store = Store.open(path, clock)
    found = await store._reader.run(lambda db: list(db.query("SELECT id, project_id FROM file")))
    assert {row["id"]: row["project_id"] for row in found} == {
        "of_key": "vision",
        "of_both": "",
        "answers": "vision",
        "errors": "nlp",
        "of_one": "vision",
    }
    store.close()


async def test_pages_in_either_direction_and_of_one_purpose(filled):
    assert await page(filled, limit=2) == [4, 3]
    assert await page(filled, after="file-3") == [1]
    assert await page(filled, newest_first=False) == [1, 3, 4]
    assert await page(filled, newest_first=False, after="file-1", limit=1) == [3]
    assert await page(filled, purpose="batch") == [4, 1]


async def test_what_is_over_goes_unless_it_is_needed(filled):
    for number, expires_ms in ((5, NOON_MS), (6, NOON_MS - 1)):
        await filled.files.add(file(number, expires_ms=expires_ms))
    assert await filled.files.expire(NOON_MS, {"file-5"}) == ["file-6"]
    assert await filled.files.expire(NOON_MS, ()) == ["file-5"]
    assert await filled.files.ids() == {"file-1", "file-2", "file-3", "file-4"}
    await filled.files.remove(ADA, "file-1")
    assert await page(filled) == [4, 3]


@pytest.fixture
async def shelf(tmp_path):
    one = Shelf(tmp_path / "files", kept_free_bytes=0)
    await one.open(())
    return one


def names(tmp_path):
    return sorted(one.name for one in (tmp_path / "files").iterdir())


async def test_what_is_sealed_can_be_read_piece_by_piece(shelf, tmp_path):
    async with shelf.writing("file-1") as draft:
        await draft.write(b"abc")
        await draft.write(b"def")
        assert names(tmp_path) == ["file-1.part"]
        await draft.seal()
    assert draft.size_bytes == 6
    assert names(tmp_path) == ["file-1"]
    assert await shelf.read("file-1", 2, 3) == b"cde"
    assert await shelf.read("file-1", 6, 3) == b""
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "files" / "file-1").stat().st_mode) == 0o600


async def test_what_is_not_sealed_is_gone(shelf, tmp_path):
    async with shelf.writing("file-1") as draft:
        await draft.write(b"abc")
    assert names(tmp_path) == []
    with pytest.raises(StorageUnavailable):
        await draft.write(b"more")
    with pytest.raises(NotFound):
        await shelf.read("file-1", 0, 1)
    await shelf.remove("file-1")


async def test_a_start_removes_what_a_crash_has_left(shelf, tmp_path):
    for name in ("file-1", "file-2", "file-3.part"):
        (tmp_path / "files" / name).write_bytes(b"x")
    assert await shelf.open({"file-1"}) == 2
    assert names(tmp_path) == ["file-1"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
async def test_a_disk_that_refuses_is_told_of_and_leaves_nothing_half_written(
    shelf, tmp_path, monkeypatch, code
):
    write = os.write
    monkeypatch.setattr(shelving.os, "write", lambda fd, data: _refuse(code))
    with pytest.raises(StorageUnavailable) as refused:
        async with shelf.writing("file-1") as draft:
            await draft.write(b"abc")
    monkeypatch.setattr(shelving.os, "write", write)
    assert ("full" in refused.value.message) is (code != errno.EIO)
    assert names(tmp_path) == []


def _refuse(code):
    raise OSError(code, os.strerror(code))


async def test_the_last_of_a_disk_is_left_to_the_database(tmp_path):
    shelf = Shelf(tmp_path / "files", kept_free_bytes=2**62)
    await shelf.open(())
    with pytest.raises(StorageUnavailable, match="full"):
        async with shelf.writing("file-1"):
            pass
    assert names(tmp_path) == []


async def test_a_writer_that_is_cancelled_closes_its_file_only_after_the_thread_is_done(
    shelf, tmp_path, monkeypatch
):
    begun, gate = asyncio.Event(), __import__("threading").Event()
    loop = asyncio.get_running_loop()
    write = os.write

    def slow(descriptor, data):
        loop.call_soon_threadsafe(begun.set)
        gate.wait(5)
        return write(descriptor, data)

    monkeypatch.setattr(shelving.os, "write", slow)

    async def upload():
        async with shelf.writing("file-1") as draft:
            drafts.append(draft)
            await draft.write(b"abc")

    drafts = []
    task = asyncio.ensure_future(upload())
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    assert drafts[0]._descriptor is not None
    gate.set()
    async with asyncio.timeout(5):
        while drafts[0]._descriptor is not None:
            await asyncio.sleep(0)
    assert names(tmp_path) == []
