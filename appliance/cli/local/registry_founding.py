"""`carrel registry init`: makes a registry, and says what to keep where."""

from typing import Literal

from appliance.catalog.publishing.founding import RootKeys
from appliance.cli.desk import Desk
from appliance.cli.passphrases import new_passphrase
from appliance.cli.registry_folder import folder_of
from appliance.domain.results import RegistryFounded
from appliance.registry.setting_up.founding import found_registry, new_page_token
from appliance.registry.setting_up.settings import settings_of
from appliance.registry.store.opening import open_database
from appliance.wiring.registry import now


def init(
    desk: Desk,
    *,
    at: str | None,
    name: str,
    address: str,
    institution: str | None,
    database: str | None,
    host: str,
    port: int,
    tls_cert: str | None,
    tls_key: str | None,
    behind_proxy: bool,
    plain_http: bool,
    page: Literal["open", "token", "off"],
    keys: int,
    threshold: int,
    passphrase: bool,
) -> RegistryFounded:
    """Raises ``Conflict``, ``ConfigInvalid``, ``BadRequest``, ``StorageUnavailable``."""
    token = new_page_token() if page == "token" else ""
    settings = settings_of(
        {
            "name": name,
            "address": address,
            "institution": institution or "",
            "database": database or "",
            "host": host,
            "port": port,
            "tls_cert": tls_cert or "",
            "tls_key": tls_key or "",
            "behind_proxy": behind_proxy,
            "plain_http": plain_http,
            "page": page,
            "page_token": token,
        }
    )
    if settings.database:
        # A database that cannot be reached is told before anything is made.
        open_database(settings.database).close()
    secret = new_passphrase(desk) if passphrase else None
    founded = found_registry(folder_of(desk, at), settings, RootKeys(keys, threshold, secret), now)
    return RegistryFounded(
        folder=str(founded.folder.at),
        name=settings.name,
        address=settings.address,
        root_sha256=founded.root_sha256,
        database="postgresql" if settings.database else "sqlite",
        page=page,
        page_token=token,
    )
