"""Where one file lies at one source."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from appliance.domain.recipe import RecipeFile
from appliance.domain.source import WeightSource
from appliance.errors import CarrelError, IntegrityFailed, OutboundFailed
from appliance.outbound.address import Address
from appliance.outbound.ranged.target import Follow, Target, target_of
from appliance.weights.fetching.failing import SourceFailed
from appliance.weights.plain_names import plain_name, plain_sha256

_DEEPEST: Final = 16
SHOWN_HEADER: Final = "Carrel-Pass"
"""What a box of another lab is shown."""


@dataclass(frozen=True, slots=True)
class FolderOrigin:
    """Names below a folder of this machine, in the order in which they are tried; each is a path's parts."""

    folder: Path
    names: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class NetworkOrigin:
    """An address, and where it may send on to."""

    target: Target
    follow: Follow


def origin_of(
    source: WeightSource, file: RecipeFile, *, hub: str, token: str, shown: str = ""
) -> FolderOrigin | NetworkOrigin:
    """``shown`` is the pass for a mirror, if it wants one. Raises ``SourceFailed`` where the source's address
    or the file's path is none.
    """
    try:
        parts = plain_path(file.source_path)
        if source.kind == "mirror":
            return _mirror(source, file, shown)
        return _origin_of(source, file, parts, hub, token)
    except CarrelError as error:
        raise SourceFailed(error) from error
    except ValueError as error:
        raise SourceFailed(
            OutboundFailed(f"The source {source.label} is no address; correct the recipe.", trouble="address")
        ) from error


def plain_path(path: str) -> tuple[str, ...]:
    """The parts of a file's path at its sources, which may be in folders. Raises ``IntegrityFailed``."""
    parts = tuple(plain_name(part) for part in path.split("/"))
    if len(parts) > _DEEPEST:
        raise IntegrityFailed("A file of the recipe lies in too many folders; correct the recipe.")
    return parts


def _origin_of(
    source: WeightSource, file: RecipeFile, parts: tuple[str, ...], hub: str, token: str
) -> FolderOrigin | NetworkOrigin:
    path = "/".join(parts)
    match source.kind:
        case "folder":
            return FolderOrigin(Path(source.folder), (parts, (plain_sha256(file.sha256),)))
        case "hub":
            owner, _, name = source.repository.partition("/")
            place = f"{plain_name(owner)}/{plain_name(name)}/resolve/{quote(source.commit, safe='')}/{path}"
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return NetworkOrigin(target_of(_address(hub).url(place), headers), "storage")
        case _:
            return NetworkOrigin(target_of(_address(source.address).url(path)), "same host")


def _mirror(source: WeightSource, file: RecipeFile, shown: str) -> NetworkOrigin:
    headers = {SHOWN_HEADER: shown} if shown else {}
    address = _address(source.address).url(plain_sha256(file.sha256))
    return NetworkOrigin(target_of(address, headers), "same host")


def _address(text: str) -> Address:
    return Address.parse(text, plain_http=True)
