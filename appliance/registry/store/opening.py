"""Opens the registry's database by its address."""

from pathlib import Path
from typing import Final

from appliance.errors import ConfigInvalid
from appliance.registry.store.database import Database
from appliance.registry.store.migrating import migrate
from appliance.registry.store.postgres import PostgresDatabase
from appliance.registry.store.sqlite import SqliteDatabase

_SQLITE: Final = "sqlite:///"
_POSTGRES: Final = ("postgresql://", "postgres://")


def open_database(url: str) -> Database:
    """With every table that this version knows. ``url`` is ``sqlite:///`` with a path behind it (an absolute
    one begins with a fourth slash), or ``postgresql://…`` as libpq takes it.

    Raises ``ConfigInvalid`` for another address, ``Conflict`` for a database of a newer Carrel,
    ``StorageUnavailable``.
    """
    database = _opened(url)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def _opened(url: str) -> Database:
    if url.startswith(_SQLITE) and len(url) > len(_SQLITE):
        return SqliteDatabase(Path(url.removeprefix(_SQLITE)))
    if url.startswith(_POSTGRES):
        return PostgresDatabase(url)
    raise ConfigInvalid(
        "The registry's database is `sqlite:///` with a path behind it, or `postgresql://` with an address."
    )
