"""Batches as operators see them: everybody's, and how to hold one up or end it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from appliance.domain.batches import Batch
from appliance.domain.results import BatchList, BatchSummary, Result
from appliance.errors import CarrelError, NotFound
from appliance.services.batches.checking import model_of, read_head
from appliance.services.batches.lines import READ_BYTES
from appliance.services.files import Shelf

PAUSED: Final = "paused"
"""Not a word of OpenAI's: to its owner a batch that is held up is one that works."""
MOST: Final = 200
"""Batches that are listed at once."""


class AllBatches(Protocol):
    """Where batches of everybody are found."""

    async def all(self, limit: int) -> tuple[Sequence[Batch], int]:
        """Those that are not over first, the newest of each first; and how many there are in all."""
        ...


class Work(Protocol):
    """The work on batches, whoever's they are. All raise ``NotFound``, and ``Conflict`` for one that does not
    work.
    """

    async def pause(self, batch_id: str) -> Batch:
        """Begin no more lines until ``resume``."""
        ...

    async def resume(self, batch_id: str) -> Batch:
        """Go on."""
        ...

    async def cancel_any(self, batch_id: str) -> Batch:
        """Begin no more lines."""
        ...


class BatchOperating:
    """``work`` is asked when a verb needs it: it is made after this."""

    def __init__(self, batches: AllBatches, shelf: Shelf, work: Callable[[], Work]) -> None:
        self._batches = batches
        self._shelf = shelf
        self._work = work
        self._models: dict[str, str] = {}
        """Of those that were listed last: an input file never changes."""

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "batch.list": self.list_batches,
            "batch.pause": self.pause,
            "batch.resume": self.resume,
            "batch.cancel": self.cancel,
        }

    async def list_batches(self) -> BatchList:
        """``batch list``."""
        found, count = await self._batches.all(MOST)
        self._models = {one.id: await self._model(one) for one in found}
        shown = tuple(summary_of(one, self._models[one.id]) for one in found)
        return BatchList(batches=shown, left_out=count - len(shown))

    async def pause(self, *, batch: str) -> BatchSummary:
        """``batch pause``. Raises ``NotFound``; ``Conflict`` for one that is over."""
        return await self._changed(batch, self._work().pause)

    async def resume(self, *, batch: str) -> BatchSummary:
        """``batch resume``. Raises ``NotFound``; ``Conflict`` for one that is over."""
        return await self._changed(batch, self._work().resume)

    async def cancel(self, *, batch: str) -> BatchSummary:
        """``batch cancel``. Raises ``NotFound``; ``Conflict`` for one that is over."""
        return await self._changed(batch, self._work().cancel_any)

    async def _changed(self, batch: str, change: Callable[[str], Awaitable[Batch]]) -> BatchSummary:
        try:
            changed = await change(batch)
        except NotFound:
            raise NotFound(
                f"There is no batch {batch}; `carrel batch list` shows them.", param="batch"
            ) from None
        return summary_of(changed, await self._model(changed))

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
        state=batch.status.value if batch.paused_ms is None else PAUSED,
        total=counts.total,
        completed=counts.completed,
        failed=counts.failed,
        created_ms=batch.created_ms,
        expires_ms=batch.expires_ms,
        ended_ms=batch.ended_ms,
        reason=batch.faults[0].message if batch.faults else None,
    )
