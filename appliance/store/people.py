"""Rows of persons. A row stays for good; erasing a person empties what tells who they were."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.people import Person, Role
from appliance.errors import Conflict
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_INSERT: Final = """
INSERT INTO person (id, name, created_ms, email, role, login, ended_ms, erased_ms)
VALUES (:id, :name, :created_ms, :email, :role, :login, :ended_ms, :erased_ms) ON CONFLICT (id) DO NOTHING
"""
_CHANGE: Final = """
UPDATE person SET name = :name, email = :email, role = :role, login = :login,
    ended_ms = :ended_ms, erased_ms = :erased_ms
WHERE id = :id
"""
_LOGIN_TAKEN: Final = "SELECT 1 FROM person WHERE login = :login AND login <> '' AND id <> :id"
_ALL: Final = "SELECT * FROM person ORDER BY rowid"


class PersonTable:
    """Adds, changes and lists persons."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, person: Person) -> None:
        """Remember somebody. Raises ``Conflict`` where the id, or the user of this machine, is taken."""
        await self._writer.run(lambda database: insert_person(database, person))

    async def change(self, person: Person) -> None:
        """Replace what is known of the person of this id.

        Raises ``Conflict`` where the user of this machine is another person.
        """
        await self._writer.run(lambda database: replace_person(database, person))

    async def all(self) -> Sequence[Person]:
        """Everybody, oldest first."""
        return await self._reader.run(lambda database: [_person(row) for row in database.query(_ALL)])


def insert_person(database: Database, person: Person) -> None:
    """Within a job of the writer. Raises as ``PersonTable.add``."""
    _require_free_login(database, person)
    if database.execute(_INSERT, _row(person)).rowcount == 0:
        raise Conflict("A person of this id exists. Choose another id.", param="person")


def replace_person(database: Database, person: Person) -> None:
    """Within a job of the writer. Raises as ``PersonTable.change``."""
    _require_free_login(database, person)
    database.execute(_CHANGE, _row(person))


def _require_free_login(database: Database, person: Person) -> None:
    if database.execute(_LOGIN_TAKEN, {"login": person.login, "id": person.id}).fetchone():
        raise Conflict(
            "This user of the machine is another person already. `carrel person list` shows who.",
            param="login",
        )


def _row(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "name": person.name,
        "created_ms": person.created_ms,
        "email": person.email,
        "role": person.role.value,
        "login": person.login,
        "ended_ms": person.ended_ms,
        "erased_ms": person.erased_ms,
    }


def _person(row: Mapping[str, Any]) -> Person:
    return Person(
        id=row["id"],
        name=row["name"],
        created_ms=row["created_ms"],
        email=row["email"],
        role=Role(row["role"]),
        login=row["login"],
        ended_ms=row["ended_ms"],
        erased_ms=row["erased_ms"],
    )
