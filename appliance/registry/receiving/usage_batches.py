"""Takes reports in: each batch in its place of the box's chain, each record once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from appliance.federation.protocol.kinds import HEAD_REQUEST, USAGE_ACK, USAGE_BATCH
from appliance.federation.protocol.ordering import Head, Verdict, judge
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.usage import UsageAck, UsageBatch, UsageRecord
from appliance.registry.about import About
from appliance.registry.identifiers import new_id
from appliance.registry.receiving.ports import Handled, Incoming, Saying
from appliance.registry.receiving.record_rules import check_days, check_records
from appliance.registry.store import batches, boxes, marks, records, uses
from appliance.registry.store.amounts import Amounts, amounts_of
from appliance.registry.store.boxes import Box
from appliance.registry.store.database import Session
from appliance.registry.store.records import Link

_DAY_S: Final = 86_400
MOST_A_DAY: Final = 2**45
"""Of any amount, of one model, on one box: some fifty times what a rack of GPUs can do."""


class UsageBatches:
    """The box's row is locked, so that two batches at once come one after the other."""

    kind = USAGE_BATCH
    repeatable = True

    def __init__(self, about: About) -> None:
        self._about = about

    def handle(self, session: Session, incoming: Incoming) -> Handled:
        """Raises ``Refused``: ``schema``, ``bad-time``, and as ``ordering.judge``."""
        box, batch = incoming.box, incoming.message
        check_days(batch, incoming.now_s)
        try:
            verdict = _judged(session, incoming)
        except Refused as refusal:
            if refusal.name != "fork":
                raise
            _mark(session, incoming, "fork", "It says other things under a number that was used.")
            return Handled(refusal=refusal)
        if verdict == "duplicate":
            return Handled((acknowledged(self._about, box, incoming.now_s),), duplicate=True)
        if verdict == "new-epoch":
            _mark(session, incoming, "epoch", "It has begun a new epoch: restored, or copied.")
        _take_in(session, incoming)
        ahead = replace(box, epoch=batch.epoch, seq=batch.seq, head=incoming.digest)
        return Handled((acknowledged(self._about, ahead, incoming.now_s),))


class HeadRequests:
    """How far the registry is, signed."""

    kind = HEAD_REQUEST
    repeatable = True

    def __init__(self, about: About) -> None:
        self._about = about

    def handle(self, session: Session, incoming: Incoming) -> Handled:  # noqa: ARG002 - the box is known
        """Never refuses."""
        return Handled((acknowledged(self._about, incoming.box, incoming.now_s),))


def acknowledged(about: About, box: Box, now_s: int) -> Saying:
    """That everything of the box up to its head is here."""
    ack = UsageAck(
        iss=about.name,
        sub=box.id,
        jti=new_id("ack"),
        iat=now_s,
        epoch=box.epoch,
        seq=box.seq,
        head=box.head,
    )
    return Saying(USAGE_ACK, ack)


def _judged(session: Session, incoming: Incoming) -> Verdict:
    box, batch = incoming.box, incoming.message
    begun = 0
    if batch.epoch > box.epoch:
        begun = marks.count(session, box.number, "epoch", incoming.now_s - _DAY_S)
    return judge(
        Head(box.epoch, box.seq, box.head),
        batch,
        incoming.digest,
        digest_at=lambda epoch, seq: _digest_at(session, box, epoch, seq),
        new_epochs_today=begun,
    )


def _digest_at(session: Session, box: Box, epoch: int, seq: int) -> str | None:
    """What comes after the head is not here, and need not be looked for."""
    if (epoch, seq) > (box.epoch, box.seq):
        return None
    return batches.digest_at(session, box.number, epoch, seq)


def _take_in(session: Session, incoming: Incoming) -> None:
    box, batch = incoming.box, incoming.message
    known = records.models_of(session, box.number, batch.first_day, batch.last_day)
    check_records(batch, known)
    fresh = [record for record in batch.records if record.id not in known]
    link = Link(box.number, batch.epoch, batch.seq)
    batches.insert(session, box.number, batch, digest=incoming.digest, now_s=incoming.now_s)
    records.insert(session, link, fresh)
    for (day, model), amounts in sorted(_sums(fresh).items()):
        _check_sum(
            uses.add(
                session, box=box.number, institution=box.institution, day=day, model=model, amounts=amounts
            )
        )
    boxes.advance(
        session,
        box.number,
        epoch=batch.epoch,
        seq=batch.seq,
        head=incoming.digest,
        day=batch.last_day,
        now_s=incoming.now_s,
    )
    _compare_catalogs(session, incoming, batch)


def _sums(found: Sequence[UsageRecord]) -> dict[tuple[str, str], Amounts]:
    sums: dict[tuple[str, str], Amounts] = {}
    for record in found:
        key = (record.day, record.model)
        sums[key] = sums.get(key, Amounts()).plus(amounts_of(record))
    return sums


def _check_sum(now: Amounts) -> None:
    if now.is_below_zero or max(now) > MOST_A_DAY:
        raise Refused(
            "schema", "A correction takes back more than was reported, or a day has more than a box can do."
        )


def _compare_catalogs(session: Session, incoming: Incoming, batch: UsageBatch) -> None:
    seen = batch.catalog
    if seen.snapshot_version and batches.other_catalog(
        session, incoming.box.number, version=seen.snapshot_version, sha256=seen.snapshot_sha256
    ):
        _mark(session, incoming, "catalog", "Boxes have seen different catalogs of one version.")


def _mark(session: Session, incoming: Incoming, kind: marks.MarkKind, words: str) -> None:
    batch = incoming.message
    marks.put(
        session,
        incoming.box.number,
        kind,
        epoch=batch.epoch,
        seq=batch.seq,
        words=words,
        now_s=incoming.now_s,
    )
