"""The metadata of one catalog as it was verified last, and whether it still can be: without any network.

TUF's client needs the network and metadata that have not expired. What is verified here is the same but for
that, with python-tuf's public interface; what has expired is told, not refused.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Signed, Snapshot, Targets, Timestamp

from appliance.catalog.signed.names import TOP, is_own_delegation

_Kind = TypeVar("_Kind", Root, Timestamp, Snapshot, Targets)


class Chain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Its files as they came. ``roots`` are all that lead to the newest; ``roles`` those of organizations."""

    roots: tuple[bytes, ...]
    timestamp: bytes
    snapshot: bytes
    targets: bytes
    roles: dict[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class VerifiedRole:
    """One role. ``trouble`` says why an organization's list does not count; then it has no version."""

    role: str
    version: int
    expires_ms: int
    listed: Targets | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class VerifiedChain:
    """All roles in order: root, timestamp, snapshot, targets, then the organizations."""

    roles: tuple[VerifiedRole, ...]

    @property
    def expires_ms(self) -> int:
        """When the first of the catalog's own four expires."""
        return min(one.expires_ms for one in self.roles[:OWN_ROLES])


class NotVerified(Exception):
    """The chain is not what its signatures say. The text is a clause for people."""


OWN_ROLES: Final = 4


def verify_chain(pinned: bytes, chain: Chain) -> VerifiedChain:
    """From the root that was pinned to every list. Raises ``NotVerified``."""
    root = newest_root(pinned, chain.roots)
    try:
        timestamp = _signed(Timestamp, chain.timestamp, root.signed, Timestamp.type)
        meta = timestamp.signed.snapshot_meta
        meta.verify_length_and_hashes(chain.snapshot)
        snapshot = _signed(Snapshot, chain.snapshot, root.signed, Snapshot.type)
        _same_version(snapshot.signed, meta.version)
        targets = _listed(snapshot.signed, chain.targets, root.signed, TOP)
    except (RepositoryError, ValueError, KeyError) as error:
        raise NotVerified("its signed lists do not fit each other or their signatures") from error
    own = (root.signed, timestamp.signed, snapshot.signed, targets.signed)
    organizations = [
        _organization(role, targets.signed, snapshot.signed, chain) for role in delegated(targets.signed)
    ]
    return VerifiedChain(
        (
            *(VerifiedRole(one.type, one.version, _ms(one.expires)) for one in own[:3]),
            VerifiedRole(TOP, targets.signed.version, _ms(targets.signed.expires), targets.signed),
            *organizations,
        )
    )


def newest_root(pinned: bytes, later: tuple[bytes, ...]) -> Metadata[Root]:
    """The last root, each signed by the one before it and by itself. Raises ``NotVerified``."""
    try:
        root = _of_kind(Root, pinned)
        root.signed.verify_delegate(Root.type, root.signed_bytes, root.signatures)
        for data in later:
            following = _of_kind(Root, data)
            if following.signed.version <= root.signed.version:
                continue
            _same_version(following.signed, root.signed.version + 1)
            for judge in (root.signed, following.signed):
                judge.verify_delegate(Root.type, following.signed_bytes, following.signatures)
            root = following
    except (RepositoryError, ValueError, KeyError) as error:
        raise NotVerified("its root is not signed as the root before it demands") from error
    return root


def delegated(targets: Targets) -> tuple[str, ...]:
    """The organizations' roles that count, in their order."""
    roles = (targets.delegations.roles if targets.delegations else None) or {}
    return tuple(name for name, role in roles.items() if is_own_delegation(name, role.paths or []))


def _organization(role: str, targets: Targets, snapshot: Snapshot, chain: Chain) -> VerifiedRole:
    data = chain.roles.get(role)
    if data is None:
        return VerifiedRole(role, 0, 0, trouble="nothing of it was published, or it could not be fetched")
    try:
        found = _listed(snapshot, data, targets, role)
    except (RepositoryError, ValueError, KeyError):
        return VerifiedRole(role, 0, 0, trouble="its list does not fit its signature or the snapshot")
    return VerifiedRole(role, found.signed.version, _ms(found.signed.expires), found.signed)


def _listed(snapshot: Snapshot, data: bytes, delegator: Root | Targets, role: str) -> Metadata[Targets]:
    meta = snapshot.meta[f"{role}.json"]
    meta.verify_length_and_hashes(data)
    found = _signed(Targets, data, delegator, role)
    _same_version(found.signed, meta.version)
    return found


def _signed(kind: type[_Kind], data: bytes, delegator: Root | Targets, role: str) -> Metadata[_Kind]:
    found = _of_kind(kind, data)
    delegator.verify_delegate(role, found.signed_bytes, found.signatures)
    return found


def _of_kind(kind: type[_Kind], data: bytes) -> Metadata[_Kind]:
    found: Metadata[Any] = Metadata.from_bytes(data)
    if not isinstance(found.signed, kind):
        raise RepositoryError("a file is of another kind than its name")
    return found


def _same_version(signed: Signed, version: int) -> None:
    if signed.version != version:
        raise RepositoryError("a file has another version than was signed")


def _ms(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)
