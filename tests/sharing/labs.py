"""A lab that gives models to others, a registry that knows it, and boxes that come for files: all in this
process, with real keys and a real signed list.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from appliance.catalog.publishing.founding import found_organization
from appliance.catalog.publishing.keys import Keyring
from appliance.catalog.publishing.listing import list_recipe, unlist_recipe
from appliance.catalog.publishing.sharing import Terms, box_source, shared_weights
from appliance.catalog.publishing.work_folder import KEYS, WorkFolder
from appliance.catalog.recipes import decode_recipe
from appliance.catalog.sharing_shape import RecordToml
from appliance.domain.federation import Membership
from appliance.errors import IntegrityFailed, ModelNotFound
from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.kinds import ENROLLMENT, LEASE, PASS, ROTATION
from appliance.federation.protocol.lease_state import NO_LIST, ListView
from appliance.federation.protocol.messages import Pass
from appliance.federation.protocol.statements import Enrollment, LeaseClaims, RegistryKey, Rotation
from appliance.services.sharing.admitting import Admission
from appliance.services.sharing.giving import WeightGiving
from appliance.services.sharing.own_list import OwnList
from appliance.services.sharing.shelf import Shelf
from appliance.trust.box_key import BoxKey
from appliance.trust.signed import verify
from appliance.weights.blobs import BlobStore
from tests.admin.fake_box import SilentLog
from tests.services.conftest import NOON_MS

ADDRESS = "http://127.0.0.1:7411"
HOST = "127.0.0.1:7411"
DAY_S = 86_400
RECORD = RecordToml(
    contact="models@lab-a.edu",
    benefits=("Answers questions about reading rooms.",),
    harms=("Could be taken for a librarian.",),
    evaluations=("Two hundred questions, read by two people.",),
    reviewed_by="The lab's reading group",
    reviewed_on="2026-11-21",
)
RECIPE = """
id = "{id}"
revision = {revision}
title = "Tiny"
summary = "A model for tests."
{license}
tier = "{tier}"
context_tokens = 512
max_sequences = 2

[defaults]
max_tokens = 16

[[forms]]
name = "q8"
engine = "llama_cpp"

[[forms.sources]]
kind = "folder"
folder = "/srv/private"

[[forms.files]]
name = "{id}.gguf"
size_bytes = {size}
sha256 = "{sha256}"
"""
OPEN = 'license = "ISC"'


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def recipe_of(data: bytes, id="own", revision=1, tier="open", license=OPEN) -> bytes:
    return RECIPE.format(
        id=id, revision=revision, tier=tier, license=license, size=len(data), sha256=sha256_of(data)
    ).encode()


class Moment:
    """The machine's time, since python-tuf asks it, and what a test adds."""

    def __init__(self):
        self.added_s = 0

    @property
    def suspect(self):
        return False

    def now_ms(self):
        return int(datetime.now(UTC).timestamp() * 1000) + self.added_s * 1000

    def now_s(self):
        return self.now_ms() // 1000

    def monotonic_s(self):
        return 1000.0 + self.added_s


@dataclass
class Registry:
    """Signs for boxes, and is believed; ``status`` is what its list says of every lease."""

    folder: Path
    clock: Moment
    status: ListView | None = None
    key: BoxKey = field(init=False)

    def __post_init__(self):
        self.key = BoxKey.at(self.folder / "registry.pem")

    def believed(self, token, kind, shape):
        return verify(token, kind, self.key.public, shape), self.key.public.id

    def view(self, claims):
        return self.status if self.status is not None and claims.status >= 0 else NO_LIST

    def says(self, status: str) -> None:
        self.status = ListView(status, self.clock.now_s() + DAY_S)

    def enrolls(self, box: str, key: str = "", organization="") -> str:
        claims = Enrollment(
            iss="registry",
            sub=box,
            jti=f"e-{box[:8]}",
            iat=self.clock.now_s(),
            cnf=Confirmation(key or box),
            registry="registry",
            institution="A university",
            organization=organization,
            root_sha256="0" * 64,
            keys=(RegistryKey(self.key.public.text, ("statements",)),),
        )
        return self.key.sign(ENROLLMENT, claims)

    def rotates(self, box: str, key: str) -> str:
        now_s = self.clock.now_s()
        claims = Rotation(
            iss="registry", sub=box, jti="r", iat=now_s, cnf=Confirmation(key), overlap_until=now_s + DAY_S
        )
        return self.key.sign(ROTATION, claims)

    def leases(self, box: str, model: str, /, **changed) -> str:
        now_s = self.clock.now_s()
        claims = LeaseClaims(
            iss="registry",
            sub=box,
            jti="lease_1",
            iat=now_s,
            nbf=now_s,
            exp=now_s + 30 * DAY_S,
            grace_s=14 * DAY_S,
            model=model,
            cnf=Confirmation(box),
        )
        return self.key.sign(LEASE, msgspec.structs.replace(claims, **changed))


@dataclass
class Box:
    """Whoever comes for files."""

    folder: Path
    registry: Registry
    key: BoxKey = field(init=False)

    def __post_init__(self):
        self.key = BoxKey.at(self.folder / "key.pem")
        self.id = self.key.public.id
        self.membership = None

    @property
    def box_id(self):
        return self.id

    def sign(self, kind, value):
        return self.key.sign(kind, value)

    def enrolled(self, organization="") -> "Box":
        self.membership = Membership(
            box=self.id,
            present_key=self.key.public.id,
            registry="registry",
            address="https://registry",
            plain_http=False,
            root_sha256="0" * 64,
            institution="A university",
            organization=organization,
            enrollment=self.registry.enrolls(self.id, organization=organization),
            enrolled_ms=NOON_MS,
            keys=(),
        )
        return self

    def renewed_key(self, folder: Path) -> "Box":
        """The key is another one; the box's id stays."""
        self.key = BoxKey.at(folder / "next.pem")
        rotation = self.registry.rotates(self.id, self.key.public.id)
        self.membership = replace(self.membership, present_key=self.key.public.id, rotation=rotation)
        return self

    def shows(self, model="lab-a.own", kind=PASS, **changed) -> str:
        """A pass as it should be, but for what is changed."""
        now_s = self.registry.clock.now_s()
        claims = Pass(box=self.id, host=HOST, model=model, iat=now_s, exp=now_s + DAY_S)
        if self.membership is not None:
            member = self.membership
            claims = msgspec.structs.replace(claims, enrollment=member.enrollment, rotation=member.rotation)
        return self.key.sign(kind, msgspec.structs.replace(claims, **changed))


class ListsInMemory:
    def __init__(self):
        self.rows = []

    async def add(self, one):
        self.rows.append(one)

    async def queued(self, id):
        self.rows = [replace(one, queued=True) if one.id == id else one for one in self.rows]

    async def refused(self, id, why):
        self.rows = [replace(one, refused=why) if one.id == id else one for one in self.rows]

    async def newest(self):
        return self.rows[-1] if self.rows else None


class FetchesInMemory:
    def __init__(self):
        self.rows = []

    async def add(self, one):
        self.rows.append(one)

    async def of(self, model):
        return [one for one in self.rows if one.model == model]


class NoModels:
    """A catalog in which nothing is found, and folders in which nothing lies."""

    def find(self, model_id):
        raise ModelNotFound(model_id)

    def folder_of(self, recipe, form):
        raise IntegrityFailed("nobody asks")


@dataclass
class Lab:
    """A box that gives files. ``models_dir`` has its blobs."""

    folder: Path
    registry: Registry
    catalog: object = field(default_factory=NoModels)
    files: object = field(default_factory=NoModels)
    on: bool = True
    days: int | None = None

    def __post_init__(self):
        self.folder.mkdir(exist_ok=True)
        self.models_dir = self.folder / "models"
        self.models_dir.mkdir(exist_ok=True)
        (self.models_dir / ".blobs").mkdir(exist_ok=True)
        self.box = Box(self.folder, self.registry).enrolled("lab-a")
        self.lists, self.fetches, self.log = ListsInMemory(), FetchesInMemory(), SilentLog()
        self.work_dir = self.folder / "organization"
        found_organization(self.work, "lab-a", None)
        self.own = OwnList(self.lists, self.box, self.work_dir, self.registry.clock)
        self.shelf = Shelf(self.own, BlobStore(self.models_dir), self.catalog, self.files)
        self.giving = WeightGiving(
            on=self.on,
            shelf=self.shelf,
            admission=Admission(self.registry, self.registry, self.registry.clock),
            fetches=self.fetches,
            clock=self.registry.clock,
            log=self.log,
        )

    @property
    def work(self) -> WorkFolder:
        ring = Keyring(self.work_dir / KEYS, lambda _use: b"")
        return WorkFolder(self.work_dir, ring, now=lambda: datetime.now(UTC), days=self.days)

    def has(self, data: bytes) -> str:
        """A file of some model is on the box."""
        (self.models_dir / ".blobs" / sha256_of(data)).write_bytes(data)
        return sha256_of(data)

    def signs(self, toml: bytes) -> None:
        list_recipe(self.work, toml, organization="lab-a", text_of=lambda _sha256: b"Text.")

    def lists_model(self, data=b"weights", *, lease=False, address=ADDRESS, harms=(), **changed) -> None:
        """Signed, and not sent yet."""
        record = msgspec.structs.replace(RECORD, harms=harms or RECORD.harms)
        terms = Terms("lab-a", record, (box_source(address),), lease=lease)
        recipe = decode_recipe(recipe_of(data, **changed), "test")
        self.signs(shared_weights(recipe, terms, forms={"q8"}))

    async def shares(self, data=b"weights", **changed) -> str:
        """The model `lab-a.own`, whose one file is ``data``; the file's hash."""
        self.lists_model(data, **changed)
        await self.own.send(at=None)
        return self.has(data)

    async def withdraws(self, id="lab-a.own") -> None:
        unlist_recipe(self.work, id, organization="lab-a")
        await self.own.send(at=None)

    async def gives(self, sha256: str, token: str) -> bytes:
        opened = await self.giving.open(sha256, token)
        try:
            return b"".join([piece async for piece in opened.pieces(0, opened.size_bytes)])
        finally:
            await opened.close()
