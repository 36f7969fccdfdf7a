"""Registries for tests: made by the product's own code, once, and copied for each test."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.catalog.publishing.delegating import delegate, undelegate
from appliance.catalog.publishing.founding import RootKeys, found_organization
from appliance.catalog.publishing.keys import Keyring
from appliance.catalog.publishing.listing import list_recipe
from appliance.catalog.publishing.work_folder import KEYS, WorkFolder
from appliance.catalog.signed.trusting import TrustToml, trust
from appliance.registry.publishing.taking_over import Signing, take_over
from appliance.registry.publishing.web_catalog import WebCatalog
from appliance.registry.setting_up.folder import RegistryFolder
from appliance.registry.setting_up.founding import found_registry
from appliance.registry.setting_up.settings import RegistryToml, settings_of
from tests.catalog.signed_catalogs import Box, toml_of

ADDRESS = "http://127.0.0.1:7412"
TOKEN = "a-token-for-readers"


def settings(**more) -> RegistryToml:
    given = {"name": "central", "address": ADDRESS, "plain_http": True, "port": 0, "page_token": TOKEN}
    return settings_of(given | more)


class Registry:
    """A folder and whoever keeps it. ``days_ago`` is how far behind the machine's its clock is."""

    def __init__(self, at: Path, *, days_ago: float = 0):
        self.folder = RegistryFolder(at)
        self.days_ago = days_ago

    @classmethod
    def made(cls, at: Path, **more) -> "Registry":
        found_registry(at, settings(**more), RootKeys(), lambda: datetime.now(UTC))
        return cls(at)

    def now(self) -> datetime:
        return datetime.now(UTC) - timedelta(days=self.days_ago)

    @property
    def signing(self) -> Signing:
        return Signing(self.folder.signing, lambda _use: b"", self.now)

    @property
    def web(self) -> WebCatalog:
        return WebCatalog(self.folder, now=self.now)

    def add(self, id="tiny", revision=1) -> "Registry":
        text = b"Be fair."
        list_recipe(self.signing.work, toml_of(id, revision), organization="", text_of=lambda _sha256: text)
        return self

    def delegate(self, name: str, key: Path) -> "Registry":
        delegate(self.signing.work, name, key)
        return self

    def undelegate(self, name: str) -> "Registry":
        undelegate(self.signing.work, name)
        return self

    def publish(self):
        return take_over(self.folder, self.signing, "central")

    def box(self, folder: Path) -> Box:
        """A box that trusts it, and fetches from its folder."""
        box = Box(folder)
        root = (self.folder.tuf / "metadata" / "1.root.json").read_bytes()
        trust(box.folders.trusted, "lab", root, TrustToml(folder=str(self.folder.tuf)))
        return box


class Organization:
    """A lab that signs for its own models, in a folder of its own."""

    def __init__(self, folder: Path, name="uni"):
        self.name = name
        self.work = WorkFolder(
            folder, Keyring(folder / KEYS, lambda _use: b""), now=lambda: datetime.now(UTC)
        )
        self.key = found_organization(self.work, name, None)

    def add(self, id="uni.own", revision=1):
        list_recipe(
            self.work, toml_of(id, revision), organization=self.name, text_of=lambda _sha256: b"Be fair."
        )
        return self

    @property
    def metadata(self) -> bytes:
        return self.work.latest(f"org.{self.name}").read_bytes()

    @property
    def files(self) -> dict[str, bytes]:
        listed = self.work.open(f"org.{self.name}").signed.targets
        return {path: self.work.get_file(info) for path, info in listed.items()}


class Standing:
    """Made once for a module of tests, since a disk takes its time."""

    def __init__(self, folder: Path, prepare: Callable[[Registry], object] = lambda _registry: None, **more):
        self.at = folder / "registry"
        prepare(Registry.made(self.at, **more))

    def copied_to(self, folder: Path) -> Registry:
        shutil.copytree(self.at, folder / "registry", symlinks=True)
        return Registry(folder / "registry")
