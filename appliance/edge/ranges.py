"""``Range`` of one piece of a file (RFC 9110, 14). Pure."""

import re
from dataclasses import dataclass
from typing import Final

_ONE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})\Z")


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes [begin, end) of a file of ``size_bytes``, and with which status they are sent."""

    begin: int
    end: int
    size_bytes: int
    status: int = 200

    @property
    def content_range(self) -> str | None:
        """The header of that name; None for a whole file."""
        if self.status == 416:
            return f"bytes */{self.size_bytes}"
        return f"bytes {self.begin}-{self.end - 1}/{self.size_bytes}" if self.status == 206 else None


def piece_of(header: str | None, size_bytes: int) -> Piece:
    """What is asked for: the whole where nothing was, several pieces were, or what nobody understands."""
    whole, none = Piece(0, size_bytes, size_bytes), Piece(0, 0, size_bytes, 416)
    found = _ONE.match(header or "")
    if found is None or not (found[1] or found[2]):
        return whole
    if not found[1]:
        begin, end = max(0, size_bytes - int(found[2])), size_bytes
    else:
        begin, end = int(found[1]), int(found[2]) + 1 if found[2] else size_bytes
        if found[2] and end <= begin:
            return whole
    end = min(end, size_bytes)
    return Piece(begin, end, size_bytes, 206) if begin < end else none
