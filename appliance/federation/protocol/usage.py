"""What a box reports of its use: sums of a day, in a closed shape. No prompts, no names, no ids of keys.

The shape is compiled in: a registry can ask for nothing more, and refuses what it does not know.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from appliance.federation.protocol.bounds import (
    Count,
    Day,
    Delta,
    MaybeSha256,
    Model,
    Name,
    Operation,
    Purpose,
    Sha256,
    Thumbprint,
    Time,
)
from appliance.federation.protocol.limits import RECORDS

Group = Annotated[str, Meta(pattern=r"^([0-9a-f]{16}|other)\Z")]
"""A pseudonym of a project for one term; ``other`` for those that few people used."""


class UsageRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One group's use of one model on one UTC day. ``id`` is the SHA-256 over box, epoch and key, so that the
    same record counts once. With ``adjusts`` its numbers are differences and may be below zero.
    """

    id: Sha256
    day: Day
    group: Group
    purpose: Purpose
    model: Model
    revision: Count
    file_sha256: MaybeSha256
    """Of the weights; empty for a model hosted elsewhere."""
    backend: Annotated[str, Meta(min_length=1, max_length=80)]
    op: Operation
    lease: Annotated[str, Meta(max_length=128)] = ""
    adjusts: MaybeSha256 = ""
    requests: Delta
    failed: Delta = 0
    refused_budget: Delta = 0
    refused_license: Delta = 0
    input_tokens: Delta
    cached_input_tokens: Delta = 0
    """Part of ``input_tokens``."""
    output_tokens: Delta
    gflop: Delta
    flop_method: Annotated[str, Meta(min_length=1, max_length=16)]
    credits_micro: Delta
    gpu_ms: Delta
    wall_ms: Delta
    energy_mj: Delta | None = None
    money_micro: Delta | None = None
    estimated_requests: Delta = 0
    users: Count = 0
    """0: fewer than ``limits.LEAST_USERS``."""
    first_hour: Annotated[int, Meta(ge=0, le=23)] = 0
    last_hour: Annotated[int, Meta(ge=0, le=23)] = 23


class CatalogSeen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which catalog the box has, so that two boxes can find out that they were shown different ones."""

    snapshot_version: Count = 0
    snapshot_sha256: MaybeSha256 = ""


class UsageBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One link of a box's chain. ``prev`` is the digest of the batch before (empty: none);
    ``merkle_root`` is over salted rows of requests, ``leaves`` of them, for spot checks.
    """

    v: Literal[1] = 1
    box: Thumbprint
    jti: Name
    iat: Time
    epoch: Annotated[int, Meta(ge=1, le=1_000_000)]
    seq: Annotated[int, Meta(ge=1, le=2**40)]
    prev: MaybeSha256
    first_day: Day
    last_day: Day
    records: Annotated[tuple[UsageRecord, ...], Meta(max_length=RECORDS)]
    records_sha256: Sha256
    merkle_root: MaybeSha256 = ""
    leaves: Count = 0
    catalog: CatalogSeen = CatalogSeen()
    audit_rows: Count = 0
    audit_head: MaybeSha256 = ""
    software: Annotated[str, Meta(max_length=40)] = ""


class UsageAck(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The registry has everything of ``sub`` up to this batch. ``head`` is its digest (empty: none yet)."""

    iss: Name
    sub: Thumbprint
    jti: Name
    iat: Time
    epoch: Annotated[int, Meta(ge=1, le=1_000_000)]
    seq: Annotated[int, Meta(ge=0, le=2**40)]
    head: MaybeSha256
