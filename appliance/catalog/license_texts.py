"""License texts by their hash: what is shown and accepted is the very text that a recipe names."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 2**18
MOST_FILES: Final = 4096
FOLDER: Final = "licenses"
"""Beside the recipes that came with Carrel."""

_Seen = tuple[Path, int, int]
"""A file as it was when it was read: path, modification time in ns, size."""


class LicenseTexts:
    """The ``*.txt`` files of some folders, which need not exist. What a file is called does not matter.

    A text is read once; files that come later are found when somebody asks for a hash that is not known yet.
    """

    def __init__(self, *folders: Path) -> None:
        self._folders: Final = folders
        self._texts: Final[dict[str, str]] = {}
        self._seen: Final[set[_Seen]] = set()

    @classmethod
    def of(cls, recipes: Path, *others: Path) -> "LicenseTexts":
        """Those that lie beside ``recipes``, and those of other folders."""
        return cls(recipes / FOLDER, *others)

    def text(self, sha256: str) -> str | None:
        """The text whose UTF-8 bytes have this hash, or None. Reads files."""
        if sha256 not in self._texts:
            self._look()
        return self._texts.get(sha256)

    def _look(self) -> None:
        for path in self._files():
            content = self._new(path)
            if content is not None:
                self._keep(content)

    def _files(self) -> Iterator[Path]:
        for folder in self._folders:
            yield from sorted(folder.glob("*.txt"))[:MOST_FILES]

    def _new(self, path: Path) -> bytes | None:
        """Its bytes, if it is one that can be read and was not read before."""
        try:
            status = path.stat()
            now = (path, status.st_mtime_ns, status.st_size)
            if now in self._seen or status.st_size > MOST_BYTES or not path.is_file():
                return None
            content = path.read_bytes()
        except OSError:
            return None
        self._seen.add(now)
        return content

    def _keep(self, content: bytes) -> None:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            return
        self._texts[hashlib.sha256(content).hexdigest()] = text
