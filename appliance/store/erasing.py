"""What the tables have of one person, or of one key that is of nobody in particular: exported, and erased in
one transaction.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlite_utils import Database

from appliance.store.personal_table import PersonalTable, mine, renamings
from appliance.store.personal_tables import TABLES
from appliance.store.reader import Reader
from appliance.store.writer import Writer

Value = str | int | None
_BY_NAME: Final = {one.name: one for one in TABLES}
_NEW_PERSON: Final = """
INSERT INTO person (id, name, created_ms, role, ended_ms, erased_ms)
SELECT :new, '', created_ms, 'member', coalesce(ended_ms, :now_ms), :now_ms FROM person WHERE id = :old
"""
_END_KEYS: Final = "UPDATE key SET revoked_ms = coalesce(revoked_ms, :now_ms) WHERE person_id = :new"
_END_KEY: Final = "UPDATE key SET revoked_ms = coalesce(revoked_ms, :now_ms) WHERE id = :old"
_UNSETTLED: Final = """
SELECT (SELECT count(*) FROM usage WHERE outcome = 'held' AND :id IN (person_id, key_id))
    + (SELECT count(*) FROM batch WHERE ended_ms IS NULL AND :id IN (person_id, key_id))
"""
# Guards of tables that are only ever added to: they come back before anybody else sees the table.
_GUARDS: Final = """
SELECT name, sql FROM sqlite_master
WHERE type = 'trigger' AND tbl_name IN (SELECT value FROM json_each(:tables))
"""
_ADDED_TO: Final = ("adjustment", "restriction")


@dataclass(frozen=True, slots=True)
class Exported:
    """Rows of one table; ``left_out`` more were there."""

    table: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows were changed and deleted."""

    changed: int
    deleted: int


class PersonalRecords:
    """``of_key`` throughout: the id is that of a key, not of a person."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def export(
        self, id: str, *, of_key: bool, limit: int, project: str | None = None
    ) -> Sequence[Exported]:
        """What there is, at most ``limit`` rows a table. With a ``project`` what is of that one, and what is
        of the person in all alike.
        """
        values: dict[str, Value] = {"old": id, "limit": limit, "project": project}

        def query(database: Database) -> list[Exported]:
            found = [_exported(database, table, values, of_key=of_key) for table in TABLES]
            return [one for one in found if one is not None and one.rows]

        return await self._reader.run(query)

    async def unsettled(self, id: str) -> int:
        """Requests and batches that have not ended yet."""
        return await self._reader.run(
            lambda database: int(database.execute(_UNSETTLED, {"id": id}).fetchone()[0])
        )

    async def erase_person(self, old: str, new: str, now_ms: int) -> Erased:
        """``new`` stands in the place of ``old`` from now on, in every table but the audit log."""
        values: dict[str, Value] = {"old": old, "new": new, "now_ms": now_ms}

        def job(database: Database) -> Erased:
            database.execute(_NEW_PERSON, values)
            erased = _emptied(database, values, of_key=False)
            changed = _unguarded(database, values)
            database.execute(_END_KEYS, values)
            database.execute("DELETE FROM person WHERE id = :old", values)
            return Erased(erased.changed + changed, erased.deleted)

        return await self._writer.run(job)

    async def erase_key(self, id: str, now_ms: int) -> Erased:
        """What was said and kept with a key. Its id, which is of nobody, stays."""
        values: dict[str, Value] = {"old": id, "now_ms": now_ms}

        def job(database: Database) -> Erased:
            database.execute(_END_KEY, values)
            return _emptied(database, values, of_key=True)

        return await self._writer.run(job)


def _exported(
    database: Database, table: PersonalTable, values: dict[str, Value], *, of_key: bool
) -> Exported | None:
    condition = mine(table, _BY_NAME, of_key=of_key, in_project=values["project"] is not None)
    if not table.about or not condition:
        return None
    every = [
        str(row["name"]) for row in database.query("SELECT name FROM pragma_table_info(?)", (table.name,))
    ]
    columns = tuple(name for name in every if name not in table.hidden)
    shown = ", ".join(columns)
    where = f"FROM {table.name} WHERE {condition}"
    # Names are those of the registry and of the schema.
    rows = database.execute(f"SELECT {shown} {where} LIMIT :limit", values).fetchall()
    count = int(database.execute(f"SELECT count(*) {where}", values).fetchone()[0])
    told = tuple(tuple(_told(value) for value in row) for row in rows)
    return Exported(table.name, table.about, columns, told, count - len(rows))


def _told(value: object) -> Value:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str | int) or value is None else str(value)


def _emptied(database: Database, values: dict[str, Value], *, of_key: bool) -> Erased:
    """Delete rows, then empty texts: what is found through another table must still be found."""
    changed = deleted = 0
    for table in TABLES:
        condition = mine(table, _BY_NAME, of_key=of_key)
        if table.deleted and condition:
            deleted += database.execute(f"DELETE FROM {table.name} WHERE {condition}", values).rowcount  # noqa: S608  # nosec B608
    for table in TABLES:
        condition = mine(table, _BY_NAME, of_key=of_key)
        if table.emptied and condition:
            sets = ", ".join(f"{column} = :to_{column}" for column, _ in table.emptied)
            to = {f"to_{column}": value for column, value in table.emptied}
            sql = f"UPDATE {table.name} SET {sets} WHERE {condition}"  # noqa: S608  # nosec B608
            changed += database.execute(sql, {**values, **to}).rowcount
    return Erased(changed, deleted)


def _unguarded(database: Database, values: dict[str, Value]) -> int:
    """Rename everywhere, with the guards of tables that are never changed put aside meanwhile."""
    found = database.query(_GUARDS, {"tables": json.dumps(_ADDED_TO)})
    guards = [(str(row["name"]), str(row["sql"])) for row in found]
    for name, _ in guards:
        database.execute(f'DROP TRIGGER "{name}"')
    changed = 0
    for table in TABLES:
        for statement in renamings(table):
            changed += database.execute(statement, values).rowcount
    for _, sql in guards:
        database.execute(sql)
    return changed
