"""Batches as operators see them: everybody's, and how to end one."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from appliance.domain.batches import Batch
from appliance.domain.results import BatchList, BatchSummary, Result
from appliance.errors import CarrelError, NotFound
from appliance.services.batches.checking import model_of, read_head
from appliance.services.batches.lines import READ_BYTES
from appliance.services.files import Shelf

MOST: Final = 200
"""Batches that are listed at once."""


class AllBatches(Protocol):
    """Where batches of everybody are found."""

    async def all(self, limit: int) -> tuple[Sequence[Batch], int]:
        """Those that are not over first, the newest of each first; and how many there are in all."""
        ...


class BatchOperating:
    """``cancel`` ends the work on a batch, whoever's it is."""

    def __init__(self, batches: AllBatches, shelf: Shelf, cancel: Callable[[str], Awaitable[Batch]]) -> None:
        self._batches = batches
        self._shelf = shelf
        self._cancel = cancel
        self._models: dict[str, str] = {}
        """Of those that were listed last: an input file never changes."""

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"batch.list": self.list_batches, "batch.cancel": self.cancel}

    async def list_batches(self) -> BatchList:
        """``batch list``."""
        found, count = await self._batches.all(MOST)
        self._models = {one.id: await self._model(one) for one in found}
        shown = tuple(summary_of(one, self._models[one.id]) for one in found)
        return BatchList(batches=shown, left_out=count - len(shown))

    async def cancel(self, *, batch: str) -> BatchSummary:
        """``batch cancel``. Raises ``NotFound``; ``Conflict`` for one that is over."""
        try:
            ended = await self._cancel(batch)
        except NotFound:
            raise NotFound(
                f"There is no batch {batch}; `carrel batch list` shows them.", param="batch"
            ) from None
        return summary_of(ended, await self._model(ended))

    async def _model(self, batch: Batch) -> str:
        if batch.id in self._models:
            return self._models[batch.id]
        try:
            piece = await self._shelf.read(batch.input_file_id, 0, READ_BYTES)
        except CarrelError:
            return ""
        return first_model(piece)


def first_model(piece: bytes) -> str:
    """The model that the first line asks; empty where the piece does not hold it whole."""
    line = piece.lstrip().partition(b"\n")[0]
    try:
        return model_of(bytes(read_head(line).body))[:200]
    except ValueError:
        return ""


def summary_of(batch: Batch, model: str) -> BatchSummary:
    """As operators are shown it."""
    counts = batch.counts
    return BatchSummary(
        id=batch.id,
        person=batch.caller.person_id,
        project=batch.caller.project_id,
        endpoint=batch.endpoint,
        model=model,
        state=batch.status.value,
        total=counts.total,
        completed=counts.completed,
        failed=counts.failed,
        created_ms=batch.created_ms,
        expires_ms=batch.expires_ms,
        ended_ms=batch.ended_ms,
        reason=batch.faults[0].message if batch.faults else None,
    )
