"""Where every message comes in, by the network or on a stick: checked, handed to whoever takes its kind, and
answered signed. Nothing of a message is kept before its signature and its sender are known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from appliance.domain.clock import Clock
from appliance.errors import Conflict, StorageUnavailable
from appliance.federation.protocol.checking import Opened, check_proof, check_sender, clock_differs_s, opened
from appliance.federation.protocol.kinds import ENROLL, PATHS, RECEIVED, SYNC
from appliance.federation.protocol.replies import Refused, Reply
from appliance.registry.about import About
from appliance.registry.receiving.enrolling import Enrolling
from appliance.registry.receiving.nonces import Nonces, new_secret
from appliance.registry.receiving.ports import Handled, Handler, Incoming
from appliance.registry.receiving.rates import ADDRESS, BOX, Rate, Rates, cost
from appliance.registry.signing import Signers
from appliance.registry.store import boxes, keys, messages, nonces, settings
from appliance.registry.store.boxes import Box
from appliance.registry.store.database import Database, Session

_KINDS: Final[Mapping[str, str]] = {path: kind for kind, path in PATHS.items()}
_ALWAYS: Final = frozenset({SYNC, RECEIVED})
"""A suspended box still learns what was taken back."""
_BUSY_S: Final = 30
_DAY_S: Final = 86_400
_LATER_S: Final = 6 * 3600
MOST_A_DAY: Final = 300
"""Of one box and one kind, of those that are remembered."""


@dataclass(frozen=True, slots=True)
class _Envelope:
    """A message that was opened, with the nonce that came beside it over the network ("": on a stick)."""

    opened: Opened
    token: str
    nonce: str
    nonce_until_s: int
    now_s: int


class Desk:
    """May be used from many threads. ``handlers`` take one kind each, but for enrollments."""

    def __init__(
        self,
        database: Database,
        signers: Signers,
        about: About,
        clock: Clock,
        handlers: Sequence[Handler],
        *,
        box_rate: Rate = BOX,
        address_rate: Rate = ADDRESS,
    ) -> None:
        """Raises ``StorageUnavailable``."""
        self._database = database
        self._signers = signers
        self._about = about
        self._clock = clock
        self._handlers = {handler.kind: handler for handler in handlers}
        self._enrolling = Enrolling(about, signers.listed)
        self._boxes = Rates(clock, box_rate)
        self._addresses = Rates(clock, address_rate)
        secret = database.carry_out(lambda session: settings.kept(session, "nonces", new_secret))
        self._nonces = Nonces(secret, clock)

    def nonce(self) -> str:
        """For the next message."""
        return self._nonces.make()

    def receive(
        self, token: str, proof: str | None = None, path: str | None = None, *, address: str = ""
    ) -> Reply:
        """Answer one message. ``path`` is where it was sent, without a slash before it, and None for one that
        came on a stick, which needs no ``proof``; ``address`` is where it came from. Raises ``Refused``.
        """
        if address:
            self._addresses.spend(address, cost(token))
        answer = self._answered(self._open(token, proof, path))
        if isinstance(answer, Refused):
            raise answer
        return answer

    def _answered(self, envelope: _Envelope) -> Reply | Refused:
        try:
            if envelope.opened.kind == ENROLL:
                return self._database.carry_out(lambda session: self._enroll(session, envelope))
            known = self._sender(envelope.opened, envelope.now_s)
            if envelope.nonce:
                self._boxes.spend(known.id, cost(envelope.token))
            return self._database.carry_out(lambda session: self._handle(session, envelope, known))
        except StorageUnavailable as error:
            raise Refused(
                "maintenance", "The registry's database is not there.", retry_after_s=_BUSY_S
            ) from error
        except Conflict as error:
            raise Refused("conflict", "This is here already, in another form.") from error

    def _open(self, token: str, proof: str | None, path: str | None) -> _Envelope:
        now_s = self._clock.now_ms() // 1000
        if path is None:
            return _Envelope(opened(token), token, "", 0, now_s)
        if path not in _KINDS:
            raise Refused("not-found", "There is nothing at this address.")
        found = opened(token, wanted=_KINDS[path])
        if not proof:
            raise Refused("bad-nonce", "A message over the network comes with a proof, which holds a nonce.")
        nonce = check_proof(proof, token=token, signer=found.signer, hosts=self._about.hosts, path=path)
        return _Envelope(found, token, nonce, self._nonces.until_s(nonce), now_s)

    def _sender(self, message: Opened, now_s: int) -> Box:
        with self._database.reading() as session:
            box = boxes.of_id(session, message.message.box)
            if box is None:
                raise Refused("unknown-box", "No box of this name has enrolled here.")
            check_sender(message, keys.of_box(session, box.number), now_s)
        if box.state == "suspended" and message.kind not in _ALWAYS:
            raise Refused("box-suspended", f"This registry has suspended the box: {box.reason}"[:300])
        return box

    def _handle(self, session: Session, envelope: _Envelope, known: Box) -> Reply | Refused:
        """Two messages of one box at once are taken one after the other."""
        boxes.lock(session, known.number, envelope.now_s)
        self._use_nonce(session, envelope)
        handler = self._handlers.get(envelope.opened.kind)
        if handler is None:
            raise Refused("wrong-type", "This registry takes no messages of this kind.")
        if not handler.repeatable:
            answered = _answered(session, envelope.opened, known)
            if answered is not None:
                return answered
            _check_how_many(session, envelope, known)
        box = boxes.of_number(session, known.number) or known
        handled = handler.handle(session, _incoming(envelope, box))
        if handled.refusal is not None:
            return handled.refusal
        reply = self._reply(envelope, handled)
        if not handler.repeatable:
            _remember(session, envelope, box, reply)
        return reply

    def _enroll(self, session: Session, envelope: _Envelope) -> Reply:
        self._use_nonce(session, envelope)
        return self._reply(envelope, self._enrolling.handle(session, envelope.opened, envelope.now_s))

    def _use_nonce(self, session: Session, envelope: _Envelope) -> None:
        if envelope.nonce and not nonces.use(session, envelope.nonce, envelope.nonce_until_s):
            raise Refused("bad-nonce", "This nonce was used before. Each reply brings a new one.")

    def _reply(self, envelope: _Envelope, handled: Handled) -> Reply:
        made = [self._signers.sign(one.kind, one.statement) for one in handled.statements]
        return Reply(
            re=envelope.opened.message.jti, items=(*handled.signed, *made), duplicate=handled.duplicate
        )


def _incoming(envelope: _Envelope, box: Box) -> Incoming:
    message = envelope.opened
    return Incoming(
        box=box,
        kind=message.kind,
        message=message.message,
        payload=message.payload,
        digest=message.digest,
        token=envelope.token,
        key=message.signer.id,
        clock_off_s=clock_differs_s(message.message.iat, envelope.now_s) if envelope.nonce else None,
        now_s=envelope.now_s,
    )


def _answered(session: Session, message: Opened, box: Box) -> Reply | None:
    before = messages.find(session, box.number, message.message.jti)
    if before is None:
        return None
    if before.payload_sha256 != message.digest:
        raise Refused("conflict", "Another message of this box had this id.")
    reply = msgspec.json.decode(before.reply, type=Reply)
    return msgspec.structs.replace(reply, duplicate=True)


def _check_how_many(session: Session, envelope: _Envelope, box: Box) -> None:
    """Each of these leaves rows for people to look at."""
    if messages.count(session, box.number, envelope.opened.kind, envelope.now_s - _DAY_S) >= MOST_A_DAY:
        raise Refused("rate", "Too many messages of this kind today.", retry_after_s=_LATER_S)


def _remember(session: Session, envelope: _Envelope, box: Box, reply: Reply) -> None:
    messages.insert(
        session,
        box.number,
        envelope.opened.message.jti,
        kind=envelope.opened.kind,
        payload_sha256=envelope.opened.digest,
        reply=msgspec.json.encode(reply).decode(),
        now_s=envelope.now_s,
    )
