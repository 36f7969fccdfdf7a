"""The chain of usage batches: what is hashed, and how."""

import hashlib
from collections.abc import Sequence

import msgspec

from appliance.federation.protocol.usage import UsageRecord
from appliance.trust.canonical import canonical


class _Records(msgspec.Struct, frozen=True):
    records: tuple[UsageRecord, ...]


class _RecordKey(msgspec.Struct, frozen=True):
    box: str
    epoch: int
    day: str
    group: str
    purpose: str
    model: str
    revision: int
    file_sha256: str
    backend: str
    op: str
    lease: str
    number: int


def digest_of(payload: bytes) -> str:
    """Of a batch: SHA-256 over its payload, the very bytes that were signed."""
    return hashlib.sha256(payload).hexdigest()


def records_digest(records: Sequence[UsageRecord]) -> str:
    """``records_sha256``: SHA-256 over the canonical JSON of ``{"records": […]}``, every field written.
    Raises ``BadRequest`` for a number that JSON cannot carry.
    """
    return digest_of(canonical(_Records(tuple(records))))


def record_id(
    *,
    box: str,
    epoch: int,
    day: str,
    group: str,
    purpose: str,
    model: str,
    revision: int,
    file_sha256: str,
    backend: str,
    op: str,
    lease: str,
    number: int,
) -> str:
    """SHA-256 over the canonical JSON of these members. ``number`` counts the records of one such key from 0
    on: the first, then its corrections.
    """
    key = _RecordKey(
        box=box, epoch=epoch, day=day, group=group, purpose=purpose, model=model, revision=revision,
        file_sha256=file_sha256, backend=backend, op=op, lease=lease, number=number,
    )  # fmt: skip
    return digest_of(canonical(key))
