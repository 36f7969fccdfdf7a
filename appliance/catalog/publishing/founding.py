"""Makes a catalog, or the folder in which an organization signs for its models in somebody else's."""

from dataclasses import dataclass
from pathlib import Path

from tuf.api.metadata import Root, Snapshot, Timestamp

from appliance.catalog.publishing.work_folder import WorkFolder
from appliance.catalog.signed.fetching import METADATA, TARGETS
from appliance.catalog.signed.names import TOP, is_name, role_of
from appliance.errors import BadRequest, Conflict

ONLINE = (Snapshot.type, Timestamp.type)
"""What one key signs that lies where it is signed every week."""


@dataclass(frozen=True, slots=True)
class RootKeys:
    """``threshold`` of ``count`` sign a new root. ``passphrase`` is for all but the online key."""

    count: int = 1
    threshold: int = 1
    passphrase: bytes | None = None


def found_catalog(work: WorkFolder, keys: RootKeys) -> Path:
    """An empty catalog; the root that boxes are given. Raises ``Conflict``, ``BadRequest``."""
    if keys.threshold > keys.count:
        raise BadRequest("More keys would have to sign than there are.", param="threshold")
    _make_folders(work)
    with work.edit_root() as root:
        for _ in range(keys.count):
            root.add_key(work.keyring.make(Root.type, keys.passphrase), Root.type)
        root.roles[Root.type].threshold = keys.threshold
        root.add_key(work.keyring.make(TOP, keys.passphrase), TOP)
        online = work.keyring.make(Snapshot.type)
        for role in ONLINE:
            root.add_key(online, role)
    with work.edit_targets():
        pass
    work.settle(force=True)
    return work.folder / METADATA / "1.root.json"


def found_organization(work: WorkFolder, name: str, passphrase: bytes | None) -> Path:
    """A folder for one organization; its public key, which the catalog is given. Raises ``Conflict``,
    ``BadRequest``.
    """
    if not is_name(name):
        raise BadRequest("An organization's name is lower-case letters, digits and hyphens.", param="org")
    _make_folders(work)
    role = role_of(name)
    key = work.keyring.make(role, passphrase)
    with work.edit_targets(role):
        pass
    return work.keyring.public_file(role, key)


def _make_folders(work: WorkFolder) -> None:
    if (work.folder / METADATA).exists():
        raise Conflict(
            "There is a catalog in that folder already; choose another.",
        )
    for name in (METADATA, TARGETS):
        (work.folder / name).mkdir(parents=True)
