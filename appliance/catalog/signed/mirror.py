"""A catalog as others can fetch it, of what this box verified last: it proves itself wherever it lies."""

from typing import Any, Final

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Timestamp

from appliance.catalog.signed.cache import Cache
from appliance.catalog.signed.catalogs import CatalogFolders
from appliance.catalog.signed.chain import Chain, NotVerified, newest_root, verify_chain
from appliance.catalog.signed.fetching import METADATA, TARGETS
from appliance.catalog.signed.names import TOP
from appliance.catalog.signed.reading import Wanted, wanted
from appliance.catalog.signed.trusting import Trusted, trusted_catalogs
from appliance.errors import IntegrityFailed

MirrorFiles = tuple[tuple[str, bytes], ...]
"""Paths below the mirror's folder, and what lies there."""


class CatalogMirrors:
    """Of the catalogs that this box trusts."""

    def __init__(self, folders: CatalogFolders) -> None:
        self._folders: Final = folders

    def mirror_of(self, name: str) -> MirrorFiles:
        """Nothing for a catalog that is not trusted or was never fetched. Blocking. Raises
        ``IntegrityFailed`` for one that cannot be verified any more.
        """
        trusted, _ = trusted_catalogs(self._folders.trusted, self._folders.embedded)
        found = next((one for one in trusted if one.name == name), None)
        return () if found is None else _files(found, Cache(self._folders.cache / name))


def _files(trusted: Trusted, cache: Cache) -> MirrorFiles:
    try:
        chain = cache.chain()
        if chain is None:
            return ()
        verified = verify_chain(trusted.root, chain)
        root = newest_root(trusted.root, chain.roots).signed
        found, _ = wanted(verified, trusted.where.prefix)
        files = [(_place(one, root), cache.file(one.sha256, one.size_bytes)) for one in found]
        listed = tuple((place, data) for place, data in files if data is not None)
        return (*_metadata(trusted.root, chain, root), *listed)
    except (NotVerified, RepositoryError) as error:
        raise IntegrityFailed(
            f"The catalog {trusted.name} cannot be verified, so it goes nowhere; run `carrel catalog "
            "refresh`."
        ) from error


def _metadata(pinned: bytes, chain: Chain, root: Root) -> MirrorFiles:
    roots = {_version(data): data for data in (pinned, *chain.roots)}
    named = [(f"{version}.{Root.type}", data) for version, data in sorted(roots.items())]
    for name, data in ((Snapshot.type, chain.snapshot), (TOP, chain.targets), *chain.roles.items()):
        named.append((f"{_version(data)}.{name}" if root.consistent_snapshot else name, data))
    return tuple(
        (f"{METADATA}/{name}.json", data) for name, data in (*named, (Timestamp.type, chain.timestamp))
    )


def _place(one: Wanted, root: Root) -> str:
    folder, _, name = one.target.path.rpartition("/")
    return (
        f"{TARGETS}/{folder}/{one.sha256}.{name}"
        if root.consistent_snapshot
        else f"{TARGETS}/{one.target.path}"
    )


def _version(data: bytes) -> int:
    found: Metadata[Any] = Metadata.from_bytes(data)
    return int(found.signed.version)
