"""Which models should run: what brings them back after a restart."""

from collections.abc import Sequence

from appliance.domain.clock import Clock
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_ADD = (
    "INSERT INTO wanted_model (model_id, since_ms) VALUES (:model, :now_ms) ON CONFLICT (model_id) DO NOTHING"
)
_REMOVE = "DELETE FROM wanted_model WHERE model_id = :model"
_ALL = "SELECT model_id FROM wanted_model ORDER BY rowid"


class WantedModelTable:
    """A set of model ids, in the order in which they were asked for."""

    def __init__(self, writer: Writer, reader: Reader, clock: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock

    async def add(self, model_id: str) -> None:
        """Want a model from now on. Wanting it twice is wanting it."""
        row = {"model": model_id, "now_ms": self._clock.now_ms()}
        await self._writer.run(lambda database: database.execute(_ADD, row).rowcount)

    async def remove(self, model_id: str) -> None:
        """Want it no more."""
        await self._writer.run(lambda database: database.execute(_REMOVE, {"model": model_id}).rowcount)

    async def all(self) -> Sequence[str]:
        """Every wanted model, oldest wish first."""
        return await self._reader.run(lambda database: [str(row["model_id"]) for row in database.query(_ALL)])
