"""The leases of a box over a real database, with clocks that a test moves and a registry that signs."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from appliance.domain.license import LicenseTerms
from appliance.errors import ModelNotFound
from appliance.federation.protocol import kinds
from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.statements import (
    Denial,
    LeaseClaims,
    StatusList,
    TimeReset,
)
from appliance.federation.protocol.status_list import pack
from appliance.services.federation.outbox import KeptOutbox
from appliance.services.federation.ports import Item
from appliance.services.federation.trusted_clock import TrustedClock
from appliance.services.licenses.lapsing import Lapsing
from appliance.services.licenses.permits import Permits
from appliance.services.licenses.register import Register
from appliance.services.registries.leases import LeaseBook
from appliance.services.registries.requesting import LeaseRequester
from appliance.services.registries.revoking import Revoking
from appliance.services.registries.status_lists import StatusBook
from appliance.services.registries.taking import LeaseReceiver, LeaseRefusals
from appliance.store.store import Store
from appliance.trust.signed import unfold, verify
from appliance.weights.quarantine import Quarantine
from tests.federation.made import new_key
from tests.models.fakes import recipe

NOON_S = 1_790_000_000
HOUR_S, DAY_S, YEAR_S = 3600, 86_400, 365 * 86_400


@dataclass
class MovedClock:
    """``passes`` moves everything, ``set_wall`` what anybody can set; ``reboot`` begins a new count."""

    wall_s: float = NOON_S
    count_s: float = 1000
    starts: int = 1

    def passes(self, seconds):
        self.wall_s += seconds
        self.count_s += seconds

    def set_wall(self, wall_s):
        self.wall_s = wall_s

    def reboot(self, off_s=0, wall_s=None):
        self.wall_s = self.wall_s + off_s if wall_s is None else wall_s
        self.count_s, self.starts = 5, self.starts + 1

    def now_ms(self):
        return int(self.wall_s * 1000)

    def monotonic_s(self):
        return self.count_s

    def since_boot_ms(self):
        return int(self.count_s * 1000)

    def boot(self):
        return f"start {self.starts}"


class Believed:
    """Every key of the registry, for everything."""

    def __init__(self, key):
        self.key = key

    def keys(self):
        return [self.key.public]

    def believed(self, token, kind, shape):
        return verify(token, kind, self.key.public, shape), self.key.public.id


@dataclass
class Own:
    """The box's key, and whether it is enrolled."""

    key: object
    enrolled: bool = True

    @property
    def box_id(self):
        return self.key.public.id

    def ids(self):
        return frozenset({self.box_id})

    keys_now = keys_ever = ids

    def sign(self, kind, value):
        return self.key.sign(kind, value)


class Shop:
    """``leased`` needs a lease, ``finish`` lets requests finish, ``free`` needs nothing."""

    def __init__(self):
        terms = LicenseTerms("LicenseRef-lab", lease=True)
        self.recipes = [
            replace(recipe("leased"), terms=replace(terms, on_lapse="stop")),
            replace(recipe("finish"), terms=terms),
            recipe("free"),
        ]

    def change(self, model, **terms):
        self.recipes = [
            replace(one, terms=replace(one.terms, **terms)) if one.id == model else one
            for one in self.recipes
        ]

    def find(self, model_id):
        for one in self.recipes:
            if (form := one.form_of(model_id)) is not None:
                return one, form
        raise ModelNotFound("No such model.")


@dataclass
class Served:
    """Notes who was ended, stopped and started."""

    ended: list = field(default_factory=list)
    stopped: list = field(default_factory=list)
    started: list = field(default_factory=list)

    def end_requests(self, recipe_id, error, *, project="", holder=""):
        self.ended.append((recipe_id, error.message))

    async def stop_serving(self, recipe_id):
        self.stopped.append(recipe_id)

    async def start_wanted(self, recipe_id):
        self.started.append(recipe_id)


class NoSeals:
    def __init__(self):
        self.forgotten = []

    async def forget(self, recipe_id, names):
        self.forgotten.append((recipe_id, tuple(names)))


class NoAcceptances:
    def __init__(self):
        self.given = []

    async def of(self, model=""):
        return [(one, True) for one in self.given if one.model == model]


@dataclass
class ModelsFolder:
    """Files of models as they lie in a folder."""

    folder: Path

    def folder_of(self, recipe, form):
        place = self.folder / recipe.id
        return place if all((place / one.name).is_file() for one in form.files) else None

    def install(self, recipe):
        (self.folder / recipe.id).mkdir(parents=True)
        for one in recipe.forms[0].files:
            (self.folder / recipe.id / one.name).write_bytes(b"weights")


class LeasedBox:
    """``open`` builds everything anew over the same database, as a start does."""

    def __init__(self, folder, database):
        self.database, self.folder = database, folder
        self.clock = MovedClock()
        self.registry = new_key()
        self.own = Own(new_key())
        self.catalog, self.served, self.acceptances = Shop(), Served(), NoAcceptances()
        self.models = ModelsFolder(folder / "models")
        self.models.folder.mkdir()
        self.seals = NoSeals()
        self.numbers = iter(range(10_000))
        self.store = None

    async def open(self):
        self.close()
        self.store = Store.open(self.database, self.clock)
        self.time = TrustedClock(self.clock, self.clock, self.store.leasing.times)
        await self.time.load()
        keys = Believed(self.registry)
        self.statuses = StatusBook(self.store.leasing.status_lists, keys)
        self.leases = LeaseBook(self.store.leases, keys, self.own, self.time, self.statuses)
        await self.leases.load()
        self.register = Register()
        self.permits = Permits(self.register, self.leases, purpose_of=lambda project: project)
        requests = self.store.leasing.requests
        self.receiver = LeaseReceiver(self.leases, requests, self.time)
        self.refusals = LeaseRefusals(requests, self.time)
        self.outbox = KeptOutbox(self.store.outbox)
        self.requester = LeaseRequester(
            self.catalog,
            self.leases,
            requests,
            files=self.models,
            acceptances=self.acceptances,
            pseudonym=lambda _project: "0123456789abcdef",
            identity=self.own,
            outbox=self.outbox,
            clock=self.time,
        )
        self.revoking = Revoking(
            self.leases,
            self.served,
            Quarantine(self.models.folder),
            self.seals,
            self.store.leasing.revocations,
            identity=self.own,
            outbox=self.outbox,
            clock=self.time,
        )
        self.lapsing = Lapsing(
            self.catalog, self.leases, self.served, self.time, models=self.served, revoking=self.revoking
        )
        return self

    def close(self):
        if self.store is not None:
            self.store.close()
            self.store = None

    async def restart(self):
        """The process, not the machine."""
        await self.time.keep()
        return await self.open()

    async def look(self):
        """As the task beside the gateway does."""
        wait_s = self.lapsing.check()
        await self.lapsing.act()
        return wait_s

    def lease(self, model="leased", *, at_s=None, **changed):
        at_s = int(self.clock.wall_s) if at_s is None else at_s
        claims = LeaseClaims(
            iss="registry",
            sub=self.own.box_id,
            jti=f"lease_{next(self.numbers):012x}",
            iat=at_s,
            nbf=at_s,
            exp=at_s + 30 * DAY_S,
            grace_s=14 * DAY_S,
            model=model,
            cnf=Confirmation(self.own.box_id),
        )
        return self.registry.sign(kinds.LEASE, msgspec.structs.replace(claims, **changed))

    def status_list(self, statuses, *, at_s=None, days=7, size=64):
        at_s = int(self.clock.wall_s) if at_s is None else at_s
        made = StatusList(
            iss="registry",
            sub="status",
            iat=at_s,
            exp=at_s + days * DAY_S,
            ttl=3600,
            bits=2,
            lst=pack(statuses, size),
        )
        return self.registry.sign(kinds.STATUS_LIST, made)

    def time_reset(self, at_s):
        made = TimeReset(iss="registry", sub=self.own.box_id, jti=f"time_{next(self.numbers)}", iat=at_s)
        return self.registry.sign(kinds.TIME_RESET, made)

    def denial(self, message, model, reason):
        made = Denial(
            iss="registry",
            sub=self.own.box_id,
            jti=f"no_{next(self.numbers)}",
            iat=int(self.clock.wall_s),
            re=message,
            about=model,
            reason=reason,
        )
        return self.registry.sign(kinds.DENIAL, made)

    async def hears(self, token, kind=kinds.LEASE):
        """As it comes out of a sync, where it was verified."""
        payload = unfold(token, kind, self.registry.public)
        await self.receiver.take(Item(kind, token, payload, self.registry.public.id))

    def state(self, model="leased"):
        found = self.leases.of(model)
        return "none" if found is None else found.state
