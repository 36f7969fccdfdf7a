"""Batches: many requests in one file, answered when nobody else wants the box."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appliance.domain.people import Caller


class BatchStatus(StrEnum):
    """Where a batch stands, in OpenAI's words."""

    VALIDATING = "validating"
    IN_PROGRESS = "in_progress"
    FINALIZING = "finalizing"
    """Every line has its end; the files are being written."""
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


OVER: Final = frozenset({
    BatchStatus.COMPLETED, BatchStatus.FAILED, BatchStatus.EXPIRED, BatchStatus.CANCELLED,
})  # fmt: skip
"""A batch in one of these never changes again."""


@dataclass(frozen=True, slots=True)
class BatchFault:
    """Why a batch failed as a whole. ``line`` counts from 1."""

    code: str
    message: str
    line: int | None = None
    param: str | None = None


@dataclass(frozen=True, slots=True)
class LineCounts:
    """Lines of a batch: all, answered, and those whose answer is an error."""

    total: int = 0
    completed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch. ``ending`` is what it becomes once its files are written. Times in ms since 1970 UTC; None
    for what has not happened. ``paused_ms`` says since when an operator holds it up; None for one that goes
    on.
    """

    id: str
    caller: Caller
    endpoint: str
    input_file_id: str
    completion_window: str
    created_ms: int
    expires_ms: int
    metadata: tuple[tuple[str, str], ...] = ()
    status: BatchStatus = BatchStatus.VALIDATING
    ending: BatchStatus = BatchStatus.COMPLETED
    counts: LineCounts = LineCounts()
    in_progress_ms: int | None = None
    finalizing_ms: int | None = None
    cancelling_ms: int | None = None
    ended_ms: int | None = None
    paused_ms: int | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    faults: tuple[BatchFault, ...] = ()

    @property
    def over(self) -> bool:
        """Whether it will not change any more."""
        return self.status in OVER


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """The end of one line: an HTTP status and the JSON body that goes with it. ``line`` counts from 1."""

    batch_id: str
    line: int
    custom_id: str
    request_id: str
    status: int
    body: bytes

    @property
    def succeeded(self) -> bool:
        """Whether it goes into the output file, and not into that of errors."""
        return self.status < 400
