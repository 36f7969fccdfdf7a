"""A box that syncs: a real database and real keys, everything that sends and takes in, and no catalog."""

import hashlib
import shutil
from pathlib import Path

import msgspec

from appliance.domain.catalogs import RefreshOutcome
from appliance.errors import Conflict
from appliance.federation.protocol.enroll_code import EnrollCode, write_code
from appliance.federation.protocol.limits import SKEW_S
from appliance.outbound.switch import Switch
from appliance.services.federation.believing import BelievedRegistries
from appliance.services.federation.carrying import Carrying
from appliance.services.federation.catching_up import CatchingUp
from appliance.services.federation.composing import Composing
from appliance.services.federation.dispatching import Dispatcher, Times
from appliance.services.federation.enrolling import Enrolling
from appliance.services.federation.identity import FederationIdentity
from appliance.services.federation.notices import Budgets, Notices
from appliance.services.federation.outbox import KeptOutbox
from appliance.services.federation.own_sealing_key import OwnSealingKey
from appliance.services.federation.ports import Outgoing
from appliance.services.federation.rotating import Rotating
from appliance.services.federation.sending import Sender
from appliance.services.federation.service import FederationService
from appliance.services.federation.syncing import Syncing
from appliance.store.store import Store
from appliance.trust.box_key import BoxKey
from appliance.trust.registry_keys import RegistryKeys
from tests.federation.made import new_id
from tests.federation.simulated_transport import SimulatedTransport
from tests.federation.simulator import NAME, SimulatedRegistry

ROOT = b'{"root": "of the simulated registry"}'
ROOT_PATH = "tuf/metadata/1.root.json"
START_MS = 1_790_000_000_000


class MovedClock:
    """Stands still until a test moves it."""

    def __init__(self):
        self.time_ms = START_MS

    def now_ms(self):
        return self.time_ms

    def now_s(self):
        return self.time_ms // 1000

    def monotonic_s(self):
        return self.time_ms / 1000


class RecordedLog:
    """Keeps what it is told."""

    def __init__(self):
        self.records = []

    def info(self, event, **fields):
        self.records.append((event, fields))

    warning = error = info


class Catalogs:
    """What the box knows of the registry's catalog: ``listed`` are the bytes of ``registry/keys.json``."""

    def __init__(self, registry: SimulatedRegistry):
        self.registry = registry
        self.outcome = "refreshed"
        self.trusted: dict[str, tuple[bytes, str]] = {}
        self.mirrors = []

    async def bring(self, name=None, mirror=None):
        self.mirrors.append(mirror)
        return (RefreshOutcome(name, self.outcome, "" if self.outcome == "refreshed" else "Not there."),)

    def registry_keys(self, name):
        return msgspec.json.encode(self.registry.key_list)

    def trust(self, name, root, address, plain_http):
        if self.trusted.setdefault(name, (root, address)) != (root, address):
            raise Conflict("A catalog of that name is trusted already.")


class Part:
    """Composes what it is given once, takes the kinds it is told to, hears of refusals."""

    def __init__(self, *kinds, settles=True):
        self.kinds = frozenset(kinds)
        self.settles = settles
        self.say: list[Outgoing] = []
        self.outbox = None
        self.items, self.refusals = [], []
        self.raises: Exception | None = None

    async def compose(self):
        if self.raises is not None:
            raise self.raises
        while self.say:
            await self.outbox.put(self.say.pop(0))

    async def take(self, item):
        self.items.append(item)
        if self.raises is not None:
            raise self.raises

    async def refused(self, refusal):
        self.refusals.append(refusal)
        return self.settles


class SyncingBox:
    """``open`` it first; ``again`` is the same box after it was killed, over the same files. ``database``
    is an empty one to begin with.
    """

    def __init__(
        self, folder: Path, registry: SimulatedRegistry, *parts: Part, database: Path, offline=False
    ):
        self.folder = folder
        self.registry = registry
        self.parts = parts
        self.offline = offline
        (folder / "data").mkdir(mode=0o700, parents=True)
        shutil.copy(database, folder / "data" / "carrel.db")
        self.clock = MovedClock()
        self.catalogs = Catalogs(registry)
        self.transport = SimulatedTransport(registry, {ROOT_PATH: ROOT})
        self.learned: list[int] = []
        self.log = RecordedLog()

    async def open(self):
        self.store = Store.open(self.folder / "data" / "carrel.db", self.clock)
        self.identity = FederationIdentity(
            self.folder / "data" / "federation" / "key.pem",
            self.store.federation,
            box_key=lambda: BoxKey.at(self.folder / "data" / "box-key.pem").public.id,
            clock=self.clock,
        )
        await self.identity.load()
        self.believed = BelievedRegistries(self.store.federation, RegistryKeys(self.folder / "none"))
        await self.believed.load()
        self.outbox = KeptOutbox(self.store.outbox)
        for part in self.parts:
            part.outbox = self.outbox
        self.notices = Notices(self.store.federation, self.clock)
        self.budgets = Budgets(self.store.federation)
        self.rotating = Rotating(self.identity, self.outbox, self.clock)
        self._join()
        return self

    def _join(self):
        def latest_s():
            return self.clock.now_s() + SKEW_S

        async def learn(signed_s):
            self.learned.append(signed_s)

        store, clock, log = self.store, self.clock, self.log
        self.dispatcher = Dispatcher(
            [*self.parts, self.rotating, self.notices, self.budgets],
            believing=self.believed,
            who=self.identity,
            seen=store.federation,
            times=Times(latest_s, learn),
            clock=clock,
            log=log,
        )
        sender = Sender(store.outbox, store.federation, self.dispatcher, self.parts, clock=clock, log=log)
        composing = Composing(self.parts, self.identity, log)
        catching_up = CatchingUp(self.catalogs, self.catalogs, self.believed)
        who = {"who": self.identity, "remembered": store.federation}
        self.syncing = Syncing(
            **who, rows=store.outbox, composing=composing, sender=sender, catching_up=catching_up,
            connect=lambda _: self.transport, every_h=6, software="carrel test", clock=clock, log=log,
        )  # fmt: skip
        sealing = OwnSealingKey(self.folder / "data" / "federation" / "sealing.json")
        self.enrolling = Enrolling(
            **who, catalogs=catching_up, believing=self.believed, trust=self.catalogs.trust,
            connect=lambda _: self.transport, sealing_key=sealing.public, latest_s=latest_s, learn=learn,
            switch=Switch(setting=self.offline), software="carrel test", clock=clock,
        )  # fmt: skip
        self.carrying = Carrying(
            **who, rows=store.outbox, composing=composing, syncing=self.syncing, sender=sender,
            dispatcher=self.dispatcher, enrolling=self.enrolling, catching_up=catching_up,
            work=self.folder / "data" / "federation", clock=clock,
        )  # fmt: skip

        async def nothing():
            return None

        self.service = FederationService(
            **who, rows=store.outbox, notices=store.federation, enrolling=self.enrolling,
            syncing=self.syncing, carrying=self.carrying, dispatcher=self.dispatcher, lines=[],
            close_today=nothing, by_hand=lambda: False, clock=clock,
        )  # fmt: skip

    def close(self):
        self.store.close()

    async def again(self):
        """Killed and started anew: nothing but its files is left."""
        self.close()
        return await self.open()

    def code(self, **changed):
        """As the registry's keeper gives it."""
        given = {
            "registry": NAME,
            "address": "https://registry.example",
            "root_sha256": hashlib.sha256(ROOT).hexdigest(),
            "code": self.registry.code(),
        }
        return write_code(EnrollCode(**{**given, **changed}))

    async def enroll(self):
        """With a new code."""
        self.registry.root_sha256 = hashlib.sha256(ROOT).hexdigest()
        await self.enrolling.enroll(self.code(), "", "")
        return self

    def message(self, kind, shape, **fields):
        """Signed by the box."""
        box = self.identity.box_id
        made = shape(box=box, jti=new_id("msg"), iat=self.clock.now_s(), **fields)
        return Outgoing(made.jti, kind, self.identity.sign(kind, made), self.clock.now_ms())

    async def waiting(self):
        """Kinds of what waits, in order."""
        return [row.kind for row in await self.store.outbox.waiting(limit=1000)]
