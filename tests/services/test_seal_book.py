"""Seals are asked for by threads at once, and written to the store a moment later."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.verification import FileSeal
from appliance.errors import StorageUnavailable
from appliance.services.verifying.seals import SealBook
from tests.admin.fake_box import SilentLog

SEAL = FileSeal("tiny", "tiny.gguf", "a" * 64, 1, 2, 3, 4, 5, 6)


class FakeTable:
    def __init__(self, *seals: FileSeal) -> None:
        self.rows = {(one.recipe_id, one.name): one for one in seals}
        self.full = False
        self.written = asyncio.Event()

    async def keep(self, seal: FileSeal) -> None:
        if self.full:
            raise StorageUnavailable("The disk is full.")
        self.rows[seal.recipe_id, seal.name] = seal
        self.written.set()

    async def forget(self, recipe_id: str, name: str) -> None:
        self.rows.pop((recipe_id, name), None)

    async def all(self) -> list[FileSeal]:
        return list(self.rows.values())


@pytest.fixture
def log() -> SilentLog:
    return SilentLog()


async def test_what_was_kept_before_is_known_after_a_restart(log):
    book = SealBook(FakeTable(SEAL), log)
    await book.load()
    assert book.of("tiny", "tiny.gguf") == SEAL
    assert book.of("tiny", "other.gguf") is None


async def test_a_thread_keeps_a_seal_and_it_is_written(log):
    table = FakeTable()
    book = SealBook(table, log)
    await book.load()
    writing = asyncio.create_task(book.write())
    await asyncio.to_thread(book.keep, SEAL)
    assert book.of("tiny", "tiny.gguf") == SEAL
    await table.written.wait()
    assert list(table.rows.values()) == [SEAL]
    writing.cancel()


async def test_what_is_not_written_yet_is_written_at_the_end(log):
    table = FakeTable()
    book = SealBook(table, log)
    await book.load()
    book.keep(SEAL)
    await book.flush()
    assert list(table.rows.values()) == [SEAL]


async def test_a_file_that_is_wrong_is_an_event_in_the_log(log):
    book = SealBook(FakeTable(), log)
    book.keep(SEAL)
    assert log.records == []
    book.keep(replace(SEAL, reason="tiny.gguf is another file."))
    ((level, event, fields),) = log.records
    assert (level, event, fields["model"], fields["file"]) == (
        "error",
        "model_file_wrong",
        "tiny",
        "tiny.gguf",
    )


async def test_a_full_disk_costs_a_seal_and_nothing_else(log):
    table = FakeTable()
    table.full = True
    book = SealBook(table, log)
    await book.load()
    book.keep(SEAL)
    await book.flush()
    assert book.of("tiny", "tiny.gguf") == SEAL
    assert [event for _, event, _ in log.records] == ["seal_not_kept"]


async def test_files_that_are_gone_are_forgotten(log):
    table = FakeTable(SEAL, replace(SEAL, name="other.gguf"))
    book = SealBook(table, log)
    await book.load()
    await book.forget("tiny", ["tiny.gguf", "never.gguf"])
    assert book.of("tiny", "tiny.gguf") is None
    assert [name for _, name in table.rows] == ["other.gguf"]
