"""A box that downloads, without processes, disk or network: what it asks of others is told by the test."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.domain.approval import Approval
from appliance.domain.download import Fetched, FetchProgress
from appliance.domain.license import LicenseTerms
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm, SamplingDefaults
from appliance.domain.source import WeightSource
from appliance.errors import IntegrityFailed, ModelNotFound, StorageUnavailable
from appliance.outbound.switch import Switch
from appliance.services.downloads.downloads import DownloadService
from appliance.services.downloads.ports import NoPasses
from appliance.services.downloads.removing import RemovalService
from appliance.services.downloads.tools import Tools, Way
from tests.admin.fake_box import SilentLog
from tests.services.conftest import StillClock

HUB = WeightSource("hub", repository="lab/tiny", commit="0" * 40)
MIRROR = WeightSource("mirror", address="https://mirror.lab")
STICK = WeightSource("folder", folder="/media/stick")
GIB = 2**30


def file(name="tiny.gguf", size_bytes=1000, sha256=""):
    return RecipeFile(name, size_bytes, sha256 or (name.encode().hex() + "0" * 64)[:64])


def form(name="q8", files=(), sources=(HUB,)):
    return RecipeForm(name, "llama_cpp", tuple(files) or (file(),), sources=tuple(sources))


def recipe(id="tiny", *, forms=(), **changes):
    values = {
        "revision": 1,
        "title": "Tiny",
        "summary": "Small.",
        "terms": LicenseTerms("Apache-2.0"),
        "tier": "open",
        "context_tokens": 2048,
        "max_sequences": 4,
        "chat_template": None,
        "add_bos": False,
        "forms": tuple(forms) or (form(),),
        "defaults": SamplingDefaults(),
    }
    return Recipe(id, **(values | changes))


class Shelf:
    """The catalog."""

    def __init__(self, *recipes):
        self.known = {one.id: one for one in recipes}

    @property
    def recipes(self):
        return tuple(self.known.values())

    def find(self, model_id):
        found = self.known.get(model_id.partition("@")[0])
        form = found and found.form_of(model_id)
        if form is None:
            raise ModelNotFound(f"{model_id} is not in the catalog.")
        return found, form

    def change(self, id, **changes):
        self.known[id] = replace(self.known[id], **changes)


class Allowing:
    """Permits; ``refusal`` is what everything is refused with."""

    def __init__(self):
        self.refusal = None
        self.accepted = []

    def check(self, recipe, act, form=None):
        if self.refusal is not None:
            raise self.refusal

    async def accept(self, recipe, terms):
        self.accepted.append((recipe.id, terms))
        self.refusal = None


class TableInMemory:
    """Keeps rows as the disk does: without speed."""

    def __init__(self):
        self.rows = {}
        self.puts = []
        self.refusal = None

    async def put(self, download):
        if self.refusal is not None:
            raise self.refusal
        self.rows = {key: row for key, row in self.rows.items() if row.model != download.model}
        self.rows[download.id] = replace(download, bytes_per_s=None, eta_s=None)
        self.puts.append(download)

    async def remove(self, download_id):
        self.rows.pop(download_id, None)

    async def all(self):
        return list(self.rows.values())


class Blobs:
    """Files by hash, with the parts that are on their way, and what models have."""

    def __init__(self):
        self.whole = set()
        self.parts = {}
        self.models = {}
        self.placing = None

    def has(self, one):
        return one.sha256 in self.whole

    def blob(self, sha256):
        return Path("/models/.blobs", sha256)

    def part(self, sha256):
        return Path("/models/.incoming", sha256 + ".part")

    def discard(self, sha256s):
        held = {one.sha256 for files in self.models.values() for one in files.values()}
        for one in sha256s:
            self.parts.pop(one, None)
            if one not in held:
                self.whole.discard(one)
        return 0

    def place(self, recipe_id, files):
        if self.placing is not None:
            self.placing()
        for one in files:
            if one.sha256 not in self.whole:
                raise IntegrityFailed(f"{one.name} has no blob.")
            self.models.setdefault(recipe_id, {})[one.name] = one
        return Path("/models", recipe_id)

    def would_free(self, recipe_id, names):
        held = {
            one.sha256
            for owner, files in self.models.items()
            for name, one in files.items()
            if owner != recipe_id or name not in names
        }
        own = self.models.get(recipe_id, {})
        leaving = {own[name].sha256: own[name].size_bytes for name in names if name in own}
        return sum(size for sha256, size in leaving.items() if sha256 not in held)

    def remove(self, recipe_id, names):
        freed = self.would_free(recipe_id, names)
        for name in names:
            self.models.get(recipe_id, {}).pop(name, None)
        return freed


class Folders:
    """Where files lie: what blobs were placed, what was put there by hand, what came with Carrel."""

    def __init__(self, blobs):
        self.blobs = blobs
        self.by_hand = set()
        self.bundled = set()
        self.wrong = set()
        self.verified = []

    def folder_of(self, recipe, form):
        if recipe.id in self.bundled:
            return Path("/bundled", recipe.id)
        have = {one.name for one in self.blobs.models.get(recipe.id, {}).values()}
        there = recipe.id in self.by_hand or {one.name for one in form.files} <= have
        return Path("/models", recipe.id) if there else None

    def nearest(self, recipe, form):
        return self.folder_of(recipe, form)

    def names_in(self, recipe_id):
        return sorted(self.blobs.models.get(recipe_id, {}))

    def is_bundled(self, folder):
        return folder.parts[1] == "bundled"

    def verify(self, form, folder, on_progress):
        self.verified.append(folder)
        on_progress(1.0)
        if folder.name in self.wrong:
            raise IntegrityFailed("wrong")


class Disk:
    def __init__(self, blobs):
        self.blobs = blobs
        self.free = 100 * GIB

    def free_bytes(self):
        return self.free

    def taken_bytes(self, path):
        return self.blobs.parts.get(path.name.removesuffix(".part"), 0)


class Fetcher:
    """Fetches by script. A step is an event, an error that is raised, ``"hold"`` (goes on once the test says
    so) or ``"rest"`` (brings what is missing and ends). ``orders`` and ``left`` tell what was asked for.
    """

    def __init__(self, blobs):
        self.blobs = blobs
        self.script = []
        self.orders = []
        self.left = 0
        self.held = asyncio.Event()
        self.go_on = asyncio.Event()

    @asynccontextmanager
    async def fetch(self, order):
        self.orders.append(order)
        steps = self.script.pop(0) if self.script else ["rest"]
        try:
            yield self._events(order, steps)
        finally:
            self.left += 1

    async def _events(self, order, steps):
        total = sum(one.size_bytes for one in order.files)
        for step in steps:
            if isinstance(step, Exception):
                raise step
            if step == "hold":
                self.held.set()
                await self.go_on.wait()
            elif step == "rest":
                self.blobs.whole |= {one.sha256 for one in order.files}
                yield FetchProgress(total, total, order.sources[0].label)
                yield Fetched()
            else:
                if isinstance(step, FetchProgress):
                    self.blobs.parts[order.files[0].sha256] = step.verified_bytes
                yield step


class Inspector:
    """``refusal`` is raised; ``held`` is waited for; ``meanwhile`` is done while it looks."""

    def __init__(self):
        self.refusal = None
        self.meanwhile = lambda: None
        self.seen = []
        self.hold = False
        self.held = asyncio.Event()

    async def inspect(self, recipe, form, files):
        self.seen.append((recipe.id, dict(files)))
        self.meanwhile()
        if self.hold:
            self.held.set()
            await asyncio.Event().wait()
        if self.refusal is not None:
            raise self.refusal


class Ticks:
    """Sleeps that end when the test says so; ``asked`` is how long each was to be."""

    def __init__(self):
        self.asked = []
        self._waiting = []
        self._more = asyncio.Event()

    async def sleep(self, seconds):
        self.asked.append(seconds)
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append((seconds, waiter))
        self._more.set()
        await waiter

    async def tick(self, seconds=1.0):
        """End the next sleep of that length, once somebody sleeps."""
        while True:
            for one in list(self._waiting):
                if one[1].done():
                    self._waiting.remove(one)
                elif one[0] == seconds:
                    self._waiting.remove(one)
                    one[1].set_result(None)
                    return
            self._more.clear()
            await self._more.wait()


class Runners:
    def __init__(self):
        self.models = []

    def running(self):
        return self.models


class Seals:
    def __init__(self):
        self.forgotten = []

    async def forget(self, recipe_id, names):
        self.forgotten.append((recipe_id, tuple(names)))


@dataclass
class Box:
    """All of it; ``restart`` is a new service over the same disk."""

    catalog: Shelf
    permits: Allowing = field(default_factory=Allowing)
    table: TableInMemory = field(default_factory=TableInMemory)
    blobs: Blobs = field(default_factory=Blobs)
    inspector: Inspector = field(default_factory=Inspector)
    ticks: Ticks = field(default_factory=Ticks)
    clock: StillClock = field(default_factory=StillClock)
    log: SilentLog = field(default_factory=SilentLog)
    runners: Runners = field(default_factory=Runners)
    seals: Seals = field(default_factory=Seals)
    switch: Switch = field(default_factory=Switch)
    passes: NoPasses = field(default_factory=NoPasses)

    def __post_init__(self):
        self.files = Folders(self.blobs)
        self.disk = Disk(self.blobs)
        self.fetcher = Fetcher(self.blobs)
        self.restart()

    def restart(self):
        tools = Tools(
            catalog=self.catalog,
            permits=self.permits,
            fetcher=self.fetcher,
            inspector=self.inspector,
            blobs=self.blobs,
            files=self.files,
            disk=self.disk,
            way=Way(models_dir="/models", hub="https://hub.lab"),
            switch=self.switch,
            clock=self.clock,
            log=self.log,
            sleep=self.ticks.sleep,
            passes=self.passes,
        )
        self.service = DownloadService(tools, self.table, self.permits)
        self.removal = RemovalService(
            catalog=self.catalog,
            files=self.files,
            blobs=self.blobs,
            runners=self.runners,
            seals=self.seals,
            downloads=self.service,
        )
        return self.service

    async def until(self, state, name="tiny"):
        """The download once it is in that state."""
        async with asyncio.timeout(5):
            while True:
                found = await self.service.show(download=name)
                if found.state == state:
                    return found
                await asyncio.sleep(0)


FULL = StorageUnavailable("The disk with the models is full.")
APPROVED_BY_CATALOG = Approval("catalog", "uni")
