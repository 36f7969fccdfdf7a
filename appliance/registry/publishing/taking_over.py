"""Copies what was signed in the signing folder to where boxes fetch it. Of that folder only root, own list,
lists of organizations and files are taken; snapshot and timestamp are signed by whoever serves them, so that
what organizations have sent meanwhile stays.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Root, Snapshot, Targets

from appliance.catalog.publishing.keys import AskPassphrase, Keyring
from appliance.catalog.publishing.listing import list_registry_keys
from appliance.catalog.publishing.work_folder import KEYS, WorkFolder, role_in, version_of
from appliance.catalog.signed.chain import NotVerified, delegated, newest_root
from appliance.catalog.signed.fetching import METADATA, TARGETS
from appliance.catalog.signed.names import TOP
from appliance.catalog.signed.writing import locked, storing
from appliance.catalog.writing import write_whole
from appliance.config.places import make_private
from appliance.errors import Conflict, IntegrityFailed, NotFound
from appliance.registry.publishing.registry_keys import key_list
from appliance.registry.publishing.web_catalog import WebCatalog, online_keys
from appliance.registry.setting_up.folder import RegistryFolder


@dataclass(frozen=True, slots=True)
class TakenOver:
    """``files`` were new. Root and own list are good until then, in ms since 1970 UTC."""

    files: int
    new_keys: bool
    root_expires_ms: int
    targets_expires_ms: int


@dataclass(frozen=True, slots=True)
class Signing:
    """Where the catalog is made: the signing folder of a registry, wherever it lies now."""

    folder: Path
    ask: AskPassphrase
    now: Callable[[], datetime]

    @property
    def work(self) -> WorkFolder:
        """Raises ``NotFound`` where it is not at hand."""
        if not (self.folder / METADATA).is_dir():
            raise NotFound(
                "The signing folder is not here; bring it back, or say where it lies: `--signing FOLDER`.",
                param="signing",
            )
        return WorkFolder(self.folder, Keyring(self.folder / KEYS, self.ask), now=self.now)


def take_over(folder: RegistryFolder, signing: Signing, registry: str) -> TakenOver:
    """Publish. Lists the registry's present keys where they are not listed yet, which the key of the own list
    has to sign.

    Raises ``NotFound``, ``IntegrityFailed``, ``Conflict``, ``NotAllowed``, ``StorageUnavailable``.
    """
    work = signing.work
    with storing("The signing folder"), locked(signing.folder):
        new_keys = list_registry_keys(work, key_list(folder, registry))
        make_private(folder.keys)
        for part in (METADATA, TARGETS):
            (folder.tuf / part).mkdir(parents=True, exist_ok=True)
        with WebCatalog(folder, now=signing.now).changing() as web:
            _check(work, web, int(signing.now().timestamp() * 1000))
            files = _copy(work, web) + _bring_keys(work, folder)
            web.settle(force=True)
    return TakenOver(files, new_keys, _ms(work.root().expires), _ms(work.targets().expires))


def _check(work: WorkFolder, web: WorkFolder, now_ms: int) -> None:
    roots = [path.read_bytes() for path in _roots(work)]
    first = _roots(web)
    if first and first[0].read_bytes() != roots[0]:
        raise Conflict("Another catalog is published there; this signing folder is not the registry's.")
    try:
        root = newest_root(roots[0], tuple(roots)).signed
        targets = work.open(TOP)
        root.verify_delegate(TOP, targets.signed_bytes, targets.signatures)
    except (NotVerified, RepositoryError) as error:
        raise IntegrityFailed("The signing folder does not fit together; put back its backup.") from error
    _check_newer(root, targets.signed, web)
    for role, signed in ((Root.type, root), (TOP, targets.signed)):
        if _ms(signed.expires) <= now_ms:
            raise Conflict(
                f"The list `{role}` has expired; sign it anew: `carrel catalog sign --role {role} --at "
                "SIGNING_FOLDER`."
            )


def _check_newer(root: Root, targets: Targets, web: WorkFolder) -> None:
    there = (web.open(Root.type).signed.version, web.open(TOP).signed.version)
    if there[0] > root.version or there[1] > targets.version:
        raise Conflict("What is published is newer than this signing folder; work on its newest copy.")


def _copy(work: WorkFolder, web: WorkFolder) -> int:
    """Files first and the root last, so that no box sees a list without its files."""
    return sum(_copied(path, web.folder / path.relative_to(work.folder)) for path in _wanted(work, web))


def _wanted(work: WorkFolder, web: WorkFolder) -> Iterator[Path]:
    yield from sorted(path for path in (work.folder / TARGETS).rglob("*") if path.is_file())
    for role in delegated(work.targets()):
        path, there = work.latest(role), web.latest(role)
        if path is not None and (there is None or version_of(there) < version_of(path)):
            yield path
    targets = work.latest(TOP)
    yield from [targets] if targets else []
    yield from _roots(work)


def _copied(path: Path, there: Path) -> bool:
    data = path.read_bytes()
    if there.exists() and there.read_bytes() == data:
        return False
    there.parent.mkdir(parents=True, exist_ok=True)
    write_whole(there, data)
    return True


def _bring_keys(work: WorkFolder, folder: RegistryFolder) -> int:
    """The halves of the key that signs every week: those of a root that was signed since are others."""
    wanted = online_keys(work.root())
    count = 0
    for keyid, key in work.keyring.of(Snapshot.type).items():
        public = work.keyring.public_file(Snapshot.type, key)
        private, there = public.with_suffix(".pem"), folder.keys / public.with_suffix(".pem").name
        if keyid in wanted and private.exists() and not there.exists():
            write_whole(there, private.read_bytes(), 0o600)
            write_whole(there.with_suffix(".pub"), public.read_bytes())
            count += 1
    return count


def _roots(work: WorkFolder) -> list[Path]:
    found = (work.folder / METADATA).glob("*.json")
    return sorted((path for path in found if role_in(path) == Root.type), key=version_of)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
