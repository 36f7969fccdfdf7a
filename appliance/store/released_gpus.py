"""Which GPUs an operator has released: Carrel leaves them alone until they are taken back."""

from appliance.domain.clock import Clock
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_ADD = "INSERT INTO released_gpu (gpu, since_ms) VALUES (:gpu, :now_ms) ON CONFLICT (gpu) DO NOTHING"
_REMOVE = "DELETE FROM released_gpu WHERE gpu = :gpu"
_ALL = "SELECT gpu FROM released_gpu"


class ReleasedGpuTable:
    """A set of GPU numbers, as the driver counts them."""

    def __init__(self, writer: Writer, reader: Reader, clock: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock

    async def add(self, gpu: int) -> None:
        """Release a GPU. Releasing it twice is releasing it."""
        row = {"gpu": gpu, "now_ms": self._clock.now_ms()}
        await self._writer.run(lambda database: database.execute(_ADD, row).rowcount)

    async def remove(self, gpu: int) -> None:
        """Take it back."""
        await self._writer.run(lambda database: database.execute(_REMOVE, {"gpu": gpu}).rowcount)

    async def all(self) -> frozenset[int]:
        """Every released GPU."""
        return await self._reader.run(
            lambda database: frozenset(int(row["gpu"]) for row in database.query(_ALL))
        )
