"""The life of a batch as steps from one state to the next. Pure; a step that is not allowed is refused.

validating -> in_progress -> finalizing -> completed, with failed, expired and cancelled as other ends. What a
batch becomes after its files are written is decided when its lines end: ``Batch.ending``. A pause is no
state of its own, since OpenAI's clients know none: ``Batch.paused_ms`` stands beside the first two.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from appliance.domain.batches import Batch, BatchFault, BatchStatus
from appliance.errors import Conflict

_WORKS: Final = frozenset({BatchStatus.VALIDATING, BatchStatus.IN_PROGRESS})


def begun(batch: Batch, *, total: int, now_ms: int) -> Batch:
    """Its lines are read and may be computed. A batch that was cancelled meanwhile stays so."""
    counted = replace(batch, counts=replace(batch.counts, total=total))
    if batch.status is BatchStatus.VALIDATING:
        return replace(counted, status=BatchStatus.IN_PROGRESS, in_progress_ms=now_ms)
    return counted


def refused(batch: Batch, faults: Sequence[BatchFault], *, now_ms: int) -> Batch:
    """Its lines cannot be read."""
    return replace(batch, status=BatchStatus.FAILED, faults=tuple(faults), ended_ms=now_ms, paused_ms=None)


def paused(batch: Batch, *, now_ms: int) -> Batch:
    """No more lines of it for now; once more is once. Raises ``Conflict`` for one that does not work."""
    if batch.status not in _WORKS:
        raise Conflict(f"The batch is {batch.status.value}; only one that works can be paused.")
    return batch if batch.paused_ms is not None else replace(batch, paused_ms=now_ms)


def resumed(batch: Batch, *, now_ms: int) -> Batch:
    """It goes on, and ends later by as long as it was held up: its owner was promised so many hours of work.
    One that goes on stays as it is. Raises ``Conflict`` for one that does not work.
    """
    if batch.status not in _WORKS:
        raise Conflict(f"The batch is {batch.status.value}; there is nothing to go on with.")
    if batch.paused_ms is None:
        return batch
    held_up_ms = max(0, now_ms - batch.paused_ms)
    return replace(batch, paused_ms=None, expires_ms=batch.expires_ms + held_up_ms)


def cancelling(batch: Batch, *, now_ms: int) -> Batch:
    """Its owner wants no more of it; once more is once. Raises ``Conflict`` for one that has ended."""
    if batch.status is BatchStatus.CANCELLING:
        return batch
    if batch.status not in _WORKS:
        raise Conflict(f"The batch is {batch.status.value}; only one that works can be cancelled.")
    return replace(
        batch,
        status=BatchStatus.CANCELLING,
        ending=BatchStatus.CANCELLED,
        cancelling_ms=now_ms,
        paused_ms=None,
    )


def finalizing(batch: Batch, *, ending: BatchStatus, now_ms: int, faults: Sequence[BatchFault] = ()) -> Batch:
    """No line is computed any more. One that is being cancelled shows that until its end."""
    if batch.status is BatchStatus.CANCELLING or batch.over:
        return batch
    return replace(
        batch,
        status=BatchStatus.FINALIZING,
        ending=ending,
        finalizing_ms=now_ms,
        faults=tuple(faults),
        paused_ms=None,
    )


def ended(batch: Batch, *, output: str | None, errors: str | None, now_ms: int) -> Batch:
    """Its files are written."""
    return replace(batch, status=batch.ending, output_file_id=output, error_file_id=errors, ended_ms=now_ms)
