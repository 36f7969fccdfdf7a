"""A registry's desk for tests, boxes that speak to it as any would, and a clock that stands still."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from appliance.federation.protocol import kinds
from appliance.federation.protocol.chain import digest_of, records_digest
from appliance.federation.protocol.checking import sha256
from appliance.federation.protocol.messages import Enroll, NextKey, Proof, Rotate, Sync
from appliance.federation.protocol.shapes import STATEMENTS, use_for
from appliance.federation.protocol.usage import UsageBatch, UsageRecord
from appliance.registry.about import About
from appliance.registry.operating.boxes import make_code
from appliance.registry.operating.office import Office
from appliance.registry.receiving.joining import open_desk
from appliance.registry.receiving.rates import ADDRESS, BOX
from appliance.registry.signing import Signers
from appliance.trust.box_key import BoxKey
from appliance.trust.canonical import canonical
from appliance.trust.signed import PublicKey, kind_of, verify
from tests.federation.made import new_key

NOW_S = 1_790_000_000
DAY_S = 86_400
HOST = "registry.example"
ABOUT = About("central", frozenset({HOST}), "a" * 64)


class TurnedClock:
    """Stands still until a test turns it."""

    def __init__(self, now_s=NOW_S):
        self.now_s = now_s

    def now_ms(self):
        return self.now_s * 1000

    def monotonic_s(self):
        return float(self.now_s)

    @property
    def day(self):
        return datetime.fromtimestamp(self.now_s, UTC).date().isoformat()


class DeskForTests:
    """The product's own desk over any database; ``tell`` sends as the network does."""

    def __init__(self, database, folder=None, *, others=(), box_rate=BOX, address_rate=ADDRESS):
        self.database = database
        self.clock = TurnedClock()
        self.signers = _signers(folder)
        self.about = ABOUT
        self.office = Office(database, ABOUT, self.clock, "test")
        self.desk = open_desk(
            database, self.signers, ABOUT, self.clock, others=others, box_rate=box_rate,
            address_rate=address_rate,
        )  # fmt: skip

    def proof(self, key, token, *, kind, **changed):
        claims = Proof(
            host=HOST, path=kinds.PATHS[kind], nonce=self.desk.nonce(), body_sha256=sha256(token.encode())
        )
        return key.sign(kinds.PROOF, msgspec.structs.replace(claims, **changed))

    def send(self, key, token, **changed):
        """As over the network; ``changed`` are members of the proof."""
        kind = kind_of(token)
        proof = self.proof(key, token, kind=kind, **changed)
        return self.desk.receive(token, proof, kinds.PATHS[kind])

    def read(self, reply):
        """What a box would believe of it: by kind."""
        found = []
        for token in reply.items:
            kind = kind_of(token)
            key = self.signers.status if use_for(kind) == "status" else self.signers.statements
            found.append((kind, verify(token, kind, PublicKey.parse(key.public.text), STATEMENTS[kind])))
        return found

    def only(self, reply, kind):
        (found,) = [statement for one, statement in self.read(reply) if one == kind]
        return found

    def code(self, institution="North College", organization="", **more):
        return make_code(self.office, institution=institution, organization=organization, **more)

    def box(self, institution="North College", **more):
        """A box that has enrolled."""
        box = BoxForTests(self)
        self.enrollment = box.enroll(self.code(institution, **more))
        return box

    def boxes(self, count, institution="North College"):
        return [self.box(institution) for _ in range(count)]


def _signers(folder):
    """In files of a folder, where there is one."""
    if folder is None:
        return Signers(new_key(), new_key())
    return Signers.at(folder / "statements.pem", folder / "status.pem")


@dataclass
class BoxForTests:
    """``id`` is that of its first key."""

    registry: DeskForTests
    key: BoxKey = field(default_factory=new_key)
    id: str = ""
    epoch: int = 1
    seq: int = 0
    head: str = ""

    def __post_init__(self):
        self.id = self.id or self.key.public.id

    def common(self, **changed):
        return {
            "box": self.id,
            "jti": f"msg_{secrets.token_hex(6)}",
            "iat": self.registry.clock.now_s,
        } | changed

    def enroll_message(self, code, **changed):
        sealing_key = new_key().public.text
        return Enroll(
            **self.common(),
            code=code,
            name="lab box",
            software="carrel 1",
            sealing_key=sealing_key,
            **changed,
        )

    def enroll(self, code, **changed):
        return self.registry.send(self.key, self.key.sign(kinds.ENROLL, self.enroll_message(code, **changed)))

    def say(self, kind, shape, /, **members):
        """Sign one message and send it."""
        return self.registry.send(self.key, self.token(kind, shape, **members))

    def token(self, kind, shape, /, **members):
        return self.key.sign(kind, shape(**self.common(**members)))

    def sync(self):
        return self.say(kinds.SYNC, Sync)

    def rotation(self, new, /, *, by=None):
        """The token that gives the box a new key."""
        inner = new.sign(kinds.NEXT_KEY, NextKey(**self.common()))
        return (by or self.key).sign(kinds.ROTATE, Rotate(**self.common(next=inner)))

    def batch(self, *records, **changed):
        """Its next one, not sent."""
        chosen = records or (self.record(),)
        members = {
            "epoch": self.epoch, "seq": self.seq + 1, "prev": self.head, "first_day": self.registry.clock.day,
            "last_day": self.registry.clock.day, "records": tuple(chosen),
            "records_sha256": records_digest(chosen),
        }  # fmt: skip
        return UsageBatch(**self.common(**(members | changed)))

    def record(self, **changed):
        members = {
            "id": secrets.token_hex(32), "day": self.registry.clock.day, "group": "other",
            "purpose": "research", "model": "demo", "revision": 1, "file_sha256": "b" * 64,
            "backend": "llama.cpp", "op": "chat", "requests": 10, "input_tokens": 100, "output_tokens": 50,
            "gflop": 1000, "flop_method": "mm-v1", "credits_micro": 1000, "gpu_ms": 5, "wall_ms": 9,
        }  # fmt: skip
        return UsageRecord(**(members | changed))

    def report(self, *records, **changed):
        """Send the next batch, and go on where it was taken."""
        batch = self.batch(*records, **changed)
        reply = self.registry.send(self.key, self.key.sign(kinds.USAGE_BATCH, batch))
        self.epoch, self.seq, self.head = batch.epoch, batch.seq, digest_of(canonical(batch))
        return reply


def at_once(*jobs):
    """What each gives, or raises, carried out by as many threads."""

    def outcome(job):
        try:
            return job()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(outcome, jobs))
