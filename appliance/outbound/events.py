"""Server-sent events as their bytes come (HTML standard, 9.2): only their data, within caps. Pure."""

from collections.abc import Iterator
from typing import Final

_DATA: Final = b"data"


class TooLarge(Exception):
    """A line, an event or the whole is longer than is read."""


class EventReader:
    """Give it the bytes of one stream.

    Lines end with LF or CRLF. Comments, names, ids and retry times are read over, and so is an event that the
    end of the stream cuts.
    """

    def __init__(self, *, line_bytes: int, stream_bytes: int) -> None:
        self._line_bytes = line_bytes
        self._left_bytes = stream_bytes
        self._rest = b""
        self._data: list[bytes] = []
        self._data_bytes = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The data of each event that is complete now; lines of one event are joined with LF. Raises
        ``TooLarge``.
        """
        self._left_bytes -= len(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if self._left_bytes < 0 or len(self._rest) > self._line_bytes:
            raise TooLarge
        for line in lines:
            yield from self._take(line.removesuffix(b"\r"))

    def _take(self, line: bytes) -> Iterator[bytes]:
        if not line:
            if self._data:
                yield b"\n".join(self._data)
            self._data, self._data_bytes = [], 0
            return
        field, _, value = line.partition(b":")
        if field == _DATA:
            self._data.append(value.removeprefix(b" "))
            self._data_bytes += len(value)
        if max(len(line), self._data_bytes) > self._line_bytes:
            raise TooLarge
