"""`carrel catalog`: whom this box trusts, and a catalog of one's own. Works without a gateway.

A passphrase comes from the keyboard or a pipe, never from the command line.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from appliance.catalog.license_texts import LicenseTexts
from appliance.catalog.places import recipes_folder
from appliance.catalog.publishing.delegating import delegate as let_sign
from appliance.catalog.publishing.delegating import take_in, undelegate
from appliance.catalog.publishing.founding import RootKeys, found_catalog, found_organization
from appliance.catalog.publishing.keys import Keyring
from appliance.catalog.publishing.listing import FindText, list_recipe, unlist_recipe
from appliance.catalog.publishing.mirroring import publish as copy_out
from appliance.catalog.publishing.renewing import renew
from appliance.catalog.publishing.renewing import rotate as exchange
from appliance.catalog.publishing.work_folder import KEYS, WorkFolder
from appliance.catalog.recipes import MAX_RECIPE_BYTES
from appliance.catalog.signed.chain import NotVerified, newest_root
from appliance.catalog.signed.names import TEXT_BYTES, role_of
from appliance.catalog.signed.trusting import Trusted, TrustToml, read_root
from appliance.catalog.signed.trusting import distrust as forget
from appliance.catalog.signed.trusting import trust as believe
from appliance.catalog.signed.writing import locked, storing
from appliance.cli.desk import Desk
from appliance.cli.given_files import read_given
from appliance.cli.passphrases import ask_passphrase, new_passphrase
from appliance.config import Places
from appliance.domain.results import (
    CatalogDelegated,
    CatalogDistrusted,
    CatalogFounded,
    CatalogListed,
    CatalogPublished,
    CatalogSigned,
    CatalogTrusted,
)
from appliance.errors import BadRequest, ConfigInvalid, NotAllowed, NotFound

_STEPS: Final = "`carrel catalog init --at FOLDER`"


def init(
    desk: Desk, *, at: str, keys: int, threshold: int, org: str | None, passphrase: bool
) -> CatalogFounded:
    """Raises ``Conflict``, ``BadRequest``, ``StorageUnavailable``."""
    work = _work(desk, at)
    with storing("The catalog's folder"):
        secret = new_passphrase(desk) if passphrase else None
        if org:
            give = found_organization(work, org, secret)
        else:
            give = found_catalog(work, RootKeys(keys, threshold, secret))
    return CatalogFounded(
        folder=str(work.folder), organization=org or "", give=str(give), give_sha256=_sha256(give)
    )


def add(desk: Desk, *, recipe: str, at: str, license_text: str | None, org: str | None) -> CatalogListed:
    """Raises ``ConfigInvalid``, ``BadRequest``, ``Conflict``, ``NotAllowed``, ``IntegrityFailed``."""
    with _working(desk, at) as work:
        organization = _signer(work, org)
        if Path(recipe).is_dir():
            if not (org and work.is_catalog):
                raise BadRequest("A folder is taken in for an organization: say `--org NAME`.", param="org")
            recipes = take_in(work, org, WorkFolder(Path(recipe), work.keyring, now=_now))
            return CatalogListed(organization=org, recipes=recipes)
        toml = read_given(recipe, MAX_RECIPE_BYTES)
        one = list_recipe(work, toml, organization=organization, text_of=_texts(license_text))
    return CatalogListed(organization=organization, recipes=(f"{one.id} {one.revision}",))


def remove(desk: Desk, *, id: str, at: str, org: str | None) -> CatalogListed:
    """Raises ``NotFound``, ``NotAllowed``."""
    with _working(desk, at) as work:
        organization = _signer(work, org)
        one = unlist_recipe(work, id, organization=organization)
    return CatalogListed(organization=organization, recipes=(f"{one.id} {one.revision}",))


def delegate(desk: Desk, *, name: str, at: str, key: str | None, withdraw: bool) -> CatalogDelegated:
    """Raises ``BadRequest``, ``ConfigInvalid``, ``NotFound``, ``NotAllowed``."""
    if (key is None) != withdraw:
        raise BadRequest("Give either the organization's `--key FILE` or `--withdraw`.", param="key")
    with _working(desk, at) as work:
        if key is None:
            undelegate(work, name)
        else:
            let_sign(work, name, Path(key))
    return CatalogDelegated(name=name, signs=not withdraw)


def sign(
    desk: Desk, *, at: str, role: str, rotate: bool, days: int | None, passphrase: bool
) -> CatalogSigned:
    """Raises ``NotAllowed``, ``BadRequest``, ``StorageUnavailable``."""
    with _working(desk, at, days) as work:
        signed = role if work.is_catalog else role_of(work.organization)
        if rotate:
            exchange(work, signed, new_passphrase(desk) if passphrase else None)
        else:
            renew(work, signed)
        now = work.open(signed).signed
    return CatalogSigned(
        role=signed, version=now.version, expires_ms=int(now.expires.timestamp() * 1000), rotated=rotate
    )


def publish(desk: Desk, *, at: str, to: str) -> CatalogPublished:
    """Raises ``Conflict``, ``IntegrityFailed``, ``StorageUnavailable``."""
    with _working(desk, at) as work:
        files = copy_out(work, Path(to), now=_now)
    return CatalogPublished(to=to, files=files)


def trust(
    desk: Desk,
    *,
    name: str,
    root: str,
    address: str | None,
    folder: str | None,
    prefix: str | None,
    plain_http: bool,
) -> CatalogTrusted:
    """Raises ``ConfigInvalid``, ``Conflict``, ``NotAllowed``."""
    absolute = str(Path(folder).absolute()) if folder else None
    where = _where(address, absolute, prefix or "", plain_http=plain_http)
    data = read_root(Path(root), name)
    try:
        signed = newest_root(data, ()).signed
    except NotVerified as error:
        raise ConfigInvalid(f"{Path(root).name} is no root of a catalog.", param="root") from error
    believe(_own(desk).catalogs_dir, name, data, where)
    return CatalogTrusted(
        name=name,
        place=Trusted(name, data, where).place,
        root_sha256=hashlib.sha256(data).hexdigest(),
        root_version=signed.version,
        root_expires_ms=int(signed.expires.timestamp() * 1000),
    )


def distrust(desk: Desk, *, name: str) -> CatalogDistrusted:
    """Raises ``NotFound``, ``ConfigInvalid``, ``NotAllowed``."""
    places = _own(desk)
    forget(places.catalogs_dir, places.catalog_cache_dir, name)
    return CatalogDistrusted(name=name)


def _own(desk: Desk) -> Places:
    places = desk.places
    if desk.socket != places.admin_socket:
        raise NotAllowed("The box of this machine is the system's: do this as root, with sudo.")
    return places


def _where(address: str | None, folder: str | None, prefix: str, *, plain_http: bool) -> TrustToml:
    given = {"address": address, "folder": folder, "prefix": prefix, "plain_http": plain_http}
    try:
        return msgspec.convert(given, TrustToml)
    except msgspec.ValidationError as error:
        raise BadRequest(f"Where the catalog is cannot be used: {str(error).rstrip('.')}.") from error


def _signer(work: WorkFolder, org: str | None) -> str:
    """In an organization's own folder nobody else signs."""
    return org or "" if work.is_catalog else work.organization


def _work(desk: Desk, at: str, days: int | None = None) -> WorkFolder:
    folder = Path(at).absolute()
    return WorkFolder(folder, Keyring(folder / KEYS, ask_passphrase(desk)), now=_now, days=days)


@contextmanager
def _working(desk: Desk, at: str, days: int | None = None) -> Iterator[WorkFolder]:
    """Scope of the one command that works in the folder."""
    work = _work(desk, at, days)
    if not (work.is_catalog or (work.folder / KEYS).is_dir()):
        raise NotFound(f"There is no catalog in that folder; make one: {_STEPS}.", param="at")
    with storing("The catalog's folder"), locked(work.folder):
        yield work


def _texts(file: str | None) -> FindText:
    """The text that was given, or one that came with Carrel."""
    if file is not None:
        given = read_given(file, TEXT_BYTES)
        return lambda _sha256: given
    release = LicenseTexts.of(recipes_folder())

    def find(sha256: str) -> bytes | None:
        text = release.text(sha256)
        return None if text is None else text.encode()

    return find


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)


HANDLERS: Final = {
    "add": add,
    "delegate": delegate,
    "distrust": distrust,
    "init": init,
    "publish": publish,
    "remove": remove,
    "sign": sign,
    "trust": trust,
}
