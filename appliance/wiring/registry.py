"""A registry of this machine, opened from its folder: for its commands, and for whoever serves it."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from appliance.catalog.signed.writing import storing
from appliance.domain.clock import Clock
from appliance.registry.about import About
from appliance.registry.operating.office import Office
from appliance.registry.publishing.listings import Listings
from appliance.registry.publishing.web_catalog import WebCatalog
from appliance.registry.receiving.desk import Desk
from appliance.registry.receiving.joining import open_desk
from appliance.registry.receiving.letters import LetterMessages
from appliance.registry.setting_up.folder import RegistryFolder
from appliance.registry.setting_up.founding import root_sha256
from appliance.registry.setting_up.settings import RegistryToml, database_url, read_settings
from appliance.registry.signing import Signers
from appliance.registry.store.database import Database
from appliance.registry.store.opening import open_database
from appliance.wiring.system_clock import SystemClock


@dataclass(frozen=True, slots=True)
class OpenRegistry:
    """``desk`` takes messages in, ``office`` is where its people act."""

    folder: RegistryFolder
    settings: RegistryToml
    database: Database
    signers: Signers
    about: About
    clock: Clock
    catalog: WebCatalog
    desk: Desk
    office: Office


@contextmanager
def opened_registry(at: Path) -> Iterator[OpenRegistry]:
    """Several may be open at once, in several processes. Raises ``NotFound``, ``ConfigInvalid``,
    ``IntegrityFailed``, ``StorageUnavailable``, ``Conflict`` for a database of a newer Carrel.
    """
    folder, clock = RegistryFolder(at), SystemClock()
    settings = read_settings(folder)
    about = About(settings.name, frozenset({urlsplit(settings.address).netloc}), root_sha256(folder))
    signers = Signers.at(folder.statements_key, folder.status_key)
    catalog = WebCatalog(folder, now=now)
    if not (settings.database or folder.database.exists()):
        with storing("The registry's database"):
            folder.database.touch(mode=0o600)
    database = open_database(database_url(folder, settings))
    try:
        others = (Listings(catalog), LetterMessages(about))
        desk = open_desk(database, signers, about, clock, others=others)
        office = Office(database, about, clock, actor())
        yield OpenRegistry(folder, settings, database, signers, about, clock, catalog, desk, office)
    finally:
        database.close()


def actor() -> str:
    """The user who gives the command, as this machine knows them."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def now() -> datetime:
    """This machine's time."""
    return datetime.now(UTC)
