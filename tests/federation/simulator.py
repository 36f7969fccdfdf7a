"""A registry for tests: in memory, built on the rules of ``federation.protocol``.

How messages come to it is in ``simulated_transport``; what a hostile one does, in ``hostile_registry``.
"""

import copy
import time
from collections.abc import Callable, Mapping

import msgspec

from appliance.federation.protocol import kinds, messages
from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.checking import (
    Opened,
    check_own_key,
    check_sender,
    opened,
    opened_next_key,
)
from appliance.federation.protocol.limits import OVERLAP_S
from appliance.federation.protocol.ordering import Head, judge
from appliance.federation.protocol.replies import Refused, Reply
from appliance.federation.protocol.statements import (
    CountersignatureClaims,
    Denial,
    Enrollment,
    Forwarded,
    LeaseClaims,
    RegistryKey,
    RegistryKeyList,
    Rotation,
    StatusList,
)
from appliance.federation.protocol.status_list import Status, pack
from appliance.federation.protocol.usage import UsageAck, UsageBatch
from tests.federation.made import new_id, new_key
from tests.federation.simulated_memory import Memory, SimulatedBox

NAME = "simulated"
DAY_S = 86_400
_NO_CODE = "A" * 26


class SimulatedRegistry:
    """``taken`` are the messages that it accepted, in order, as (kind, message); ``sent`` every token that it
    was shown. ``refuse_leases`` says for which models it has no lease, and why; ``countersigns`` whether it
    says yes to an application at once (None: it waits for a person).
    """

    def __init__(self, clock_s: Callable[[], int] | None = None) -> None:
        self.now_s = clock_s or (lambda: int(time.time()))
        self.key, self.status_key = new_key(), new_key()
        self.memory = Memory()
        self.taken: list[tuple[str, msgspec.Struct]] = []
        self.sent: list[str] = []
        self.refuse_leases: dict[str, str] = {}
        self.countersigns: bool | None = True
        self.lease_s, self.grace_s, self.status_list_s = 30 * DAY_S, 14 * DAY_S, 14 * DAY_S
        self.root_sha256 = "0" * 64

    # ---- what tests do with it ----

    def code(self) -> str:
        """A new one-time code."""
        made = new_id("code") + _NO_CODE
        self.memory.codes[made] = False
        return made

    def add_box(self, id: str, **known: object) -> SimulatedBox:
        """Enrolled already, under its present key."""
        self.memory.boxes[id] = SimulatedBox({id: None}, **known)
        return self.memory.boxes[id]

    @property
    def key_list(self) -> RegistryKeyList:
        """The file ``registry/keys.json``."""
        keys = (RegistryKey(self.key.public.text, ("statements",)),)
        return RegistryKeyList(1, NAME, (*keys, RegistryKey(self.status_key.public.text, ("status",))))

    def set_status(self, place: int, status: Status) -> None:
        """Revoke, suspend or give back one lease: the next sync brings the list."""
        self.memory.statuses[place] = status

    def put(self, box: str, kind: str, statement: msgspec.Struct) -> str:
        """Let it wait for the box's next sync."""
        token = self.key.sign(kind, statement)
        self.memory.boxes[box].mailbox[statement.jti] = token
        return token

    def about(self, box: str, prefix: str) -> dict[str, str | int]:
        """What every statement for a box says."""
        return {"iss": NAME, "sub": box, "jti": new_id(prefix), "iat": self.now_s()}

    def backup(self) -> Memory:
        return copy.deepcopy(self.memory)

    def restore(self, backup: Memory) -> None:
        """As after a crash of the registry: what came since is lost."""
        self.memory = copy.deepcopy(backup)

    def status_list(self) -> str:
        """Signed now."""
        now_s = self.now_s()
        lst = pack(self.memory.statuses, max(self.memory.places, 1))
        claims = StatusList(
            iss=NAME, sub=NAME, iat=now_s, exp=now_s + self.status_list_s, ttl=DAY_S, bits=2, lst=lst
        )
        return self.status_key.sign(kinds.STATUS_LIST, claims)

    # ---- what a server does ----

    def receive(self, token: str, path: str | None = None) -> Reply:
        """Raises ``Refused``."""
        self.sent.append(token)
        message = opened(token)
        if path is not None and kinds.PATHS[message.kind] != path:
            raise Refused("wrong-url", "This kind of message belongs elsewhere.")
        self._check_sender(message)
        before = self.memory.answered.get(message.message.jti)
        if before is not None:
            if before[0] != message.digest:
                raise Refused("conflict", "Another message had this id.")
            return msgspec.structs.replace(before[1], duplicate=True)
        items, again = _HANDLERS[message.kind](self, message)
        reply = Reply(re=message.message.jti, items=tuple(items), duplicate=again)
        self.memory.answered[message.message.jti] = (message.digest, reply)
        self.taken.append((message.kind, message.message))
        return reply

    def _check_sender(self, message: Opened) -> None:
        if message.kind == kinds.ENROLL:
            check_own_key(message)
            return
        box = self.memory.boxes.get(message.message.box)
        if box is None:
            raise Refused("unknown-box", "This registry does not know that box.")
        check_sender(message, box.keys, self.now_s())
        if box.suspended:
            raise Refused("box-suspended", "This box is suspended.")

    def _enroll(self, message: Opened) -> tuple[list[str], bool]:
        said: messages.Enroll = message.message
        if self.memory.codes.get(said.code, True):
            raise Refused("token-spent", "This code is not (any more) good.")
        self.memory.codes[said.code] = True
        self.add_box(said.box, sealing_key=said.sealing_key)
        claims = Enrollment(
            **self.about(said.box, "enr"),
            cnf=Confirmation(said.box),
            registry=NAME,
            institution="A university",
            root_sha256=self.root_sha256,
            keys=self.key_list.keys,
        )
        return [self.key.sign(kinds.ENROLLMENT, claims)], False

    def _rotate(self, message: Opened) -> tuple[list[str], bool]:
        said: messages.Rotate = message.message
        new = opened_next_key(said).signer.id
        box, until = self.memory.boxes[said.box], self.now_s() + OVERLAP_S
        box.keys = {**{one: left or until for one, left in box.keys.items()}, new: None}
        claims = Rotation(**self.about(said.box, "rot"), cnf=Confirmation(new), overlap_until=until)
        return [self.key.sign(kinds.ROTATION, claims)], False

    def _sync(self, message: Opened) -> tuple[list[str], bool]:
        waiting = self.memory.boxes[message.message.box].mailbox.values()
        return [self.status_list(), *waiting], False

    def _leases(self, message: Opened) -> tuple[list[str], bool]:
        said: messages.LeaseRequest = message.message
        return [self._lease(said, one) for one in said.wanted] + [self.status_list()], False

    def _lease(self, said: messages.LeaseRequest, wanted: messages.WantedLease) -> str:
        if wanted.model in self.refuse_leases:
            reason = self.refuse_leases[wanted.model]
            denial = Denial(**self.about(said.box, "den"), re=said.jti, about=wanted.model, reason=reason)
            return self.key.sign(kinds.DENIAL, denial)
        return self.key.sign(kinds.LEASE, self.lease_for(said.box, wanted.model, files=wanted.files))

    def lease_for(self, box: str, model: str, **changed: object) -> LeaseClaims:
        """A new one, with a place of its own in the status list."""
        now_s = self.now_s()
        self.memory.places += 1
        claims = LeaseClaims(
            **self.about(box, "lease"),
            nbf=now_s,
            exp=now_s + self.lease_s,
            grace_s=self.grace_s,
            model=model,
            cnf=Confirmation(self.memory.boxes[box].key),
            status=self.memory.places - 1,
        )
        return msgspec.structs.replace(claims, **changed)

    def _application(self, message: Opened) -> tuple[list[str], bool]:
        said: messages.ApplicationMessage = message.message
        self.memory.applications.append(said)
        if self.countersigns is None:
            return [], False
        return [self.decide(said, agreed=self.countersigns)], False

    def decide(self, said: messages.ApplicationMessage, *, agreed: bool, reason: str = "Not yet.") -> str:
        """The registry's answer to an application, signed."""
        if not agreed:
            about = self.about(said.box, "den")
            denial = Denial(**about, re=said.jti, about=said.application, reason=reason)
            return self.key.sign(kinds.DENIAL, denial)
        claims = CountersignatureClaims(
            **self.about(said.box, "yes"),
            exp=self.now_s() + 365 * DAY_S,
            grant=said.grant,
            project=said.project,
            model=said.model,
            cnf=Confirmation(self.memory.boxes[said.box].key),
        )
        return self.key.sign(kinds.COUNTERSIGNATURE, claims)

    def _usage(self, message: Opened) -> tuple[list[str], bool]:
        said: UsageBatch = message.message
        box = self.memory.boxes[said.box]
        verdict = judge(
            box.head, said, message.digest, digest_at=lambda epoch, seq: box.digests.get((epoch, seq))
        )
        if verdict != "duplicate":
            box.head = Head(said.epoch, said.seq, message.digest)
            box.digests[said.epoch, said.seq] = message.digest
            box.records.update((one.id, one) for one in said.records)
        if verdict == "new-epoch":
            box.marks.append(f"epoch {said.epoch}")
        return [self.ack(said.box)], verdict == "duplicate"

    def _head(self, message: Opened) -> tuple[list[str], bool]:
        return [self.ack(message.message.box)], False

    def ack(self, box: str) -> str:
        """What it has of a box, signed now."""
        head = self.memory.boxes[box].head
        claims = UsageAck(**self.about(box, "ack"), epoch=head.epoch, seq=head.seq, head=head.digest)
        return self.key.sign(kinds.USAGE_ACK, claims)

    def _received(self, message: Opened) -> tuple[list[str], bool]:
        for one in message.message.items:
            self.memory.boxes[message.message.box].mailbox.pop(one, None)
        return [], False

    def _letter(self, message: Opened) -> tuple[list[str], bool]:
        """It goes on to every other box: who it is for is for the real registry to work out."""
        sender = self.memory.boxes[message.message.box]
        for other in self.memory.boxes.keys() - {message.message.box}:
            claims = Forwarded(
                **self.about(other, "fwd"),
                from_box=message.message.box,
                from_institution=sender.institution,
                sealing_key=sender.sealing_key or "A" * 43,
                letter=self.sent[-1],
            )
            self.put(other, kinds.FORWARDED, claims)
        return [], False

    def _kept(self, _message: Opened) -> tuple[list[str], bool]:
        return [], False


_HANDLERS: Mapping[str, Callable[[SimulatedRegistry, Opened], tuple[list[str], bool]]] = {
    kinds.ENROLL: SimulatedRegistry._enroll,
    kinds.ROTATE: SimulatedRegistry._rotate,
    kinds.SYNC: SimulatedRegistry._sync,
    kinds.LEASE_REQUEST: SimulatedRegistry._leases,
    kinds.APPLICATION: SimulatedRegistry._application,
    kinds.USAGE_BATCH: SimulatedRegistry._usage,
    kinds.HEAD_REQUEST: SimulatedRegistry._head,
    kinds.RECEIVED: SimulatedRegistry._received,
    kinds.LETTER: SimulatedRegistry._letter,
    kinds.LISTING: SimulatedRegistry._kept,
    kinds.CHECK_ANSWER: SimulatedRegistry._kept,
    kinds.DELETION: SimulatedRegistry._kept,
}
