"""Takes an HTTP/1.1 answer apart that came in pieces: its status, and its body with the moments. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from appliance.bench.reading import Piece

_HEAD_END: Final = b"\r\n\r\n"
_LINE_END: Final = b"\r\n"


class BadFraming(ValueError):
    """What came is no HTTP/1.1 answer, or ended too early."""


def unframed(pieces: Sequence[Piece]) -> tuple[int, list[Piece]]:
    """Status and body of a whole answer on a connection that was closed after it. Raises ``BadFraming``."""
    raw = b""
    for number, piece in enumerate(pieces):
        raw += piece.data
        head, end, body = raw.partition(_HEAD_END)
        if end:
            rest = [Piece(piece.at_s, body), *pieces[number + 1 :]]
            return _status(head), list(_unchunked(rest)) if _is_chunked(head) else rest
    raise BadFraming("the connection ended before an answer came")


def _status(head: bytes) -> int:
    words = head.split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise BadFraming("what answered is no HTTP server")
    return int(words[1])


def _is_chunked(head: bytes) -> bool:
    lines = head.lower().split(_LINE_END)[1:]
    return any(line.startswith(b"transfer-encoding:") and b"chunked" in line for line in lines)


def _unchunked(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The payload of chunked coding (RFC 9112, section 7.1); trailers are not read."""
    held = b""
    for piece in pieces:
        held += piece.data
        found = b""
        while (taken := _chunk(held)) is not None:
            data, held = taken
            if not data:
                yield Piece(piece.at_s, found)
                return
            found += data
        if found:
            yield Piece(piece.at_s, found)
    raise BadFraming("the answer was cut off")


def _chunk(held: bytes) -> tuple[bytes, bytes] | None:
    """The first chunk and what follows it; None while it is not whole."""
    line, end, rest = held.partition(_LINE_END)
    if not end:
        return None
    try:
        size = int(line.split(b";")[0], 16)
    except ValueError as error:
        raise BadFraming("what answered is no HTTP server") from error
    if len(rest) < size + len(_LINE_END):
        return None
    return rest[:size], rest[size + len(_LINE_END) :]
