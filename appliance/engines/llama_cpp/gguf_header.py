"""Reads the header of a GGUF file: its small values, and the names and dimensions of its tensors.

Only what ``shapes`` needs. The reader of the ``gguf`` package makes objects of every entry of the vocabulary,
which takes more than three seconds for 128,000 tokens; here they are stepped over in 20 ms.
The format is described in ggml's ``docs/gguf.md``, versions 2 and 3, little-endian.
"""

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.errors import IntegrityFailed

Value = int | float | str | list[int]

_NUMBERS: Final = {
    kind: struct.Struct(f"<{code}") for kind, code in enumerate("BbHhIif?..Qqd") if code != "."
}
_KIND: Final = 4
_TEXT: Final = 8
_ARRAY: Final = 9
_LENGTH: Final = 10
_VERSIONS: Final = (2, 3)
_LONGEST_ARRAY: Final = 4096
"""One entry a layer at most is of interest."""
_MOST_DIMENSIONS: Final = 4


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """Values by key, long arrays left out; dimensions by tensor name, the fastest first."""

    values: dict[str, Value]
    tensors: dict[str, tuple[int, ...]]


def read_header(path: Path) -> GgufHeader:
    """Raises ``IntegrityFailed`` for a file that is missing, no GGUF, or ends within its header."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _Cursor(data).header()
    except (OSError, OverflowError, ValueError, struct.error) as error:
        raise IntegrityFailed("The header of the model's file makes no sense.") from error


class _Cursor:
    """A place in the file that moves on with everything read. Raises what ``read_header`` translates."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def header(self) -> GgufHeader:
        if self._data[:4] != b"GGUF":
            raise ValueError("not a GGUF file")
        self._at = 4
        if self._count(_KIND) not in _VERSIONS:
            raise ValueError("a version that is not known")
        tensors, values = self._count(_LENGTH), self._count(_LENGTH)
        read = {self._text(): self._value(self._count(_KIND)) for _ in range(values)}
        return GgufHeader(
            values={key: value for key, value in read.items() if value is not None},
            tensors=dict(self._tensor() for _ in range(tensors)),
        )

    def _tensor(self) -> tuple[str, tuple[int, ...]]:
        name = self._text()
        count = self._count(_KIND)
        if count > _MOST_DIMENSIONS:
            raise ValueError("a tensor of too many dimensions")
        dimensions = tuple(self._count(_LENGTH) for _ in range(count))
        self._at += 4 + 8  # its type, its offset
        return name, dimensions

    def _value(self, kind: int) -> Value | None:
        if kind == _ARRAY:
            return self._array(self._count(_KIND), self._count(_LENGTH))
        return self._text() if kind == _TEXT else self._number(kind)

    def _array(self, kind: int, count: int) -> list[int] | None:
        if kind == _TEXT:
            self._step_over_texts(count)
            return None
        if count > _LONGEST_ARRAY:
            self._at += count * self._format(kind).size
            return None
        return [int(self._number(kind)) for _ in range(count)]

    def _step_over_texts(self, count: int) -> None:
        length_at = _NUMBERS[_LENGTH].unpack_from
        for _ in range(count):
            self._at += 8 + length_at(self._data, self._at)[0]

    def _text(self) -> str:
        length = self._count(_LENGTH)
        start = self._at
        self._at += length
        return self._data[start : self._at].decode()

    def _count(self, kind: int) -> int:
        return int(self._number(kind))

    def _number(self, kind: int) -> int | float:
        form = self._format(kind)
        number: int | float = form.unpack_from(self._data, self._at)[0]
        self._at += form.size
        return number

    def _format(self, kind: int) -> struct.Struct:
        if kind not in _NUMBERS:
            raise ValueError("a value of a kind that is not known")
        return _NUMBERS[kind]
