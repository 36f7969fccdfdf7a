"""Fetches one catalog anew: the metadata by TUF's client, then every file that is listed, then it counts."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Metadata, Root, Targets
from tuf.ngclient.config import UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

from appliance.catalog.signed.cache import Cache
from appliance.catalog.signed.chain import Chain, NotVerified, VerifiedChain, delegated, verify_chain
from appliance.catalog.signed.fetching import METADATA, TARGETS
from appliance.catalog.signed.names import METADATA_BYTES, TOP, organization_of, patterns_of
from appliance.catalog.signed.reading import Wanted, wanted
from appliance.catalog.signed.trusting import Trusted
from appliance.errors import CarrelError, IntegrityFailed, OutboundFailed

_CONFIG: Final = UpdaterConfig(targets_max_length=METADATA_BYTES, snapshot_max_length=METADATA_BYTES)


def refresh_catalog(trusted: Trusted, cache: Cache, fetcher: FetcherInterface) -> None:
    """Bring the cache to what the catalog says now. What was there stays if anything fails.

    Raises ``Offline``, ``OutboundFailed``, ``StorageUnavailable``, and ``IntegrityFailed`` for what is not
    signed as it has to be, older than what is known, or has expired.
    """
    with cache.writing(), _translated(trusted.name):
        updater = Updater(
            str(cache.updating),
            METADATA,
            target_base_url=TARGETS,
            fetcher=fetcher,
            config=_CONFIG,
            bootstrap=trusted.root,
        )
        updater.refresh()
        chain = _gathered(updater, cache.updating)
        verified = verify_chain(trusted.root, chain)
        hashes = _bring(updater, cache, verified, trusted.where.prefix)
        cache.keep_chain(chain)
        cache.keep_only(hashes)


def _gathered(updater: Updater, folder: Path) -> Chain:
    """What TUF's client has verified, and the lists of organizations as far as they can be had."""
    targets = (folder / f"{TOP}.json").read_bytes()
    listed: Metadata[Targets] = Metadata.from_bytes(targets)
    roles = {role: _list_of(updater, folder, role) for role in delegated(listed.signed)}
    return Chain(
        roots=tuple(_roots(folder)),
        timestamp=(folder / "timestamp.json").read_bytes(),
        snapshot=(folder / "snapshot.json").read_bytes(),
        targets=targets,
        roles={role: data for role, data in roles.items() if data is not None},
    )


def _list_of(updater: Updater, folder: Path, role: str) -> bytes | None:
    """One organization's, which must not keep the others from being refreshed; None where there is none.

    TUF's client fetches it when something is looked up that it may sign.
    """
    # Expired, not published, or wrong: what was verified before is judged when it is read.
    with suppress(RepositoryError, DownloadHTTPError):
        updater.get_targetinfo(patterns_of(organization_of(role) or "")[0].replace("*", "x"))
    path = folder / f"{role}.json"
    return path.read_bytes() if path.exists() else None


def _roots(folder: Path) -> Iterator[bytes]:
    """All up to the one that counts now. The history may hold others, which TUF's client did not follow."""
    now: Metadata[Root] = Metadata.from_bytes((folder / "root.json").read_bytes())
    for version in range(1, now.signed.version + 1):
        path = folder / "root_history" / f"{version}.root.json"
        if path.exists():
            yield path.read_bytes()


def _bring(updater: Updater, cache: Cache, verified: VerifiedChain, prefix: str) -> set[str]:
    """Every listed file into the cache; their hashes."""
    found, _ = wanted(verified, prefix)
    with TemporaryDirectory(dir=cache.updating) as folder:
        for one in found:
            if cache.file(one.sha256, one.size_bytes) is None:
                _fetch(updater, cache, one, Path(folder) / "file")
    return {one.sha256 for one in found}


def _fetch(updater: Updater, cache: Cache, one: Wanted, path: Path) -> None:
    try:
        info = updater.get_targetinfo(one.target.path)
    except ExpiredMetadataError:
        # An organization's list that has expired since: nothing new is fetched of it.
        return
    if info is not None:
        updater.download_target(info, str(path))
        cache.keep_file(one.sha256, path.read_bytes())


_SAYS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (ExpiredMetadataError, "has expired; whoever keeps it has to sign it anew, or this box's clock is wrong"),
    (BadVersionNumberError, "is older than what this box has seen of it, or mixed from several states"),
    (UnsignedMetadataError, "is not signed by the keys that this box trusts for it"),
    (LengthOrHashMismatchError, "has a file that is not what was signed"),
    (DownloadLengthMismatchError, "has a file that is larger than what was signed"),
    (RepositoryError, "cannot be understood; what answers there may be no catalog"),
    (NotVerified, "does not fit together"),
)


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except (RepositoryError, NotVerified, DownloadLengthMismatchError) as error:
        says = next(words for kind, words in _SAYS if isinstance(error, kind))
        raise IntegrityFailed(f"The catalog {name} {says}. What was known before goes on.") from error
    except DownloadHTTPError as error:
        raise OutboundFailed(
            f"There is no catalog {name} where it is looked for; see `carrel catalog show`."
        ) from error
    except DownloadError as error:
        if isinstance(error.__cause__, CarrelError):
            raise error.__cause__ from error
        raise OutboundFailed(f"The catalog {name} cannot be read there; try again later.") from error
