"""Lines of a recording's file, within bounds, as far as they can be read: its writer may have been killed."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from appliance.errors import BadRequest
from tui.recording.format import MOST_BYTES, MOST_LINE_BYTES

_GZIP: Final = 31
_CHUNK: Final = 64 * 1024
_MOST_AT_ONCE: Final = 2**20


def lines_of(path: Path) -> Iterator[bytes]:
    """Whole lines without their ends. Raises ``BadRequest`` where the file cannot be read, is nothing of the
    kind, or larger than a recording can be.
    """
    try:
        with path.open("rb") as file:
            yield from _lines(file)
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error.strerror}.") from error


def _lines(file: BinaryIO) -> Iterator[bytes]:
    rest, total = b"", 0
    for piece in _unpacked(file):
        total += len(piece)
        *whole, rest = (rest + piece).split(b"\n")
        if total > MOST_BYTES or len(rest) > MOST_LINE_BYTES:
            raise BadRequest("The recording is larger than one can be; another program wrote it.")
        yield from whole


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    unpacker, some = zlib.decompressobj(_GZIP), False
    while not unpacker.eof and (packed := file.read(_CHUNK)):
        while packed:
            try:
                piece = unpacker.decompress(packed, _MOST_AT_ONCE)
            except zlib.error as error:
                if some:
                    return  # the end is torn
                raise BadRequest("This is no recording of `carrel tui --record`.") from error
            some = some or bool(piece)
            yield piece
            packed = unpacker.unconsumed_tail
