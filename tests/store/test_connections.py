"""Every connection carries every pragma, and only one of them can write."""

import sqlite3

import pytest

from appliance.store.connection import connect_reader, connect_writer
from appliance.store.store import Store

FULL = 2


def pragma(database, name):
    return database.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.fixture
def connections(path, store):
    opened = [connect_writer(path), connect_reader(path), connect_reader(path)]
    yield [*opened, store._writer._database, store._reader._database]
    for database in opened:
        database.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", FULL),
        ("foreign_keys", 1),
        ("busy_timeout", 5000),
        ("mmap_size", 0),
    ],
)
def test_every_connection_has_the_pragma(connections, name, value):
    assert [pragma(database, name) for database in connections] == [value] * len(connections)


def test_readers_neither_write_nor_checkpoint(path, store):
    reader = connect_reader(path)
    assert pragma(reader, "wal_autocheckpoint") == 0
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM project")
    reader.close()


async def test_the_stores_own_reader_cannot_write(store):
    from appliance.errors import StorageUnavailable

    with pytest.raises(StorageUnavailable):
        await store._reader.run(lambda database: database.execute("DELETE FROM wanted_model"))


async def test_the_writer_checkpoints(path, clock):
    def checkpoints_often(path):
        database = connect_writer(path)
        database.execute("PRAGMA wal_autocheckpoint = 4")
        return database

    store = Store.open(path, clock, connect=checkpoints_often)
    for number in range(40):
        await store.wanted_models.add(f"model-{number}")
    wal = path.with_name("carrel.db-wal").stat().st_size
    store.close()
    assert wal < 40 * 4096
