"""A catalog made with Carrel's own commands' code, and a box that trusts it. Nothing is patched: a test that
wants another time gives the catalog's keeper another clock, since python-tuf asks the machine's.
"""

import hashlib
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.catalog.publishing.delegating import delegate, undelegate
from appliance.catalog.publishing.founding import RootKeys, found_catalog, found_organization
from appliance.catalog.publishing.keys import Keyring
from appliance.catalog.publishing.listing import list_recipe, unlist_recipe
from appliance.catalog.publishing.mirroring import publish
from appliance.catalog.publishing.renewing import renew, rotate
from appliance.catalog.publishing.work_folder import KEYS, WorkFolder
from appliance.catalog.signed.cache import Cache
from appliance.catalog.signed.catalogs import CatalogFolders, TrustedCatalogs
from appliance.catalog.signed.names import role_of
from appliance.catalog.signed.trusting import TrustToml, trust
from appliance.outbound.client import Outbound
from appliance.outbound.switch import Switch

DAY_MS = 86_400_000
RECIPE = """
id = "{id}"
revision = {revision}
title = "{title}"
summary = "A model for tests."
tier = "open"
context_tokens = 512
max_sequences = 2
{more}

[license]
expression = "LicenseRef-Test"
title = "A license for tests"
acceptance = "institution"
redistribution = "yes"
derivatives = "yes"
text_sha256 = "{text}"

[defaults]
max_tokens = 16

[[forms]]
name = "q8"
engine = "llama_cpp"

[[forms.files]]
name = "model.gguf"
size_bytes = 3
sha256 = "{sha256}"
"""


def toml_of(id="tiny", revision=1, title="Tiny", text="Be fair.", more="") -> bytes:
    weights = sha256_of(b"abc")
    return RECIPE.format(
        id=id, revision=revision, title=title, text=sha256_of(text.encode()), more=more, sha256=weights
    ).encode()


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Keeper:
    """Whoever makes a catalog. ``days_ago`` is how far behind the machine's its clock is."""

    def __init__(self, folder: Path, *, days_ago: float = 0, keys=1, threshold=1, org=""):
        self.folder = folder
        self.days_ago = days_ago
        self.public = folder.with_name(folder.name + "-public")
        self.given = found_organization(self.work, org, None) if org else self._found(keys, threshold)

    @classmethod
    def again(cls, folder: Path):
        """Of a folder that was made before."""
        keeper = cls.__new__(cls)
        keeper.folder, keeper.days_ago = folder, 0
        keeper.public = folder.with_name(folder.name + "-public")
        return keeper

    def _found(self, keys: int, threshold: int) -> Path:
        return found_catalog(self.work, RootKeys(keys, threshold))

    @property
    def work(self) -> WorkFolder:
        return self.work_for(None)

    def work_for(self, days: int | None) -> WorkFolder:
        return WorkFolder(self.folder, Keyring(self.folder / KEYS, lambda _use: b""), now=self.now, days=days)

    def now(self) -> datetime:
        return datetime.now(UTC) - timedelta(days=self.days_ago)

    @property
    def root(self) -> bytes:
        return (self.folder / "metadata" / "1.root.json").read_bytes()

    def add(self, id="tiny", revision=1, *, org="", text="Be fair.", title="Tiny"):
        toml = toml_of(id, revision, title, text)
        list_recipe(self.work, toml, organization=org, text_of=lambda _sha256: text.encode())
        return self

    def remove(self, id: str, *, org=""):
        unlist_recipe(self.work, id, organization=org)
        return self

    def delegate(self, org="uni"):
        """The organization's key lies here too, so that a test can sign anything with it."""
        role = role_of(org)
        ring = self.work.keyring
        key = ring.make(role)
        delegate(self.work, org, ring.public_file(role, key))
        with self.work.edit_targets(role):
            pass
        self.work.settle()
        return self

    def undelegate(self, org="uni"):
        undelegate(self.work, org)
        return self

    def sign(self, role="snapshot", *, days=None, rotating=False):
        if rotating:
            rotate(self.work_for(days), role, None)
        else:
            renew(self.work_for(days), role)
        return self

    def publish(self, to: Path | None = None) -> Path:
        publish(self.work, to or self.public, now=self.now)
        return to or self.public

    def metadata(self, name: str) -> Path:
        """A published file."""
        return self.public / "metadata" / name

    def file_of(self, id: str) -> Path:
        """The published file of a recipe."""
        (found,) = self.public.glob(f"targets/**/{id}/*.toml")
        return found


class Standing:
    """A catalog that is published and a box that knows it, made once and copied for each test: a disk takes
    its time to make them.
    """

    def __init__(self, folder: Path, prepare: Callable[[Keeper], object]):
        self.folder = folder
        keeper = Keeper(folder / "lab")
        prepare(keeper)
        keeper.publish()
        Box(folder / "box").trust(keeper).refresh()

    def copied_to(self, folder: Path) -> "tuple[Keeper, Box]":
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        keeper = Keeper.again(folder / "lab")
        (folder / "box/trusted/lab/catalog.toml").write_text(f'folder = "{keeper.public}"')
        return keeper, Box(folder / "box")


class MovableClock:
    """The machine's time, and what a test adds to it."""

    def __init__(self):
        self.days = 0.0

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + int(self.days * DAY_MS)

    def monotonic_s(self) -> float:
        return time.monotonic()


class Box:
    """What trusts catalogs."""

    def __init__(self, folder: Path, *, offline=False):
        self.clock = MovableClock()
        self.folders = CatalogFolders(folder / "trusted", folder / "cache", folder / "release-root.json")
        self.catalogs = TrustedCatalogs(
            self.folders, outbound=Outbound(switch=Switch(setting=offline)), clock=self.clock
        )

    def trust(self, keeper: Keeper, name="lab", **where):
        place = where or {"folder": str(keeper.public)}
        trust(self.folders.trusted, name, keeper.root, TrustToml(**place))
        return self

    def cache(self, name="lab") -> Cache:
        return Cache(self.folders.cache / name)

    def refresh(self, name=None, mirror=None):
        (outcome,) = self.catalogs.refresh(name, mirror)
        return outcome

    def state(self, name="lab"):
        return next(one for one in self.catalogs.states() if one.name == name)

    def recipes(self, name="lab"):
        return {one.id: one.freshness for one in self.state(name).recipes}

    def faults(self, name="lab"):
        return {one.what: one.reason for one in self.state(name).left_out}

    def role(self, role: str, name="lab"):
        return next(one for one in self.state(name).roles if one.role == role)


def copied(folder: Path, name: str) -> Path:
    """A copy of a published folder, as somebody who keeps old files has it."""
    return Path(shutil.copytree(folder, folder.with_name(name)))
