"""The lines of an input file, read piece by piece: no whole file in memory, no long time without a pause."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.services.files import Shelf

READ_BYTES: Final = 32 * 1024
"""At once: parsing so much takes the gateway's event loop well under a millisecond."""


class LineHead(msgspec.Struct, frozen=True):
    """One line. ``body`` is left to the reader of its endpoint; fields that are not here mean nothing."""

    custom_id: Annotated[str, Meta(min_length=1, max_length=256)]
    method: Literal["POST"]
    url: Annotated[str, Meta(max_length=256)]
    body: msgspec.Raw


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line that is not blank. ``number`` counts all lines from 1; ``text`` is None where it is too long."""

    number: int
    text: bytes | None


async def lines_of(shelf: Shelf, file_id: str, most_bytes: int) -> AsyncIterator[RawLine]:
    """Every line that is not blank; none after one over ``most_bytes``. Raises ``StorageUnavailable``."""
    offset, number, rest = 0, 0, b""
    while piece := await shelf.read(file_id, offset, READ_BYTES):
        offset += len(piece)
        *whole, rest = (rest + piece).split(b"\n")
        for text in whole:
            number += 1
            if text.strip():
                yield RawLine(number, text if len(text) <= most_bytes else None)
        if len(rest) > most_bytes:
            yield RawLine(number + 1, None)
            return
        await asyncio.sleep(0)
    if rest.strip():
        yield RawLine(number + 1, rest)
