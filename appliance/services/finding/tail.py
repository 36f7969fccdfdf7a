"""Reads a text file from its end, so that the last lines of a large log cost what they weigh."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

_BLOCK_BYTES: Final = 64 * 1024


def lines_from_end(file: Path, *, block_bytes: int = _BLOCK_BYTES) -> Iterator[str]:
    """Lines without their ends, last first; empty ones left out; nothing where there is no file."""
    try:
        opened = file.open("rb")
    except FileNotFoundError:
        return
    with opened:
        pieces: list[bytes] = []
        position = opened.seek(0, 2)
        while position > 0:
            start = max(0, position - block_bytes)
            opened.seek(start)
            head, *whole = opened.read(position - start).split(b"\n")
            position = start
            if whole:
                yield from _decoded(b"".join([whole.pop(), *reversed(pieces)]))
                pieces.clear()
                for line in reversed(whole):
                    yield from _decoded(line)
            pieces.append(head)
        yield from _decoded(b"".join(reversed(pieces)))


def _decoded(line: bytes) -> Iterator[str]:
    if line.strip():
        yield line.decode("utf-8", errors="replace")
