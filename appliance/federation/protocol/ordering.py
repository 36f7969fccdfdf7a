"""The order of usage batches: what a registry says to one, and what a box does about the answer.

A chain runs from a box's first batch on: each names the digest of the one before. A box that was restored
from a backup, or copied, says other things under numbers that were used: a fork. It heals by a new epoch,
whose first batch follows what the registry has; both sides keep a mark for a person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from appliance.federation.protocol.chain import records_digest
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.usage import UsageAck, UsageBatch

NEW_EPOCHS_A_DAY: Final = 3
_WAIT_S: Final = 6 * 3600

Verdict = Literal["accept", "duplicate", "new-epoch"]
"""``new-epoch``: accept, and keep a mark."""
Doing = Literal["done", "send", "ask-head", "new-epoch", "stop", "later", "ignore"]

_DISORDER: Final = frozenset({"gap", "fork", "chain-mismatch", "wrong-epoch"})
_LATER: Final = frozenset({"bad-nonce", "rate", "maintenance"})


@dataclass(frozen=True, slots=True)
class Head:
    """The last batch that a registry has of a box. ``seq`` 0: it has none, and ``digest`` is empty."""

    epoch: int = 1
    seq: int = 0
    digest: str = ""


def judge(
    head: Head,
    batch: UsageBatch,
    digest: str,
    *,
    digest_at: Callable[[int, int], str | None],
    new_epochs_today: int = 0,
) -> Verdict:
    """What becomes of a batch with this ``digest``. ``digest_at`` tells that of an epoch and number which the
    registry has. Raises ``Refused``: ``records-hash``, ``wrong-epoch``, ``fork``, ``gap``,
    ``chain-mismatch``, ``rate``.
    """
    if records_digest(batch.records) != batch.records_sha256:
        raise Refused("records-hash", "The records are not those that the batch was made of.")
    if digest_at(batch.epoch, batch.seq) == digest:
        return "duplicate"
    if batch.epoch < head.epoch:
        raise Refused("wrong-epoch", "This box has begun a newer epoch.", epoch=head.epoch)
    if batch.epoch == head.epoch and batch.seq <= head.seq:
        raise Refused(
            "fork", "The registry has another batch of this number.", seq=batch.seq, epoch=head.epoch
        )
    _check_next(head, batch)
    if batch.epoch == head.epoch:
        return "accept"
    if new_epochs_today >= NEW_EPOCHS_A_DAY:
        raise Refused("rate", "This box has begun too many epochs today.", retry_after_s=_WAIT_S)
    return "new-epoch"


def _check_next(head: Head, batch: UsageBatch) -> None:
    expected = head.seq + 1 if batch.epoch == head.epoch else 1
    if batch.seq != expected:
        raise Refused("gap", "Batches are missing before this one.", expected=expected, epoch=batch.epoch)
    if batch.prev != head.digest:
        raise Refused(
            "chain-mismatch",
            "This batch does not follow the last one that the registry has.",
            head=head.digest,
            epoch=head.epoch,
            seq=head.seq,
        )


@dataclass(frozen=True, slots=True)
class OwnBatch:
    """One batch that the box has made and keeps."""

    epoch: int
    seq: int
    prev: str
    digest: str


@dataclass(frozen=True, slots=True)
class OwnChain:
    """What the box has: ``batches`` in the order in which they were made, as many as it keeps;
    ``acknowledged`` are epoch and number of the last one that the registry has said it has, by an
    acknowledgement of ``ack_iat`` (s). ``epoch`` is the newest that it ever used.
    """

    epoch: int
    batches: Sequence[OwnBatch]
    acknowledged: tuple[int, int] | None = None
    ack_iat: int = 0
    new_epochs_today: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next. ``done``: everything up to ``epoch``/``seq`` is acknowledged. ``send``: so it is, and
    batches go from the one at ``start`` in ``batches`` on. ``ask-head``: a signed answer is needed, since
    nothing rests on a refusal, which is not signed. ``new-epoch``: begin ``epoch`` with ``prev``, with all
    that is not acknowledged. ``words`` are for a person; ``mark``: keep them.
    """

    do: Doing
    epoch: int = 0
    seq: int = 0
    start: int = 0
    prev: str = ""
    words: str = ""
    mark: bool = False


def next_step(own: OwnChain, answer: UsageAck | str) -> Step:
    """``answer``: an acknowledgement that was verified, or the name of the problem that a batch met."""
    if isinstance(answer, UsageAck):
        return _after_ack(own, answer)
    if answer in _DISORDER:
        return Step("ask-head")
    if answer in _LATER:
        return Step("later")
    return Step("stop", words=f"The registry does not take usage reports of this box ({answer}).", mark=True)


def _after_ack(own: OwnChain, ack: UsageAck) -> Step:
    if ack.iat < own.ack_iat:
        return Step("ignore", words="An older acknowledgement came after a newer one.")
    at = _place(own.batches, ack)
    went_back = own.acknowledged is not None and (ack.epoch, ack.seq) < own.acknowledged
    after = 0 if at is None else at + 1
    follows = after < len(own.batches) and own.batches[after].prev == ack.head
    known = at is not None or (ack.seq == 0 and not ack.head)
    if known and follows:
        words = "The registry has gone back to an older state; what it has lost is offered again."
        return Step("send", ack.epoch, ack.seq, after, words=words if went_back else "", mark=went_back)
    if known and after >= len(own.batches):
        return Step("done", ack.epoch, ack.seq)
    return _begin(own, ack)


def _begin(own: OwnChain, ack: UsageAck) -> Step:
    if own.new_epochs_today >= NEW_EPOCHS_A_DAY:
        return Step(
            "stop",
            words="The registry has other reports under this box's name again and again: is a copy of this "
            "box running? Usage reports stop until tomorrow.",
            mark=True,
        )
    return Step(
        "new-epoch",
        epoch=max(own.epoch, ack.epoch) + 1,
        seq=ack.seq,
        prev=ack.head,
        words="The registry has other reports than this box (a restored backup, or a copy of the box); a new "
        "epoch begins.",
        mark=True,
    )


def _place(batches: Sequence[OwnBatch], ack: UsageAck) -> int | None:
    for index in range(len(batches) - 1, -1, -1):
        one = batches[index]
        if (one.epoch, one.seq) == (ack.epoch, ack.seq):
            return index if one.digest == ack.head else None
    return None
