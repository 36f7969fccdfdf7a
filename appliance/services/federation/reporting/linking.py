"""Signs batches as the next links of a chain."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import msgspec

from appliance.domain.clock import Clock
from appliance.domain.reporting import Chain, MadeBatch, Part
from appliance.federation.protocol.chain import digest_of, records_digest
from appliance.federation.protocol.kinds import USAGE_BATCH
from appliance.federation.protocol.usage import UsageBatch, UsageRecord
from appliance.services.federation.ports import Identity
from appliance.trust.canonical import canonical
from appliance.trust.signed import signer_of, unfold

_NOWHERE: Final = ""
"""In a batch that has no place in the chain yet."""


class Linking:
    """Blocks."""

    def __init__(self, identity: Identity, clock: Clock) -> None:
        self._identity = identity
        self._clock = clock

    def sign(self, chain: Chain, drafts: Sequence[tuple[Part, UsageBatch]]) -> list[MadeBatch]:
        """Each follows the one before; the first what ``chain`` ends with. Raises ``ConfigInvalid``,
        ``IntegrityFailed``.
        """
        made: list[MadeBatch] = []
        now_ms = self._clock.now_ms()
        for part, draft in drafts:
            batch = msgspec.structs.replace(
                draft,
                box=chain.box,
                jti=f"msg_{secrets.token_hex(6)}",
                iat=now_ms // 1000,
                epoch=chain.epoch,
                seq=chain.next_seq,
                prev=chain.head,
            )
            one = _made(batch, self._identity.sign(USAGE_BATCH, batch), part, now_ms)
            chain = replace(chain, last=one)
            made.append(one)
        return made


def unlinked(day: date, records: tuple[UsageRecord, ...], software: str) -> UsageBatch:
    """What a batch says, wherever in the chain it will stand."""
    return UsageBatch(
        box=_NOWHERE,
        jti=_NOWHERE,
        iat=0,
        epoch=0,
        seq=0,
        prev=_NOWHERE,
        first_day=day.isoformat(),
        last_day=day.isoformat(),
        records=records,
        records_sha256=records_digest(records),
        software=software,
    )


def signed_before(batch: MadeBatch) -> UsageBatch:
    """What the box itself has signed. Raises ``IntegrityFailed``, ``msgspec.DecodeError``."""
    payload = unfold(batch.token, USAGE_BATCH, signer_of(batch.token))
    return msgspec.json.decode(payload, type=UsageBatch)


def without_base(batch: UsageBatch, gone: frozenset[str]) -> UsageBatch:
    """Its records adjust nothing that is ``gone``."""
    records = tuple(
        msgspec.structs.replace(one, adjusts="") if one.adjusts in gone else one for one in batch.records
    )
    return msgspec.structs.replace(batch, records=records, records_sha256=records_digest(records))


def _made(batch: UsageBatch, token: str, part: Part, now_ms: int) -> MadeBatch:
    return MadeBatch(
        box=batch.box,
        epoch=batch.epoch,
        seq=batch.seq,
        digest=digest_of(canonical(batch)),
        prev=batch.prev,
        jti=batch.jti,
        token=token,
        part=part.number,
        day=part.day,
        leaves=batch.leaves,
        merkle_root=batch.merkle_root,
        made_ms=now_ms,
    )
