"""A batch as OpenAI shows it, and the request that begins one."""

from typing import Annotated

import msgspec
from msgspec import Meta

from appliance.domain.batches import Batch, BatchStatus

MetadataKey = Annotated[str, Meta(min_length=1, max_length=64)]
MetadataValue = Annotated[str, Meta(max_length=512)]


class NewBatchBody(msgspec.Struct, frozen=True, kw_only=True):
    """The whole body."""

    input_file_id: Annotated[str, Meta(min_length=1, max_length=64)]
    endpoint: Annotated[str, Meta(min_length=1, max_length=64)]
    completion_window: Annotated[str, Meta(min_length=1, max_length=16)]
    metadata: Annotated[dict[MetadataKey, MetadataValue], Meta(max_length=16)] | None = None


class FaultBody(msgspec.Struct, frozen=True):
    """Why a batch failed as a whole."""

    code: str
    message: str
    param: str | None
    line: int | None


class FaultsBody(msgspec.Struct, frozen=True):
    """All of them."""

    data: list[FaultBody]
    object: str = "list"


class CountsBody(msgspec.Struct, frozen=True):
    """Lines of a batch."""

    total: int
    completed: int
    failed: int


class BatchBody(msgspec.Struct, frozen=True, kw_only=True):
    """One batch. Times in seconds since 1970 UTC."""

    id: str
    object: str = "batch"
    endpoint: str
    errors: FaultsBody | None
    input_file_id: str
    completion_window: str
    status: BatchStatus
    output_file_id: str | None
    error_file_id: str | None
    created_at: int
    in_progress_at: int | None
    expires_at: int
    finalizing_at: int | None
    completed_at: int | None
    failed_at: int | None
    expired_at: int | None
    cancelling_at: int | None
    cancelled_at: int | None
    request_counts: CountsBody
    metadata: dict[str, str] | None


def batch_body(batch: Batch) -> BatchBody:
    """The wire shape of a batch."""

    def ended_as(end: BatchStatus) -> int | None:
        return _seconds(batch.ended_ms) if batch.status is end else None

    faults = [FaultBody(one.code, one.message, one.param, one.line) for one in batch.faults]
    return BatchBody(
        id=batch.id,
        endpoint=batch.endpoint,
        errors=FaultsBody(faults) if faults else None,
        input_file_id=batch.input_file_id,
        completion_window=batch.completion_window,
        status=batch.status,
        output_file_id=batch.output_file_id,
        error_file_id=batch.error_file_id,
        created_at=batch.created_ms // 1000,
        in_progress_at=_seconds(batch.in_progress_ms),
        expires_at=batch.expires_ms // 1000,
        finalizing_at=_seconds(batch.finalizing_ms),
        completed_at=ended_as(BatchStatus.COMPLETED),
        failed_at=ended_as(BatchStatus.FAILED),
        expired_at=ended_as(BatchStatus.EXPIRED),
        cancelled_at=ended_as(BatchStatus.CANCELLED),
        cancelling_at=_seconds(batch.cancelling_ms),
        request_counts=CountsBody(batch.counts.total, batch.counts.completed, batch.counts.failed),
        metadata=dict(batch.metadata) or None,
    )


def _seconds(time_ms: int | None) -> int | None:
    return None if time_ms is None else time_ms // 1000
