"""Files in chunks, and a hash that is fed with them."""

import os
from collections.abc import Iterator
from typing import Final, Protocol, Self

CHUNK_BYTES: Final = 2**20


class Digest(Protocol):
    """As hashlib makes them."""

    def update(self, data: bytes, /) -> None:
        """Feed it."""
        ...

    def copy(self) -> Self:
        """Another one that was fed with the same."""
        ...

    def hexdigest(self) -> str:
        """Of all that it was fed with."""
        ...


def chunks(descriptor: int, start: int, size_bytes: int) -> Iterator[bytes]:
    """A part of a file; less where the file ends before. Raises ``OSError``."""
    end = start + size_bytes
    while start < end and (chunk := os.pread(descriptor, min(CHUNK_BYTES, end - start), start)):
        yield chunk
        start += len(chunk)


def write_at(descriptor: int, start: int, data: bytes) -> None:
    """All of it. Raises ``OSError``."""
    while data:
        count = os.pwrite(descriptor, data, start)
        data, start = data[count:], start + count
