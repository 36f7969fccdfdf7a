"""``registry.toml``: the settings of a registry, read by whoever owns them and nobody else."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
import tomlkit
from msgspec import Meta

from appliance.catalog.writing import write_whole
from appliance.errors import ConfigInvalid, NotFound
from appliance.outbound.address import Address, is_nearby
from appliance.registry.setting_up.folder import RegistryFolder

PORT: Final = 7412
_MOST_BYTES: Final = 65_536
_OTHERS: Final = 0o077
_PATH: Final = r"^(/[^\x00]*)?\Z"

PageReaders = Literal["open", "token", "off"]


class RegistryToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``name`` is under which boxes trust its catalog. ``database`` is a PostgreSQL URL, or empty for a file
    of SQLite in the folder. With ``behind_proxy`` something else speaks TLS; ``plain_http`` is for a registry
    on this machine or in a private network that has none.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}\Z")]
    institution: Annotated[str, Meta(max_length=300)] = ""
    address: Annotated[str, Meta(min_length=8, max_length=500)]
    host: Annotated[str, Meta(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:_-]+\Z")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = PORT
    database: Annotated[str, Meta(max_length=1000, pattern=r"^(postgres(ql)?://.+)?\Z")] = ""
    tls_cert: Annotated[str, Meta(max_length=4096, pattern=_PATH)] = ""
    tls_key: Annotated[str, Meta(max_length=4096, pattern=_PATH)] = ""
    behind_proxy: bool = False
    plain_http: bool = False
    page: PageReaders = "token"
    page_token: Annotated[str, Meta(max_length=200, pattern=r"^([A-Za-z0-9_-]{16,200})?\Z")] = ""

    def __post_init__(self) -> None:
        """Refuse what the single fields cannot: the decoder turns ``ValueError`` into a validation error."""
        try:
            Address.parse(self.address, plain_http=self.plain_http)
        except ConfigInvalid as error:
            raise ValueError(error.message) from None
        if bool(self.tls_cert) != bool(self.tls_key):
            raise ValueError("`tls_cert` and `tls_key` belong together")
        if self.page == "token" and not self.page_token:
            raise ValueError("a page for readers needs a `page_token` of 16 characters or more")

    @property
    def secure(self) -> bool:
        """Whether it speaks TLS itself."""
        return bool(self.tls_cert)


def read_settings(folder: RegistryFolder) -> RegistryToml:
    """Raises ``NotFound`` where there is no registry, ``ConfigInvalid``."""
    return decoded(_own_bytes(folder.toml))


def decoded(raw: bytes) -> RegistryToml:
    """Raises ``ConfigInvalid``."""
    try:
        return msgspec.toml.decode(raw, type=RegistryToml)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"registry.toml: {str(error).rstrip('.')}.") from error


def settings_of(given: Mapping[str, object]) -> RegistryToml:
    """By name. Raises ``ConfigInvalid``."""
    try:
        return msgspec.convert(given, RegistryToml)
    except msgspec.ValidationError as error:
        raise ConfigInvalid(f"The registry cannot be set up so: {str(error).rstrip('.')}.") from error


def write_settings(folder: RegistryFolder, settings: RegistryToml) -> None:
    """For its owner alone. Raises ``OSError``."""
    write_whole(folder.toml, _text(settings), 0o600)


def database_url(folder: RegistryFolder, settings: RegistryToml) -> str:
    """As ``store.opening`` takes it."""
    return settings.database or f"sqlite:///{folder.database}"


def why_not_serve(settings: RegistryToml) -> str:
    """Why nothing may listen with these settings; empty where it may."""
    if settings.secure or settings.behind_proxy:
        return ""
    if not settings.plain_http:
        return (
            "nothing here speaks TLS: set `tls_cert` and `tls_key`, or `behind_proxy = true` where a web "
            "server in front of it does"
        )
    if not is_nearby(settings.host):
        return "without TLS it listens only on this machine or a private network: set `host` to such a number"
    return ""


def _text(settings: RegistryToml) -> bytes:
    return tomlkit.dumps(msgspec.to_builtins(settings)).encode()


def _own_bytes(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
            if mode & _OTHERS:
                raise ConfigInvalid(f"{path.name} is open to others (mode {mode:04o}); chmod 600 it.")
            return file.read(_MOST_BYTES)
    except FileNotFoundError:
        raise NotFound(
            "There is no registry in that folder; make one: `carrel registry init --at FOLDER --name NAME "
            "--address URL`.",
            param="at",
        ) from None
    except OSError as error:
        raise ConfigInvalid(f"{path.name} cannot be read ({error.strerror}).") from error
