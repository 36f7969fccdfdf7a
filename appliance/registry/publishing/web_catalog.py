"""The catalog as boxes fetch it. Whoever holds only this signs snapshot and timestamp, with the one key that
lies beside it, and can list nothing: root and own list are signed elsewhere and taken over whole.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Root, Snapshot, TargetFile

from appliance.catalog.publishing.delegating import take_in_list
from appliance.catalog.publishing.founding import ONLINE
from appliance.catalog.publishing.keys import Keyring
from appliance.catalog.publishing.mirroring import own_chain
from appliance.catalog.publishing.work_folder import WorkFolder
from appliance.catalog.signed.chain import NotVerified, VerifiedChain, verify_chain
from appliance.catalog.signed.names import RecipeTarget, parse_target
from appliance.catalog.signed.writing import locked, storing
from appliance.errors import IntegrityFailed, NotAllowed
from appliance.registry.publishing.tidying import tidy
from appliance.registry.setting_up.folder import RegistryFolder

RENEWED_AFTER: Final = timedelta(days=7)
"""A box that is away afterward still has most of the 45 days."""
_LIFE: Final = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A recipe that boxes see. ``organization`` is empty for the registry's own list."""

    id: str
    revision: int
    organization: str


@dataclass(frozen=True, slots=True)
class CatalogStanding:
    """``expires_ms`` by role, in ms since 1970 UTC; organizations whose list does not count have 0."""

    version: int
    expires_ms: Mapping[str, int]
    models: tuple[ListedModel, ...]


class WebCatalog:
    """Blocking. Methods raise ``StorageUnavailable`` where the disk refuses."""

    def __init__(self, folder: RegistryFolder, *, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now

    @property
    def work(self) -> WorkFolder:
        """The folder with the key at hand."""
        return WorkFolder(self._folder.tuf, Keyring(self._folder.keys, _no_passphrase), now=self._now)

    @contextmanager
    def changing(self) -> Iterator[WorkFolder]:
        """Scope of the one who changes it."""
        with storing("The registry's catalog"), locked(self._folder.web):
            yield self.work

    def take_in(self, name: str, metadata: bytes, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """The list that an organization signed, with the files that are new in it; its recipes.

        Raises ``NotFound`` for one that signs nothing here, ``IntegrityFailed``, ``Conflict``,
        ``BadRequest``.
        """
        with self.changing() as work:
            return take_in_list(work, name, metadata, lambda info: _file(work, info, files))

    def renew_if_due(self) -> bool:
        """Sign snapshot and timestamp anew once they are a week old; whether that was done."""
        with self.changing() as work:
            tidy(work)
            signed = min(work.snapshot().expires, work.timestamp().expires) - _LIFE
            if self._now() - signed.replace(tzinfo=UTC) < RENEWED_AFTER:
                return False
            work.settle(force=True)
            return True

    def standing(self) -> CatalogStanding:
        """What boxes see now. Raises ``IntegrityFailed``."""
        verified = self._verified()
        listed = [
            target
            for role in verified.roles
            for path in (role.listed.targets if role.listed else ())
            if isinstance(target := parse_target(path), RecipeTarget)
        ]
        return CatalogStanding(
            version=next(one.version for one in verified.roles if one.role == Snapshot.type),
            expires_ms={one.role: one.expires_ms for one in verified.roles},
            models=tuple(ListedModel(one.id, one.revision, one.organization) for one in listed),
        )

    def _verified(self) -> VerifiedChain:
        try:
            return verify_chain(*own_chain(self.work))
        except NotVerified as error:
            raise IntegrityFailed(
                "The registry's catalog does not fit together; publish it again: `carrel registry publish`."
            ) from error


def online_keys(root: Root) -> set[str]:
    """Ids of the keys that sign every week."""
    return {keyid for role in ONLINE for keyid in root.roles[role].keyids}


def _file(work: WorkFolder, info: TargetFile, files: Mapping[str, bytes]) -> bytes:
    data = files.get(info.path)
    if data is None:
        return work.get_file(info)
    try:
        info.verify_length_and_hashes(data)
    except RepositoryError as error:
        raise IntegrityFailed(f"{info.path} is not the file that was signed.") from error
    return data


def _no_passphrase(_use: str) -> bytes:
    raise NotAllowed("The key that signs every week must not be encrypted; take it from the signing folder.")
