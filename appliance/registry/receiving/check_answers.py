"""Looks at what a box shows of a batch: whether it is what the batch's tree was made of."""

import msgspec

from appliance.federation.protocol.kinds import CHECK_ANSWER
from appliance.federation.protocol.leaves import entry_hash
from appliance.federation.protocol.merkle import is_included
from appliance.federation.protocol.messages import CheckAnswer
from appliance.federation.protocol.replies import Refused
from appliance.registry.receiving.ports import Handled, Incoming
from appliance.registry.store import batches, checks, mailbox, marks
from appliance.registry.store.batches import StoredBatch
from appliance.registry.store.checks import SpotCheck
from appliance.registry.store.database import Session


class CheckAnswers:
    """An answer that does not fit leaves a mark for a person, and nothing else."""

    kind = CHECK_ANSWER
    repeatable = False

    def handle(self, session: Session, incoming: Incoming) -> Handled:
        """Raises ``Refused``: ``not-found``, ``not-yours``, ``conflict`` where it was answered before."""
        answer: CheckAnswer = incoming.message
        check = checks.find(session, answer.check)
        if check is None:
            raise Refused("not-found", "There is no such check.")
        if check.box != incoming.box.number:
            raise Refused("not-yours", "This check is about another box.")
        if check.state != "waiting":
            raise Refused("conflict", "This check was answered before.")
        batch = batches.find(session, check.box, check.epoch, check.seq)
        wrong = "" if answer.refused else _what_is_wrong(check, batch, answer)
        _keep(session, incoming, wrong)
        return Handled()


def _keep(session: Session, incoming: Incoming, wrong: str) -> None:
    answer: CheckAnswer = incoming.message
    if wrong:
        marks.put(
            session,
            incoming.box.number,
            "check",
            epoch=answer.epoch,
            seq=answer.seq,
            words=wrong,
            now_s=incoming.now_s,
        )
    checks.answer(
        session,
        answer.check,
        "refused" if answer.refused else "wrong" if wrong else "fits",
        words=answer.refused or wrong,
        answer=msgspec.json.encode(answer.leaves).decode(),
        now_s=incoming.now_s,
    )
    mailbox.received(session, incoming.box.number, [answer.check], incoming.now_s)


def _what_is_wrong(check: SpotCheck, batch: StoredBatch | None, answer: CheckAnswer) -> str:
    if (answer.epoch, answer.seq) != (check.epoch, check.seq):
        return "It answers about another batch."
    if tuple(leaf.index for leaf in answer.leaves) != check.leaves:
        return "It shows other rows than it was asked for."
    if batch is None:
        return "The batch is not here any more."
    for leaf in answer.leaves:
        if not is_included(
            leaf=entry_hash(leaf),
            index=leaf.index,
            size=batch.leaves,
            proof=leaf.proof,
            root=batch.merkle_root,
        ):
            return f"Row {leaf.index} is not what the batch was made of."
        if not batch.first_day <= leaf.day <= batch.last_day:
            return f"Row {leaf.index} is of a day that the batch does not name."
    return ""
