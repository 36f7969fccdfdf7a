"""How python-tuf gets a catalog's files: from a folder, or through the box's one HTTP client.

Its own fetchers are never used. A file is asked for by its path below the catalog and read whole, within
caps.
"""

import asyncio
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tuf.api.exceptions import DownloadError, DownloadHTTPError, DownloadLengthMismatchError
from tuf.ngclient.fetcher import FetcherInterface

from appliance.catalog.signed.names import METADATA_BYTES, RECIPE_BYTES
from appliance.outbound.address import Address
from appliance.outbound.client import Client, Outbound
from appliance.outbound.limits import Limits

METADATA: Final = "metadata"
TARGETS: Final = "targets"
_OK: Final = 200
_MISSING: Final = 404
_NO_NAMES: Final = frozenset({"", ".", ".."})
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY


class FolderFetcher(FetcherInterface):
    """A stick, a share or a folder of this machine. Nothing in it is followed to elsewhere."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        data = read_below(self._folder, url, cap_of(url))
        if len(data) > cap_of(url):
            raise DownloadLengthMismatchError("a file is larger than is read")
        return iter((data,))


class OutboundFetcher(FetcherInterface):
    """An address. It has an event loop of its own, since python-tuf waits in a thread."""

    def __init__(self, metadata: Client, targets: Client, runner: asyncio.Runner) -> None:
        self._metadata = metadata
        self._targets = targets
        self._runner = runner

    def _fetch(self, url: str) -> Iterator[bytes]:
        client = self._metadata if _is_metadata(url) else self._targets
        reply = self._runner.run(client.get(url, {}))
        if reply.status != _OK:
            raise DownloadHTTPError(f"status {reply.status}", reply.status)
        return iter((reply.body,))


@contextmanager
def over_network(outbound: Outbound, address: Address) -> Iterator[FetcherInterface]:
    """Scope of a fetcher. Not in a thread that has an event loop."""
    metadata = outbound.client(address, Limits(body_bytes=METADATA_BYTES, total_s=120.0))
    targets = outbound.client(address, Limits(body_bytes=RECIPE_BYTES, total_s=120.0))
    with asyncio.Runner() as runner:
        try:
            yield OutboundFetcher(metadata, targets, runner)
        finally:
            runner.run(_close(metadata, targets))


def cap_of(path: str) -> int:
    """How much of a file is read."""
    return METADATA_BYTES if _is_metadata(path) else RECIPE_BYTES


def read_below(folder: Path, path: str, most_bytes: int) -> bytes:
    """At most one byte more than ``most_bytes`` of a regular file; no link is followed below ``folder``.

    Raises ``DownloadHTTPError`` (404) for one that is not there, ``DownloadError``.
    """
    *folders, name = path.split("/")
    if not _NO_NAMES.isdisjoint((*folders, name)):
        raise DownloadError("a path that leads elsewhere")
    opened: list[int] = []
    try:
        opened.append(_opened(folder, _FOLDER))
        for one in folders:
            opened.append(_opened(one, _FOLDER | os.O_NOFOLLOW, opened[-1]))
        found = _opened(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, opened[-1])
    finally:
        for descriptor in opened:
            os.close(descriptor)
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise DownloadError("something that is no file lies in the folder")
    with os.fdopen(found, "rb") as file:
        return file.read(most_bytes + 1)


def _opened(path: Path | str, flags: int, within: int | None = None) -> int:
    try:
        return os.open(path, flags, dir_fd=within)
    except FileNotFoundError as error:
        raise DownloadHTTPError("not there", _MISSING) from error
    except OSError as error:
        raise DownloadError("a file of the folder cannot be opened, or is a link") from error


def _is_metadata(path: str) -> bool:
    return path.startswith(f"{METADATA}/")


async def _close(*clients: Client) -> None:
    for client in clients:
        await client.aclose()
