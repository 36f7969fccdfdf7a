"""A box that reports: a real database, everything that makes reports, and a small way to sync."""

import asyncio
import itertools
import shutil
import sqlite3

from appliance.domain.audit import AuditHead
from appliance.domain.model import ModelIdentity
from appliance.domain.people import ApiKey, Caller, Person, Project
from appliance.domain.reporting import DAY_MS
from appliance.domain.usage import Hold, Meters, Outcome
from appliance.errors import OutboundFailed
from appliance.federation.protocol.kinds import PATHS, USAGE_ACK
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.usage import CatalogSeen
from appliance.services.federation.outbox import KeptOutbox
from appliance.services.federation.ports import Item, Refusal
from appliance.services.federation.reporting.acknowledging import Acknowledgements
from appliance.services.federation.reporting.checking import SpotRequests
from appliance.services.federation.reporting.composing import ReportComposer
from appliance.services.federation.reporting.linking import Linking, signed_before
from appliance.services.federation.reporting.making import Making
from appliance.services.federation.reporting.previewing import Previews
from appliance.services.federation.reporting.refusals import RefusalCounts
from appliance.services.federation.reporting.service import ReportService
from appliance.services.federation.reporting.telling import Telling
from appliance.store.connection import connect_writer
from appliance.store.store import Store
from appliance.trust.signed import kind_of, signer_of, unfold
from tests.federation.made import new_key

MONDAY_MS = 20_700 * DAY_MS
"""A UTC day's first moment, as days since 1970 count it."""
PEOPLE = [f"s{number}" for number in range(12)]
SECRETS = ("hunter2-prompt", "s0", "key_s0", "nlp")
"""What no report may hold."""
MODEL = ModelIdentity("demo", 3, "ab" * 32, "llama.cpp-0.3.36")


class MovingClock:
    """Stands still until a test moves it."""

    def __init__(self, time_ms=MONDAY_MS + DAY_MS // 2):
        self.time_ms = time_ms

    def now_ms(self):
        return self.time_ms

    def monotonic_s(self):
        return self.time_ms / 1000


class Quiet:
    """A log that nobody reads."""

    def info(self, event, **fields): ...
    def warning(self, event, **fields): ...
    def error(self, event, **fields): ...


class OwnKey:
    """The port ``Identity`` over one key."""

    def __init__(self, key):
        self._key = key

    @property
    def enrolled(self):
        return True

    @property
    def box_id(self):
        return self._key.public.id

    def sign(self, kind, value):
        return self._key.sign(kind, value)


class Surroundings:
    """What a report says beside sums."""

    def __init__(self):
        self.purposes = {}
        self.leases = {}

    def purpose(self, project_id):
        return self.purposes.get(project_id, "research")

    def lease(self, model):
        return self.leases.get(model, "")

    async def audit(self):
        return AuditHead(box="b", seq=6, hash="cd" * 32, outcomes=0, outcomes_hash="0" * 64)

    async def catalog(self):
        return CatalogSeen(4, "ef" * 32)


class Killing:
    """Opens a database whose process is killed at its ``at``-th statement: that one and all after it fail."""

    def __init__(self):
        self.left = None

    def __call__(self, path):
        database = connect_writer(path)
        execute = database.execute

        def one(sql, *rest):
            if self.left is not None and sql != "ROLLBACK":
                self.left -= 1
                if self.left < 0:
                    raise sqlite3.OperationalError("killed here")
            return execute(sql, *rest)

        database.execute = one
        return database


class ReportingBox:
    """``path`` is of its database; ``key`` what it is known by."""

    def __init__(self, path, clock=None, key=None, *, connect=connect_writer, template=None):
        self.path, self.clock, self.key = path, clock or MovingClock(), key or new_key()
        self.connect = connect
        if template is not None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copy(template, path)
        self.secret, self.around, self.signs = b"s" * 32, Surroundings(), []
        self._numbers = itertools.count()
        self.open()

    def open(self):
        """As a process does at its start."""
        self.store = store = Store.open(self.path, self.clock, connect=self.connect)
        identity, log = OwnKey(self.key), Quiet()
        chains, tallies, clock = store.report_batches, store.report_tally, self.clock
        linking = Linking(identity, clock)
        self.telling = Telling(chains, alert=self.signs.append, clock=clock)
        self.refusals = RefusalCounts(
            tallies, reporting=lambda: True, backend=lambda *_: ("ab" * 32, "llama.cpp"), clock=clock, log=log
        )
        making = Making(
            tallies=tallies, chains=chains, around=self.around, linking=linking,
            secret=lambda: self.secret, software="carrel test",
        )  # fmt: skip
        self.composer = ReportComposer(
            identity=identity, tallies=tallies, chains=chains, making=making,
            outbox=KeptOutbox(store.outbox), refusals=self.refusals, reporting=store.federation.reporting,
            clock=clock, log=log,
        )  # fmt: skip
        self.acks = Acknowledgements(
            identity=identity, chains=chains, composer=self.composer, linking=linking, telling=self.telling,
            clock=clock, log=log,
        )  # fmt: skip
        self.checks = SpotRequests(
            identity=identity, checks=store.report_checks, chains=chains, tallies=tallies,
            telling=self.telling, secret=lambda: self.secret, clock=clock,
        )  # fmt: skip

    def service(self):
        """What operators ask."""
        store = self.store
        return ReportService(
            identity=OwnKey(self.key), switch=store.federation,
            previews=Previews(store.outbox, self.composer, self.composer.compose), composer=self.composer,
            chains=store.report_batches, checks=store.report_checks, spots=self.checks, clock=self.clock,
        )  # fmt: skip

    @property
    def id(self):
        return self.key.public.id

    async def start(self, *people, project="nlp"):
        """Report from now on; these people have keys in a project."""
        await self.store.federation.report(on=True)
        if project not in {one.id for one in await self.store.projects.all()}:
            await self.store.projects.add(Project(project, "", 1))
        known = {one.id for one in await self.store.people.all()}
        for name in people:
            if name not in known:
                await self.store.people.add(Person(name, "", 1))
            key = f"key_{name}_{project}"
            row = ApiKey(key, "", "abcd", name, project, 1, None, None)
            await self.store.keys.add(row, key.encode().ljust(32, b"_")[:32])

    async def use(self, name, *, project="nlp", gflop=10, settle=True, model=MODEL, op="chat", **meters):
        """One request, settled now."""
        request = f"req_{next(self._numbers)}_{self.clock.now_ms()}"
        hold = Hold(
            request, Caller(f"key_{name}_{project}", name, project), model, 5, 9, gflop, gflop, 1,
            self.clock.now_ms(), op=op,
        )  # fmt: skip
        await self.store.ledger.reserve(hold)
        if settle:
            await self.settle(request, gflop=gflop, **meters)
        return request

    async def all_use(self, people, **asked):
        """At once, each of them one request."""
        await asyncio.gather(*(self.use(name, **asked) for name in people))

    async def settle(self, request, *, outcome=Outcome.COMPLETED, gflop=10, **meters):
        values = {"prompt_tokens": 5, "cached_tokens": 2, "completion_tokens": 3, "gpu_ms": 7, "wall_ms": 9}
        await self.store.ledger.settle(request, outcome, Meters(**(values | meters), gflop=gflop))

    def next_day(self, days=1):
        """Half a day into it."""
        self.clock.time_ms = (self.clock.time_ms // DAY_MS + days) * DAY_MS + DAY_MS // 2

    async def sync(self, transport):
        """As a sync does: in order, each answer handed on before the row is done. Returns what was sent."""
        await self.composer.compose()
        sent, after = 0, 0
        while rows := await self.store.outbox.waiting(after=after, limit=16):
            for row in rows:
                after = row.seq
                try:
                    reply = await transport.post(PATHS[row.kind], row.token)
                except Refused as error:
                    refusal = Refusal(row.id, row.kind, error.name, error.title, {})
                    if await self.acks.refused(refusal):
                        await self.store.outbox.done(row.id, self.clock.now_ms())
                    continue
                except OutboundFailed:
                    return sent
                sent += 1
                for token in reply.items:
                    await self.take(token, row.id)
                await self.store.outbox.done(row.id, self.clock.now_ms())
        return sent

    async def take(self, token, re=""):
        """A statement of the registry."""
        payload = unfold(token, kind_of(token), signer_of(token))
        item = Item(kind_of(token), token, payload, "registry", re)
        if item.kind == USAGE_ACK:
            await self.acks.take(item)
        elif item.kind in self.checks.kinds:
            await self.checks.take(item)

    async def waiting(self):
        return await self.store.outbox.waiting(limit=1000)

    async def ask(self, sql):
        return await self.store._reader.run(lambda database: list(database.query(sql)))

    def close(self):
        self.store.close()


def total(records, name="requests"):
    """Over all records that a registry has."""
    return sum(getattr(one, name) for one in records)


async def batches(box):
    """What the box has made, in order."""
    return [signed_before(one) for one in await box.store.report_batches.batches(box.id)]
