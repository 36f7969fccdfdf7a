"""Which models should run, and how: what brings them back after a restart."""

from collections.abc import Mapping
from typing import Any, Final

from appliance.domain.clock import Clock
from appliance.domain.running import RunWishes
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_ADD: Final = """
INSERT INTO wanted_model (model_id, since_ms, replicas, seats, context_tokens, gpus, deterministic)
VALUES (:model, :now_ms, :replicas, :seats, :context_tokens, :gpus, :deterministic)
ON CONFLICT (model_id) DO UPDATE SET
    replicas = excluded.replicas,
    seats = excluded.seats,
    context_tokens = excluded.context_tokens,
    gpus = excluded.gpus,
    deterministic = excluded.deterministic
"""
_REMOVE: Final = "DELETE FROM wanted_model WHERE model_id = :model"
_ALL: Final = "SELECT * FROM wanted_model ORDER BY rowid"


class WantedModelTable:
    """Model ids with the wishes of their operator, in the order in which they were first asked for."""

    def __init__(self, writer: Writer, reader: Reader, clock: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock

    async def add(self, model_id: str, wishes: RunWishes | None = None) -> None:
        """Want a model from now on. Wanting it again changes the wishes and not its place."""
        row = {"model": model_id, "now_ms": self._clock.now_ms(), **_columns(wishes or RunWishes())}
        await self._writer.run(lambda database: database.execute(_ADD, row).rowcount)

    async def remove(self, model_id: str) -> None:
        """Want it no more."""
        await self._writer.run(lambda database: database.execute(_REMOVE, {"model": model_id}).rowcount)

    async def all(self) -> Mapping[str, RunWishes]:
        """Every wanted model, oldest wish first."""
        return await self._reader.run(
            lambda database: {str(row["model_id"]): _wishes(row) for row in database.query(_ALL)}
        )


def _columns(wishes: RunWishes) -> dict[str, str | int | None]:
    return {
        "replicas": wishes.replicas,
        "seats": wishes.seats,
        "context_tokens": wishes.context_tokens,
        # An empty text is the wish for no GPU; NULL leaves the choice open.
        "gpus": None if wishes.gpus is None else ",".join(str(index) for index in wishes.gpus),
        "deterministic": int(wishes.deterministic),
    }


def _wishes(row: Mapping[str, Any]) -> RunWishes:
    gpus: str | None = row["gpus"]
    return RunWishes(
        replicas=row["replicas"],
        seats=row["seats"],
        context_tokens=row["context_tokens"],
        gpus=None if gpus is None else tuple(int(index) for index in gpus.split(",") if index),
        deterministic=bool(row["deterministic"]),
    )
