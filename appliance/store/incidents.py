"""Rows of incidents. A row is written anew whenever something was added to it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.oversight import Incident, Level
from appliance.errors import NotFound
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_SAVE: Final = """
INSERT INTO incident (
    id, wire, holder, person_id, project_id, key_id, level, score, count, trips, first_ms, last_ms, raised_ms,
    state, explained_by, verdict, reason, decided_by, decided_ms, until_ms, appeal, appealed_ms
) VALUES (
    :id, :wire, :holder, :person_id, :project_id, :key_id, :level, :score, :count, :trips, :first_ms,
    :last_ms, :raised_ms, :state, :explained_by, :verdict, :reason, :decided_by, :decided_ms, :until_ms,
    :appeal, :appealed_ms
) ON CONFLICT (id) DO UPDATE SET
    level = :level, score = :score, count = :count, trips = :trips, last_ms = :last_ms,
    raised_ms = :raised_ms, state = :state, explained_by = :explained_by, verdict = :verdict,
    reason = :reason, decided_by = :decided_by, decided_ms = :decided_ms, until_ms = :until_ms,
    appeal = :appeal, appealed_ms = :appealed_ms
"""
_STANDING: Final = "SELECT * FROM incident WHERE state <> 'expired' ORDER BY seq"
_ONE: Final = "SELECT * FROM incident WHERE id = :id"
_PAGE: Final = """
SELECT * FROM incident
WHERE (:project IS NULL OR project_id = :project) AND (:state IS NULL OR state = :state)
ORDER BY seq DESC LIMIT :limit
"""


class IncidentTable:
    """Saves and lists; takes nothing out but what retention asks for."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def save(self, incidents: Sequence[Incident]) -> None:
        """All of them in one commit, each new or in place of what was saved under its id."""
        rows = [{**asdict(one), "level": one.level.value} for one in incidents]

        def job(database: Database) -> None:
            for row in rows:
                database.execute(_SAVE, row)

        await self._writer.run(job)

    async def standing(self) -> Sequence[Incident]:
        """Those that did not expire, oldest first; the time of some may be over."""
        return await self._reader.run(lambda database: [_incident(row) for row in database.query(_STANDING)])

    async def get(self, id: str) -> Incident:
        """Raises ``NotFound``."""
        rows = await self._reader.run(lambda database: list(database.query(_ONE, {"id": id})))
        if not rows:
            raise NotFound("No incident has this id. `carrel incident list` shows them.", param="id")
        return _incident(rows[0])

    async def page(self, *, project: str | None, state: str | None, limit: int) -> Sequence[Incident]:
        """The newest, of one project and in one state where those are given."""
        where = {"project": project, "state": state, "limit": limit}
        return await self._reader.run(
            lambda database: [_incident(row) for row in database.query(_PAGE, where)]
        )


def _incident(row: Mapping[str, Any]) -> Incident:
    fields = {name: value for name, value in row.items() if name != "seq"}
    return Incident(**{**fields, "level": Level(row["level"])})
