"""The folder in which a catalog is made, as ``tuf.repository`` edits it: the only file that uses that module,
which python-tuf does not call stable yet.

Every signed version lies in ``metadata/`` under its number, as boxes fetch it; the timestamp has none. A list
is signed with every key at hand that may sign it, and kept only if they suffice.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tuf.api.exceptions import RepositoryError, UnsignedMetadataError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.repository import Repository

from appliance.catalog.publishing.keys import Keyring
from appliance.catalog.signed.chain import delegated
from appliance.catalog.signed.fetching import METADATA, TARGETS
from appliance.catalog.signed.names import TOP, organization_of
from appliance.catalog.writing import write_whole
from appliance.errors import IntegrityFailed, NotAllowed, NotFound

KEYS: Final = "keys"
DAYS: Final = {Root.type: 400, TOP: 120, Snapshot.type: 45, Timestamp.type: 45}
"""How long a list is good after it was signed; those of organizations as long as a catalog's own."""
_KINDS: Final = {Root.type: Root, Snapshot.type: Snapshot, Timestamp.type: Timestamp}


class WorkFolder(Repository):
    """``days`` overrules how long what is signed now is good. Its methods raise ``OSError`` where the disk
    fails.
    """

    def __init__(
        self, folder: Path, keyring: Keyring, *, now: Callable[[], datetime], days: int | None = None
    ) -> None:
        self.folder = folder
        self.keyring = keyring
        self.now = now
        self._days = days

    @property
    def is_catalog(self) -> bool:
        """Whether it is a whole one, and not the list of one organization."""
        return self.latest(Root.type) is not None

    @property
    def organization(self) -> str:
        """Whose folder it is, where it is no whole catalog. Raises ``NotFound``."""
        for use in sorted(path.name.rsplit(".", 2)[0] for path in (self.folder / KEYS).glob("*.pub")):
            if found := organization_of(use):
                return found
        raise NotFound("There is no catalog in that folder; make one: `carrel catalog init --at FOLDER`.")

    def latest(self, role: str) -> Path | None:
        """The newest file of a role."""
        folder = self.folder / METADATA
        if role == Timestamp.type:
            path = folder / f"{role}.json"
            return path if path.exists() else None
        versions = [version_of(path) for path in folder.glob("*.json") if role_in(path) == role]
        return folder / f"{max(versions)}.{role}.json" if versions else None

    def open(self, role: str) -> Metadata[Any]:
        """The newest version, or an empty one before the first. Raises ``IntegrityFailed``."""
        path = self.latest(role)
        if path is None:
            empty: Metadata[Any] = Metadata(_KINDS.get(role, Targets)())
            empty.signed.version = 0
            return empty
        try:
            return Metadata.from_bytes(path.read_bytes())
        except RepositoryError as error:
            raise IntegrityFailed(f"{path.name} of the catalog is damaged; put back its backup.") from error

    def close(self, role: str, md: Metadata[Any]) -> None:
        """Number, date and sign it. Raises ``NotAllowed`` where keys are missing."""
        before = self.open(role)
        md.signed.version += 1
        days = DAYS.get(role, DAYS[TOP]) if self._days is None else self._days
        md.signed.expires = (self.now() + timedelta(days=days)).astimezone(UTC).replace(microsecond=0)
        md.signatures.clear()
        judges = self._judges(role, before, md)
        for keyid in {keyid for judge in judges for keyid in judge.get_delegated_role(role).keyids}:
            signer = self.keyring.signer(keyid)
            if signer is not None:
                md.sign(signer, append=True)
        self._check(role, md, judges)
        name = f"{role}.json" if role == Timestamp.type else f"{md.signed.version}.{role}.json"
        write_whole(self.folder / METADATA / name, md.to_bytes())

    @property
    def targets_infos(self) -> dict[str, MetaFile]:
        """The catalog's own list, and those of organizations that are here."""
        roles = (TOP, *(role for role in delegated(self.targets()) if self.latest(role)))
        return {f"{role}.json": MetaFile(self.open(role).signed.version) for role in roles}

    @property
    def snapshot_info(self) -> MetaFile:
        """The newest snapshot."""
        return MetaFile(self.snapshot().version)

    def settle(self, *, force: bool = False) -> None:
        """Snapshot and timestamp of what is here now; nothing in an organization's folder."""
        if self.is_catalog:
            self.do_snapshot(force)
            self.do_timestamp(force)

    def put_file(self, path: str, data: bytes) -> TargetFile:
        """Store a file as boxes fetch it; its entry for a list."""
        info = TargetFile.from_data(path, data, ["sha256"])
        where = self.folder / TARGETS / info.get_prefixed_paths()[0]
        where.parent.mkdir(parents=True, exist_ok=True)
        write_whole(where, data)
        return info

    def get_file(self, info: TargetFile) -> bytes:
        """The bytes of a listed file. Raises ``IntegrityFailed``."""
        try:
            data = (self.folder / TARGETS / info.get_prefixed_paths()[0]).read_bytes()
            info.verify_length_and_hashes(data)
        except (OSError, RepositoryError) as error:
            raise IntegrityFailed(f"{info.path} is missing in the folder, or altered.") from error
        return data

    def _judges(self, role: str, before: Metadata[Any], md: Metadata[Any]) -> list[Root | Targets]:
        """Whoever says which keys sign it. A root answers to the one before it and to itself."""
        if role == Root.type:
            return [md.signed, *([before.signed] if before.signed.version else [])]
        if organization_of(role):
            return [self.targets()] if self.is_catalog else [_alone(role, self.keyring)]
        return [self.root()]

    def _check(self, role: str, md: Metadata[Any], judges: list[Root | Targets]) -> None:
        try:
            for judge in judges:
                judge.verify_delegate(role, md.signed_bytes, md.signatures)
        except UnsignedMetadataError as error:
            raise NotAllowed(
                f"The keys at hand are not enough to sign {role}; put those that are kept elsewhere into "
                f"`{KEYS}` of the catalog's folder for this."
            ) from error


def version_of(path: Path) -> int:
    """The number that a file of metadata is named by; 0 for none."""
    number = path.name.partition(".")[0]
    return int(number) if number.isdecimal() else 0


def role_in(path: Path) -> str:
    """The role that a file of metadata is of."""
    return path.name.removesuffix(".json").lstrip("0123456789").removeprefix(".")


def _alone(role: str, keyring: Keyring) -> Targets:
    """Any key of an organization's own folder signs its list; whether that counts, the catalog says."""
    keys = keyring.of(role)
    only = DelegatedRole(role, list(keys), 1, True, paths=[])
    return Targets(delegations=Delegations(dict(keys), {role: only}))
