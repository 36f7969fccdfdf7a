"""Rows of models in early access, and of the people who may use them."""

from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.access import EarlyStage
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_PUT: Final = """
INSERT INTO early_stage (model_id, most, until_ms, started_ms) VALUES (:model, :most, :until_ms, :now_ms)
ON CONFLICT (model_id) DO UPDATE SET most = :most, until_ms = :until_ms
"""
_ADD: Final = """
INSERT INTO early_member (model_id, person_id, since_ms) VALUES (:model, :person, :now_ms)
ON CONFLICT DO NOTHING
"""
_LEAVE: Final = "DELETE FROM early_member WHERE model_id = :model AND person_id = :person"
_END: Final = "DELETE FROM early_stage WHERE model_id = :model"
_STAGES: Final = "SELECT * FROM early_stage ORDER BY started_ms, model_id"
_MEMBERS: Final = "SELECT model_id, person_id FROM early_member ORDER BY since_ms, person_id"


class EarlyStageTable:
    """The newest state of each stage; one that ended leaves no row."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put(self, stage: EarlyStage, now_ms: int) -> None:
        """A stage as it is from now on, with its people, in one commit."""

        def job(database: Database) -> None:
            known = {"model": stage.model}
            database.execute(
                _PUT, {**known, "most": stage.most, "until_ms": stage.until_ms, "now_ms": now_ms}
            )
            for person in _people(database, stage.model) - set(stage.people):
                database.execute(_LEAVE, {**known, "person": person})
            for person in stage.people:
                database.execute(_ADD, {**known, "person": person, "now_ms": now_ms})

        await self._writer.run(job)

    async def end(self, model: str) -> None:
        """It is over; one that is not there is fine."""

        def job(database: Database) -> None:
            for person in _people(database, model):
                database.execute(_LEAVE, {"model": model, "person": person})
            database.execute(_END, {"model": model})

        await self._writer.run(job)

    async def all(self) -> list[EarlyStage]:
        """Every one, oldest first."""

        def job(database: Database) -> list[EarlyStage]:
            members: list[dict[str, Any]] = list(database.query(_MEMBERS))
            return [
                EarlyStage(
                    row["model_id"],
                    row["most"],
                    row["until_ms"],
                    tuple(one["person_id"] for one in members if one["model_id"] == row["model_id"]),
                )
                for row in database.query(_STAGES)
            ]

        return await self._reader.run(job)


def _people(database: Database, model: str) -> set[str]:
    sql = "SELECT person_id FROM early_member WHERE model_id = :model"
    return {row["person_id"] for row in database.query(sql, {"model": model})}
