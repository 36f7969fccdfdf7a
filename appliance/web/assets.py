"""Files that pages load: read once at start, served from memory under a path that has their hash.

No path of a client touches the disk: it is looked up in the list that was made at start, or there is nothing.
All files have one hash together, so that a script can import its neighbor by a relative address.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.errors import NotFound

_MEDIA: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
"""Whatever else lies there is not served."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    name: str
    body: bytes
    media: str
    etag: str


class Assets:
    """All of them, by name: ``css/page.css``."""

    def __init__(self, files: Mapping[str, Asset]) -> None:
        self._files = dict(files)
        whole = hashlib.sha256()
        for name in sorted(files):
            whole.update(f"{name}\0{files[name].etag}\0".encode())
        self._prefix = f"/static/{whole.hexdigest()[:16]}/"

    def url(self, name: str) -> str:
        """Where a page finds it. Raises ``KeyError`` where it is not there: a mistake in a template."""
        if name not in self._files:
            raise KeyError(name)
        return self._prefix + name

    def at(self, path: str) -> Asset:
        """What is at a path, as it was sent. Raises ``NotFound``."""
        name = path.removeprefix(self._prefix)
        found = self._files.get(name) if name != path else None
        if found is None:
            raise NotFound("No file of the pages is at this address; reload the page.")
        return found

    def file(self, name: str) -> Asset:
        """By its name. Raises ``KeyError``."""
        return self._files[name]


def read_assets(folder: Path) -> Assets:
    """Every file of a known kind below ``folder``."""
    return Assets({one.name: one for one in _read(folder)})


def _read(folder: Path) -> Iterator[Asset]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _MEDIA:
            body = path.read_bytes()
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            yield Asset(path.relative_to(folder).as_posix(), body, _MEDIA[path.suffix], etag)
