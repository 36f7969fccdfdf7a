"""The newest list of an organization, read from the folder in which it signs: what is sent to a registry.

Only what it lists is read, and each file is compared with its hash there. Its keys are not looked at.
"""

from dataclasses import dataclass
from pathlib import Path

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, TargetFile, Targets

from appliance.catalog.publishing.work_folder import role_in, version_of
from appliance.catalog.signed.fetching import METADATA, TARGETS
from appliance.catalog.signed.names import METADATA_BYTES, most_bytes, parse_target, role_of
from appliance.errors import BadRequest, IntegrityFailed, NotFound


@dataclass(frozen=True, slots=True)
class Given:
    """``files`` are the listed ones by their paths. ``expires_ms`` in ms since 1970 UTC."""

    organization: str
    version: int
    expires_ms: int
    metadata: bytes
    files: dict[str, bytes]


def given(folder: Path, organization: str) -> Given:
    """Raises ``NotFound`` where there is no list of it, ``IntegrityFailed`` where it is damaged."""
    path = _newest(folder, role_of(organization))
    data = _read(path, METADATA_BYTES)
    targets = _targets(data)
    return Given(
        organization=organization,
        version=targets.version,
        expires_ms=int(targets.expires.timestamp() * 1000),
        metadata=data,
        files={one.path: _file(folder, one) for one in targets.targets.values()},
    )


def listed_paths(metadata: bytes) -> dict[str, str]:
    """What a list names: the SHA-256 of each path. Raises ``IntegrityFailed``."""
    return {one.path: one.hashes.get("sha256", "") for one in _targets(metadata).targets.values()}


def _newest(folder: Path, role: str) -> Path:
    found = [path for path in (folder / METADATA).glob("*.json") if role_in(path) == role]
    if not found:
        raise NotFound(
            "That folder has no list of this organization; `carrel share init` makes one, and `carrel share "
            "weights` puts a model into it.",
            param="at",
        )
    return max(found, key=version_of)


def _targets(data: bytes) -> Targets:
    try:
        found: Metadata[Targets] = Metadata.from_bytes(data)
    except (RepositoryError, ValueError) as error:
        raise IntegrityFailed("The organization's list is damaged; put back its backup.") from error
    if not isinstance(found.signed, Targets):
        raise IntegrityFailed("That is no list of an organization; put back its backup.")
    return found.signed


def _file(folder: Path, one: TargetFile) -> bytes:
    target = parse_target(one.path)
    if target is None:
        raise BadRequest("The list names a path that no catalog has; sign it with `carrel share`.")
    data = _read(folder / TARGETS / one.get_prefixed_paths()[0], most_bytes(target))
    try:
        one.verify_length_and_hashes(data)
    except RepositoryError as error:
        raise IntegrityFailed("A listed file is not what the list says; put back its backup.") from error
    return data


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise IntegrityFailed(f"A file of the list cannot be read ({error.strerror}).") from error
    if len(data) > most:
        raise IntegrityFailed("A file of the list is larger than any can be.")
    return data
