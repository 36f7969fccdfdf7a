"""`carrel share`: what is signed with the key of the lab's organization, which no running box ever reads.

The box checks the model and sends the list; the signature is made here, by whoever has the key.
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
from appliance.catalog.publishing.founding import found_organization
from appliance.catalog.publishing.keys import Keyring
from appliance.catalog.publishing.listing import FindText, list_recipe, unlist_recipe
from appliance.catalog.publishing.sharing import Terms, box_source, shared_id, shared_weights, sources_of
from appliance.catalog.publishing.work_folder import KEYS, WorkFolder
from appliance.catalog.recipes import decode_recipe
from appliance.catalog.sharing_shape import RecordToml
from appliance.catalog.signed.names import RECIPE_BYTES, TEXT_BYTES
from appliance.catalog.signed.writing import locked, storing
from appliance.cli.desk import Desk, expected
from appliance.cli.given_files import read_given
from appliance.cli.passphrases import ask_passphrase, new_passphrase
from appliance.domain.results import CatalogFounded, FedStatus, ShareChecked, ShareSent
from appliance.domain.results.peers import AccessEntry
from appliance.errors import BadRequest, ConfigInvalid, Conflict, NotAllowed, NotFound
from appliance.wiring.catalog import catalog_of, license_texts

_INIT: Final = "`carrel share init`"


def init(desk: Desk, *, at: str | None, passphrase: bool) -> CatalogFounded:
    """Raises ``Conflict``, ``NotAllowed``, ``StorageUnavailable``."""
    work = _work(desk, at)
    with desk.gateway() as gateway:
        organization = expected(gateway.run("fed.status"), FedStatus).organization
    if not organization:
        raise NotAllowed(
            "The registry has given this box no name under which its lab may share models; ask whoever keeps "
            "it for a code with an organization, then `carrel fed enroll`."
        )
    with storing("The organization's folder"):
        give = found_organization(work, organization, new_passphrase(desk) if passphrase else None)
    sha256 = hashlib.sha256(give.read_bytes()).hexdigest()
    return CatalogFounded(
        folder=str(work.folder), organization=organization, give=str(give), give_sha256=sha256
    )


def weights(
    desk: Desk,
    *,
    model: str,
    record: str,
    address: str | None,
    source: str | None,
    tier: str | None,
    lease: bool,
    license_text: str | None,
    at: str | None,
) -> ShareSent:
    """Raises ``BadRequest``, ``NotLicensed``, ``IntegrityFailed``, ``NotFound``, ``Conflict``."""
    said = record_of(record)
    places = (*([box_source(address)] if address else ()), *sources_of(source or ""))
    with _signing(desk, at) as work:
        with desk.gateway() as gateway:
            checked = expected(gateway.run("share.check", {"model": model}), ShareChecked)
        _check_own(work, checked.organization)
        terms = Terms(checked.organization, said, places, tier or "", lease=lease)
        toml = shared_weights(decode_recipe(_toml(desk, checked), model), terms, forms=checked.forms)
        list_recipe(work, toml, organization=checked.organization, text_of=_texts(desk, license_text))
    return send(desk, at)


def access(
    desk: Desk,
    *,
    model: str,
    record: str,
    address: str,
    tier: str | None,
    restrictions: str | None,
    prompt_credits: str | None,
    answer_credits: str | None,
    license_text: str | None,
    at: str | None,
) -> ShareSent:
    """The box says under which recipe its model is asked. Raises ``BadRequest``, ``ModelNotFound``,
    ``NotAllowed``, ``NotFound``, ``Conflict``.
    """
    said = {
        "model": model,
        "record": record,
        "address": address,
        "tier": tier,
        "restrictions": restrictions,
        "prompt_credits": prompt_credits,
        "answer_credits": answer_credits,
    }
    with _signing(desk, at) as work:
        with desk.gateway() as gateway:
            given = {name: value for name, value in said.items() if value is not None}
            entry = expected(gateway.run("share.entry", given), AccessEntry)
        _check_own(work, entry.organization)
        toml, text_of = entry.toml.encode(), _texts(desk, license_text)
        list_recipe(work, toml, organization=entry.organization, text_of=text_of)
    return send(desk, at)


def withdraw(desk: Desk, *, model: str, at: str | None) -> ShareSent:
    """Raises ``NotFound``, ``NotAllowed``, ``Conflict``."""
    with _signing(desk, at) as work:
        organization = work.organization
        unlist_recipe(work, shared_id(organization, model), organization=organization)
    return send(desk, at)


def send(desk: Desk, at: str | None) -> ShareSent:
    """Have the box send what was signed. Raises ``GatewayNotRunning``, ``Conflict``."""
    with desk.gateway() as gateway:
        return expected(gateway.run("share.send", {"at": _folder(at)}), ShareSent)


def record_of(file: str) -> RecordToml:
    """A record of benefit and harm. Raises ``ConfigInvalid`` naming the line that is missing or wrong."""
    raw = read_given(file, RECIPE_BYTES)
    try:
        return msgspec.toml.decode(raw, type=RecordToml)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid(
            f"The record {Path(file).name} says too little: {error}. `carrel help sharing` shows a whole one."
        ) from error


def _toml(desk: Desk, checked: ShareChecked) -> bytes:
    """The recipe that the box has looked at, as this command reads it too."""
    raw = catalog_of(desk.settings()).toml_of(checked.model)
    if hashlib.sha256(raw).hexdigest() != checked.toml_sha256:
        raise Conflict("The box reads another recipe than this command; `carrel recipe reload`, then again.")
    return raw


def _check_own(work: WorkFolder, organization: str) -> None:
    if work.organization != organization:
        raise NotAllowed(
            f"That folder signs for {work.organization}, and the registry knows this lab as {organization}."
        )


@contextmanager
def _signing(desk: Desk, at: str | None) -> Iterator[WorkFolder]:
    """Scope of the one command that works in the folder."""
    work = _work(desk, at)
    if not (work.folder / KEYS).is_dir():
        raise NotFound(f"There is no key of your organization yet; make one: {_INIT}.", param="at")
    with storing("The organization's folder"), locked(work.folder):
        if work.is_catalog:
            raise BadRequest("That folder is a whole catalog, and not an organization's.", param="at")
        yield work


def _work(desk: Desk, at: str | None) -> WorkFolder:
    places = desk.places
    if desk.socket != places.admin_socket:
        raise NotAllowed("The box of this machine is the system's: do this as root, with sudo.")
    folder = Path(at).absolute() if at else places.organization_dir
    return WorkFolder(folder, Keyring(folder / KEYS, ask_passphrase(desk)), now=lambda: datetime.now(UTC))


def _folder(at: str | None) -> str | None:
    return str(Path(at).absolute()) if at else None


def _texts(desk: Desk, file: str | None) -> FindText:
    """The text that was given, or one that this box has."""
    if file is not None:
        given = read_given(file, TEXT_BYTES)
        return lambda _sha256: given
    known: LicenseTexts = license_texts(desk.places, recipes_folder())

    def find(sha256: str) -> bytes | None:
        text = known.text(sha256)
        return None if text is None else text.encode()

    return find


HANDLERS: Final = {"init": init, "weights": weights, "access": access, "withdraw": withdraw}
