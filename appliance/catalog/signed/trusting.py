"""Which catalogs this box trusts: a folder each, with the root that was given by hand and where it is kept.

``<name>/root.json`` is the first root that counts; every later one has to be signed by the one before it.
``<name>/catalog.toml`` says where the catalog is fetched: at an address, from a folder, or from neither;
then only sticks bring it. The root of the catalog that belongs to Carrel itself comes with the release.
"""

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec
import tomlkit
from msgspec import Meta

from appliance.catalog.signed.names import METADATA_BYTES, is_name
from appliance.catalog.writing import sync_folder, write_whole
from appliance.errors import CarrelError, ConfigInvalid, Conflict, NotFound
from appliance.outbound.address import Address

EMBEDDED: Final = "carrel"
"""The name of the catalog whose root comes with the release."""
_ROOT: Final = "root.json"
_TOML: Final = "catalog.toml"


class TrustToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """``catalog.toml``. ``prefix`` is what every id of the catalog has to begin with."""

    address: Annotated[str, Meta(min_length=8, max_length=500)] | None = None
    folder: Annotated[str, Meta(max_length=4096, pattern=r"^/[^\x00]*\Z")] | None = None
    prefix: Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9._-]{0,40})?\Z")] = ""
    plain_http: bool = False

    def __post_init__(self) -> None:
        """Refuse what the single fields cannot: the decoder turns ``ValueError`` into a validation error."""
        if self.address is not None and self.folder is not None:
            raise ValueError("it is either at an `address` or in a `folder`")
        if self.address is not None:
            try:
                Address.parse(self.address, plain_http=self.plain_http)
            except ConfigInvalid as error:
                raise ValueError(error.message) from None


@dataclass(frozen=True, slots=True)
class Trusted:
    """One catalog. ``root`` is the JSON of the first root that counts."""

    name: str
    root: bytes
    where: TrustToml

    @property
    def place(self) -> str:
        """As people are told it."""
        return self.where.address or self.where.folder or "whatever stick is brought"

    @property
    def address(self) -> Address | None:
        """Where it is fetched over the network, if it is."""
        there = self.where
        return Address.parse(there.address, plain_http=there.plain_http) if there.address else None


@dataclass(frozen=True, slots=True)
class Mistrusted:
    """A folder that names no catalog that can be trusted, with the reason."""

    name: str
    reason: str


def trusted_catalogs(folder: Path, embedded: Path) -> tuple[list[Trusted], list[Mistrusted]]:
    """Those of ``folder``, and the one whose root lies at ``embedded``, in the order of their names. One that
    is wrong harms no other.
    """
    here = [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    names = {name for name in here if is_name(name)} | ({EMBEDDED} if embedded.is_file() else set())
    trusted: list[Trusted] = []
    mistrusted: list[Mistrusted] = []
    for name in sorted(names):
        try:
            trusted.append(_read(folder / name, embedded if name == EMBEDDED else None))
        except CarrelError as error:
            mistrusted.append(Mistrusted(name, error.message))
    return trusted, mistrusted


def trust(folder: Path, name: str, root: bytes, where: TrustToml) -> None:
    """Believe a catalog from now on. ``root`` was checked by whoever asks. Raises ``ConfigInvalid``,
    ``Conflict``.
    """
    if not is_name(name):
        raise ConfigInvalid("A catalog's name is lower-case letters, digits and hyphens.", param="name")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".{secrets.token_hex(8)}"
        fresh.mkdir()
        fresh.chmod(0o755)
        try:
            write_whole(fresh / _ROOT, root)
            write_whole(fresh / _TOML, tomlkit.dumps(msgspec.to_builtins(where)).encode())
            if (folder / name).exists():
                raise _trusted_already(name)
            fresh.rename(folder / name)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        sync_folder(folder)
    except OSError as error:
        raise ConfigInvalid(
            f"The catalog {name} cannot be written ({error.strerror}); see who owns the configuration folder."
        ) from error


def pin(folder: Path, name: str, root: bytes, where: TrustToml) -> None:
    """As ``trust``; the very same again changes nothing. Raises ``ConfigInvalid``, ``Conflict``."""
    if is_name(name) and (folder / name / _ROOT).exists():
        known = _read(folder / name, None)
        if known.root != root or known.where != where:
            raise _trusted_already(name)
        return
    trust(folder, name, root, where)


def distrust(folder: Path, cache: Path, name: str) -> None:
    """Believe it no more, and forget what was fetched of it. Raises ``NotFound``, ``ConfigInvalid``."""
    if not (is_name(name) and (folder / name).is_dir()):
        raise NotFound("No catalog of that name is trusted; see `carrel catalog show`.", param="name")
    gone = folder / f".{secrets.token_hex(8)}"
    try:
        (folder / name).rename(gone)
        sync_folder(folder)
        shutil.rmtree(gone)
        if (cache / name).is_dir():
            shutil.rmtree(cache / name)
    except OSError as error:
        raise ConfigInvalid(
            f"The catalog {name} cannot be removed ({error.strerror}); see who owns its folder."
        ) from error


def read_root(path: Path, name: str) -> bytes:
    """The bytes of a root. Raises ``ConfigInvalid``."""
    return _whole(path, METADATA_BYTES, f"The root of the catalog {name}")


def _read(folder: Path, embedded: Path | None) -> Trusted:
    own = folder / _ROOT
    root = own if own.exists() or embedded is None else embedded
    return Trusted(folder.name, read_root(root, folder.name), _where(folder))


def _where(folder: Path) -> TrustToml:
    path = folder / _TOML
    if not path.exists():
        return TrustToml()
    try:
        return msgspec.toml.decode(
            _whole(path, 65_536, f"{_TOML} of the catalog {folder.name}"), type=TrustToml
        )
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{_TOML} of the catalog {folder.name}: {error}.") from error


def _whole(path: Path, most_bytes: int, what: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(most_bytes + 1)
    except OSError as error:
        raise ConfigInvalid(f"{what} cannot be read ({error.strerror}).") from error
    if len(data) > most_bytes:
        raise ConfigInvalid(f"{what} is larger than {most_bytes} bytes.")
    return data


def _trusted_already(name: str) -> Conflict:
    return Conflict(
        f"A catalog {name} is trusted already; to trust it with another root, first `carrel catalog "
        f"distrust {name}`."
    )
