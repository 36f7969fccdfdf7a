"""Answers ``person export``: everything that is kept about somebody, for them or at their wish.

With a key it is what is kept in the key's project: who made the key may not be the person.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.people import Person
from appliance.domain.results import ExportedTable, PersonExport, Result
from appliance.services.privacy.ports import Exported, Keys, Persons, Records
from appliance.services.privacy.subject import subject_of

MOST_ROWS: Final = 20_000
"""Of one table; `left_out` says how many more there are."""
_PERSON: Final = ("id", "name", "email", "login", "role", "created_ms", "ended_ms", "erased_ms")
_TO_A_KEY: Final = ("id", "name", "created_ms", "ended_ms", "erased_ms")
ELSEWHERE: Final = (
    "The box's log has ids of requests, times and states; it is kept for some days and is not shown here.",
    "The audit log names them where they changed something as lead or reviewer; see `carrel audit list`.",
    "Who decided something about others is not shown here.",
    "The contents of their files are at GET /v1/files with their key.",
)


class Exporting:
    """Shows; changes nothing."""

    def __init__(self, records: Records, persons: Persons, keys: Keys, clock: Clock) -> None:
        self._records = records
        self._persons = persons
        self._keys = keys
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"person.export": self.export}

    async def export(self, *, person: str, actor: Actor) -> PersonExport:
        """All of it to operators, that of the key's project to whoever asks by key. Raises ``NotFound``,
        ``BadRequest``.
        """
        whose = await subject_of(person, self._persons, self._keys)
        # Only at the socket is nobody's project.
        project = actor.project or None
        found = await self._records.export(person, of_key=whose.of_key, limit=MOST_ROWS, project=project)
        columns = _PERSON if project is None else _TO_A_KEY
        own = [] if whose.person is None else [_person(whose.person, columns)]
        return PersonExport(
            person=person,
            at_ms=self._clock.now_ms(),
            tables=(*own, *(_table(one) for one in found)),
            elsewhere=ELSEWHERE if project is None else (_of_one_project(person, project), *ELSEWHERE),
            project=actor.project,
        )


def _of_one_project(person: str, project: str) -> str:
    return (
        f"This is what is kept in the project {project}, which the key is of, and in none; without their "
        "address and their user on the box. Who runs the box can give them the whole: "
        f"`carrel person export {person}`."
    )


def _person(person: Person, columns: tuple[str, ...]) -> ExportedTable:
    row = tuple(getattr(person, name) for name in columns)
    return ExportedTable(table="person", about="who they are", columns=columns, rows=(row,), left_out=0)


def _table(one: Exported) -> ExportedTable:
    return ExportedTable(
        table=one.table, about=one.about, columns=one.columns, rows=one.rows, left_out=one.left_out
    )
