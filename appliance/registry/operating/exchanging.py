"""Answers the file of a box that has no network: the very messages that it would have sent, one after the
other, and what waits for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.federation.bundling.reading import Outgoing
from appliance.federation.protocol.checking import opened
from appliance.federation.protocol.kinds import SYNC
from appliance.federation.protocol.messages import Sync
from appliance.federation.protocol.replies import Problem, Refused, Reply
from appliance.registry.identifiers import new_id
from appliance.registry.leasing.statuses import StatusLists
from appliance.registry.operating.office import Office
from appliance.registry.receiving.desk import Desk
from appliance.registry.receiving.ports import Incoming
from appliance.registry.receiving.syncing import Syncing
from appliance.registry.signing import Signers
from appliance.registry.store import boxes
from appliance.registry.store.boxes import Box
from appliance.registry.store.database import Session


@dataclass(frozen=True, slots=True)
class Exchanged:
    """``replies`` by the name of their message, in order. ``mailbox`` is None where nothing on the stick
    shows that it is the box's own.
    """

    replies: Sequence[tuple[str, Reply | Problem]]
    mailbox: Reply | None


def exchange(office: Office, desk: Desk, signers: Signers, brought: Outgoing) -> Exchanged:
    """Raises ``StorageUnavailable``."""
    box = brought.facts.box
    answered = [(one, _answer(desk, one.token)) for one in brought.messages]
    is_its_own = any(
        isinstance(reply, Reply) and opened(one.token).message.box == box for one, reply in answered
    )
    mailbox = _mailbox(office, signers, box) if is_its_own else None
    with office.acting() as session:
        office.note(session, "registry.exchange", box, f"{len(answered)} messages")
    return Exchanged([(one.jti, reply) for one, reply in answered], mailbox)


def _answer(desk: Desk, token: str) -> Reply | Problem:
    try:
        return desk.receive(token)
    except Refused as refused:
        return refused.problem()


def _mailbox(office: Office, signers: Signers, box_id: str) -> Reply | None:
    syncing = Syncing(office.about, StatusLists(signers, office.about))

    def answered(session: Session) -> Reply | None:
        box = boxes.of_id(session, box_id)
        if box is None:
            return None
        handled = syncing.handle(session, _as_if_asked(box, office.now_s))
        said = [signers.sign(one.kind, one.statement) for one in handled.statements]
        return Reply(re="mailbox", items=(*handled.signed, *said))

    return office.database.carry_out(answered)


def _as_if_asked(box: Box, now_s: int) -> Incoming:
    message = Sync(box=box.id, jti=new_id("stm"), iat=now_s)
    return Incoming(
        box=box,
        kind=SYNC,
        message=message,
        payload=b"",
        digest="",
        token="",  # nosec B106 - nobody sent one
        key=box.key,
        clock_off_s=None,
        now_s=now_s,
    )
