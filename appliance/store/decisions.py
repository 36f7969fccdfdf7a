"""What gates decided, a row for each kind of decision within a minute."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.decision import Decided, DecisionCount
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_ADD: Final = """
INSERT INTO decision (minute_ms, verdict, gate, rule, restriction, key_id, person_id, project_id, model_id,
    count, last_ms)
VALUES (:minute_ms, :verdict, :gate, :rule, :restriction, :key, :person, :project, :model, :count, :last_ms)
ON CONFLICT DO UPDATE SET count = count + excluded.count, last_ms = max(last_ms, excluded.last_ms)
"""
_LIST: Final = """
SELECT * FROM decision WHERE minute_ms >= :since_ms
    AND (:person IS NULL OR person_id = :person) AND (:project IS NULL OR project_id = :project)
    AND (:model IS NULL OR model_id = :model) AND (:rule IS NULL OR rule = :rule OR gate = :rule)
ORDER BY last_ms DESC LIMIT :limit
"""


class DecisionTable:
    """Adds and lists them. Retention forgets them."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, counts: Sequence[DecisionCount]) -> None:
        """Count them, in one commit."""

        def job(database: Database) -> None:
            for one in counts:
                database.execute(_ADD, _row(one))

        await self._writer.run(job)

    async def list(
        self,
        *,
        since_ms: int,
        limit: int,
        person: str | None = None,
        project: str | None = None,
        model: str | None = None,
        rule: str | None = None,
    ) -> Sequence[DecisionCount]:
        """Of minutes that began at ``since_ms`` or later, the latest first. ``rule`` is a rule's name or a
        gate's.
        """
        where = {
            "since_ms": since_ms,
            "limit": limit,
            "person": person,
            "project": project,
            "model": model,
            "rule": rule,
        }
        return await self._reader.run(lambda database: [_count(row) for row in database.query(_LIST, where)])


def _row(one: DecisionCount) -> dict[str, object]:
    decided = one.decided
    return {
        "minute_ms": decided.minute_ms,
        "verdict": decided.verdict,
        "gate": decided.gate,
        "rule": decided.rule,
        "restriction": decided.restriction,
        "key": decided.key,
        "person": decided.person,
        "project": decided.project,
        "model": decided.model,
        "count": one.count,
        "last_ms": one.last_ms,
    }


def _count(row: Mapping[str, Any]) -> DecisionCount:
    decided = Decided(
        minute_ms=row["minute_ms"],
        verdict=row["verdict"],
        gate=row["gate"],
        rule=row["rule"],
        restriction=row["restriction"],
        key=row["key_id"],
        person=row["person_id"],
        project=row["project_id"],
        model=row["model_id"],
    )
    return DecisionCount(decided, row["count"], row["last_ms"])
