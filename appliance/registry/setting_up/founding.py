"""Makes a registry: settings, keys, and a catalog that lists nothing but them. Whole or not at all."""

import hashlib
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from appliance.catalog.publishing.founding import RootKeys, found_catalog
from appliance.catalog.publishing.keys import Keyring
from appliance.catalog.publishing.work_folder import KEYS, WorkFolder
from appliance.catalog.signed.fetching import METADATA
from appliance.catalog.signed.writing import storing
from appliance.catalog.writing import sync_folder
from appliance.config.places import make_private
from appliance.errors import Conflict, IntegrityFailed
from appliance.registry.publishing.taking_over import Signing, take_over
from appliance.registry.setting_up.folder import RegistryFolder
from appliance.registry.setting_up.settings import RegistryToml, write_settings


@dataclass(frozen=True, slots=True)
class Founded:
    """``root_sha256`` is what every box pins."""

    folder: RegistryFolder
    root_sha256: str


def new_page_token() -> str:
    """What readers of the page log in with."""
    return secrets.token_urlsafe(24)


def found_registry(at: Path, settings: RegistryToml, keys: RootKeys, now: Callable[[], datetime]) -> Founded:
    """Raises ``Conflict`` where there is something already, ``StorageUnavailable``."""
    if at.exists() and any(at.iterdir()):
        raise Conflict("There is something in that folder already; choose another for the registry.")
    make_private(at.parent)
    fresh = RegistryFolder(at.with_name(f".{secrets.token_hex(8)}"))
    with storing("The registry's folder"):
        try:
            make_private(fresh.at)
            _fill(fresh, settings, keys, now)
            fresh.at.rename(at)
        finally:
            shutil.rmtree(fresh.at, ignore_errors=True)
        sync_folder(at.parent)
    return Founded(RegistryFolder(at), root_sha256(RegistryFolder(at)))


def root_sha256(folder: RegistryFolder) -> str:
    """Of the first root. Raises ``IntegrityFailed`` where it is lost."""
    try:
        return hashlib.sha256((folder.tuf / METADATA / "1.root.json").read_bytes()).hexdigest()
    except OSError as error:
        raise IntegrityFailed(
            "The registry's catalog is missing; publish it again: `carrel registry publish`."
        ) from error


def _fill(
    folder: RegistryFolder, settings: RegistryToml, keys: RootKeys, now: Callable[[], datetime]
) -> None:
    def ask(_use: str) -> bytes:
        return keys.passphrase or b""

    folder.signing.mkdir(mode=0o700)
    found_catalog(WorkFolder(folder.signing, Keyring(folder.signing / KEYS, ask), now=now), keys)
    take_over(folder, Signing(folder.signing, ask, now), settings.name)
    write_settings(folder, settings)
