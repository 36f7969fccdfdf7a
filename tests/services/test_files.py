"""Files are their owner's, bounded in size, sum, number and time."""

import asyncio
from dataclasses import replace

import pytest

from appliance.errors import BadRequest, BodyTooLarge, Conflict, NotFound, StorageUnavailable, TryAgain
from appliance.services.files import FileLimits
from appliance.services.files.files import MOST_UPLOADS
from appliance.services.files.limits import DAY_MS, label_of
from tests.services.overnight_fakes import ADA, BOB, OvernightBox


@pytest.fixture
def nights():
    return OvernightBox(limits=FileLimits(file_bytes=100, person_bytes=250, person_files=4, days=2))


async def content(nights, file):
    return b"".join([piece async for piece in nights.file_service.content(file)])


async def test_what_was_sent_can_be_read_and_deleted(nights):
    file_id = await nights.file(b"abc")
    file = await nights.file_service.get(ADA, file_id)
    assert (file.size_bytes, file.expires_ms) == (3, nights.clock.time_ms + 2 * DAY_MS)
    assert await content(nights, file) == b"abc"
    await nights.file_service.delete(ADA, file_id)
    assert nights.shelf.contents == {}
    with pytest.raises(NotFound):
        await nights.file_service.get(ADA, file_id)


async def test_anybody_elses_file_is_not_there(nights):
    file_id = await nights.file(b"abc")
    for touch in (nights.file_service.get(BOB, file_id), nights.file_service.delete(BOB, file_id)):
        with pytest.raises(NotFound):
            await touch
    assert await nights.file_service.page(BOB, limit=9) == []


async def test_what_one_has_in_another_project_is_not_there_but_counts(nights):
    there = replace(ADA, key_id="key_2", project_id="vision")
    file_id = await nights.file(b"x" * 100)
    for touch in (nights.file_service.get(there, file_id), nights.file_service.delete(there, file_id)):
        with pytest.raises(NotFound):
            await touch
    assert await nights.file_service.page(there, limit=9) == []
    other = await nights.file(b"x" * 100, there)
    assert [one.id for one in await nights.file_service.page(there, limit=9)] == [other]
    assert [one.id for one in await nights.file_service.page(ADA, limit=9)] == [file_id]
    with pytest.raises(BodyTooLarge, match="in all projects"):
        await nights.file(b"x" * 51, there)


async def test_a_file_over_its_limit_leaves_nothing(nights):
    with pytest.raises(BodyTooLarge):
        await nights.file(b"x" * 101)
    assert (nights.shelf.contents, nights.files.rows, nights.shelf.drafts) == ({}, [], 0)


async def test_all_files_of_one_together_have_a_limit_those_on_their_way_included(nights):
    await nights.file(b"x" * 100)
    async with nights.file_service.uploading(ADA) as one, nights.file_service.uploading(ADA) as two:
        await one.write(b"x" * 80)
        await two.write(b"x" * 70)
        with pytest.raises(BodyTooLarge, match="together"):
            await two.write(b"x")
    await nights.file(b"x" * 100)
    await nights.file(b"x" * 100, BOB)


async def test_so_many_files_and_no_more(nights):
    for _ in range(4):
        await nights.file(b"x")
    with pytest.raises(BadRequest, match="4 files"):
        await nights.file(b"x")
    await nights.file_service.delete(ADA, nights.files.rows[0].id)
    await nights.file(b"x")


async def test_so_many_uploads_at_once_and_no_more(nights):
    gate = asyncio.Event()

    async def hold():
        async with nights.file_service.uploading(ADA):
            await gate.wait()

    tasks = [asyncio.ensure_future(hold()) for _ in range(MOST_UPLOADS)]
    await asyncio.sleep(0)
    with pytest.raises(TryAgain):
        await nights.file(b"x")
    await nights.file(b"x", BOB)
    gate.set()
    await asyncio.gather(*tasks)
    await nights.file(b"x")


async def test_a_full_disk_refuses_and_keeps_nothing(nights):
    nights.shelf.full = True
    with pytest.raises(StorageUnavailable):
        await nights.file(b"x")
    assert nights.files.rows == []


async def test_files_whose_time_is_over_are_swept(nights):
    await nights.file(b"old")
    nights.clock.time_ms += DAY_MS
    young = await nights.file(b"new")
    nights.clock.time_ms += DAY_MS
    assert await nights.file_service.sweep() == 1
    assert list(nights.shelf.contents) == [young]


async def test_a_file_that_a_batch_reads_stays(nights):
    nights.box.refusals = []
    nights.box.script = lambda run: run.cancelled.wait()
    batch = await nights.batch(b'{"custom_id":"a","method":"POST","url":"/v1/echo","body":{"say":"a"}}')
    with pytest.raises(Conflict):
        await nights.file_service.delete(ADA, batch.input_file_id)
    nights.clock.time_ms += 3 * DAY_MS
    assert await nights.file_service.sweep() == 0
    for run in nights.box.runs:
        run._over.set()


@pytest.mark.parametrize(
    ("wished_s", "taken"), [(3600, True), (172_800, True), (3599, False), (172_801, False)]
)
async def test_a_file_may_live_shorter_than_others_and_no_longer(nights, wished_s, taken):
    async with nights.file_service.uploading(ADA) as upload:
        if taken:
            file = await upload.keep(name="a", purpose="batch", lives_s=wished_s)
            assert file.expires_ms == nights.clock.time_ms + 1000 * wished_s
        else:
            with pytest.raises(BadRequest):
                await upload.keep(name="a", purpose="batch", lives_s=wished_s)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("lines.jsonl", "lines.jsonl"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\in.jsonl", "in.jsonl"),
        ("/", "file"),
        ("", "file"),
        ("..", ".."),
        ("a\x00b\x1b[31mc\n", "ab[31mc"),
        ("gp\u202egpj.exe", "gpgpj.exe"),
        ("\u2066x\u2069\u200b", "x"),
        ("Übung 1.jsonl", "Übung 1.jsonl"),
        ("x" * 999, "x" * 255),
    ],
)
def test_a_name_is_a_label_fit_to_be_shown(name, label):
    assert label_of(name) == label
