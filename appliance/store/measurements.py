"""What models were found to take of memory: the last measurement of each, on GPUs and on the processor."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from appliance.domain.measurement import MemoryMeasurement
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_PUT: Final = """
INSERT OR REPLACE INTO memory_measurement (
    model_id, recipe_revision, on_gpus, engine_build, precision, gpus,
    planned_bytes, weight_bytes, cache_bytes, resident_bytes, gpu_bytes, measured_ms
)
VALUES (
    :model, :revision, :on_gpus, :engine_build, :precision, :gpus,
    :planned_bytes, :weight_bytes, :cache_bytes, :resident_bytes, :gpu_bytes, :measured_ms
)
"""
_LATEST: Final = """
SELECT * FROM memory_measurement
WHERE model_id = :model AND recipe_revision = :revision
ORDER BY measured_ms DESC, rowid DESC LIMIT 1
"""


class MeasurementTable:
    """A measurement replaces the one before it."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put(self, one: MemoryMeasurement) -> None:
        """Keep it."""
        row = {**asdict(one), "on_gpus": int(bool(one.gpus)), "gpus": ",".join(map(str, one.gpus))}
        await self._writer.run(lambda database: database.execute(_PUT, row).rowcount)

    async def latest(self, model: str, revision: int) -> MemoryMeasurement | None:
        """The last one of this model in this revision of its recipe."""
        row = {"model": model, "revision": revision}
        found = await self._reader.run(lambda database: list(database.query(_LATEST, row)))
        return _measurement(found[0]) if found else None


def _measurement(row: Mapping[str, Any]) -> MemoryMeasurement:
    return MemoryMeasurement(
        model=row["model_id"],
        revision=row["recipe_revision"],
        engine_build=row["engine_build"],
        precision=row["precision"],
        gpus=tuple(int(gpu) for gpu in row["gpus"].split(",") if gpu),
        planned_bytes=row["planned_bytes"],
        weight_bytes=row["weight_bytes"],
        cache_bytes=row["cache_bytes"],
        resident_bytes=row["resident_bytes"],
        gpu_bytes=row["gpu_bytes"],
        measured_ms=row["measured_ms"],
    )
