"""Reads the header of a GGUF file: its small values, and the names, types and places of its tensors.

Every count and length in it is held against the bytes that are left before anything is done so often or taken
so long. The reader of the ``gguf`` package makes objects of every entry of the vocabulary, which takes more
than three seconds for 128,000 tokens; here they are stepped over in 20 ms.
The format is described in ggml's ``docs/gguf.md``, versions 2 and 3, little-endian.
"""

import mmap
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.engines.llama_cpp.gguf_tensors import GgufTensor, aligned, check_places, check_tensor
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
_ALIGNMENT: Final = "general.alignment"
_USUAL_ALIGNMENT: Final = 32
_LARGEST_ALIGNMENT: Final = 2**16
_LONGEST_ARRAY: Final = 4096
"""One entry a layer at most is of interest."""
_MOST_TENSORS: Final = 2**17
_MOST_VALUES: Final = 2**16
_MOST_TEXTS: Final = 2**22
"""Of one array: no vocabulary has so many tokens."""
_LONGEST_KEY_BYTES: Final = 2**16 - 1
_LONGEST_HEADER_BYTES: Final = 2**29
"""Over ten times as much as the largest vocabularies take. Only this much of a file is mapped."""
_LEAST_VALUE_BYTES: Final = _NUMBERS[_LENGTH].size + _NUMBERS[_KIND].size + 1
_LEAST_TENSOR_BYTES: Final = 2 * _NUMBERS[_LENGTH].size + 2 * _NUMBERS[_KIND].size


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """Values by key, long arrays left out; tensors by name, in the order of the file."""

    values: dict[str, Value]
    tensors: dict[str, GgufTensor]


def read_header(path: Path) -> GgufHeader:
    """Raises ``IntegrityFailed`` for a file that is missing, is no GGUF, or does not hold what it says."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return _header(descriptor)
        finally:
            os.close(descriptor)
    except (OSError, OverflowError, ValueError, struct.error) as error:
        raise IntegrityFailed(f"The model's file is not a whole GGUF file: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    """Ours are sentences; others may hold a part of the file."""
    if isinstance(error, OSError):
        return "it cannot be read"
    return str(error) if type(error) is ValueError else "its header makes no sense"


def _header(descriptor: int) -> GgufHeader:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        raise ValueError("it is no file, or an empty one")
    mapped_bytes = min(found.st_size, _LONGEST_HEADER_BYTES)
    with mmap.mmap(descriptor, mapped_bytes, access=mmap.ACCESS_READ) as data:
        cursor = _Cursor(data)
        header = cursor.header()
        alignment = _alignment(header.values.get(_ALIGNMENT, _USUAL_ALIGNMENT))
        data_start = aligned(cursor.at, alignment)
    check_places(header.tensors, alignment, max(0, found.st_size - data_start))
    return header


def _alignment(value: Value) -> int:
    if not isinstance(value, int) or not 0 < value <= _LARGEST_ALIGNMENT or value & (value - 1):
        raise ValueError("its tensors would be aligned to what is no power of two")
    return value


class _Cursor:
    """A place in the file that moves on with everything read. Raises what ``read_header`` translates."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self.at = 0

    def header(self) -> GgufHeader:
        if self._data[:4] != b"GGUF":
            raise ValueError("it does not begin as one")
        self.at = 4
        if self._count(_KIND) not in _VERSIONS:
            raise ValueError("it is of a version that Carrel does not know")
        tensors, values = self._count(_LENGTH), self._count(_LENGTH)
        self._check_count(tensors, _LEAST_TENSOR_BYTES, _MOST_TENSORS)
        self._check_count(values, _LEAST_VALUE_BYTES, _MOST_VALUES)
        return GgufHeader(values=self._values(values), tensors=self._tensors(tensors))

    def _values(self, count: int) -> dict[str, Value]:
        read: dict[str, Value | None] = {}
        for _ in range(count):
            key = self._text(_LONGEST_KEY_BYTES)
            if key in read:
                raise ValueError("its header says a thing twice")
            read[key] = self._value(self._count(_KIND))
        return {key: value for key, value in read.items() if value is not None}

    def _tensors(self, count: int) -> dict[str, GgufTensor]:
        read: dict[str, GgufTensor] = {}
        for _ in range(count):
            name = self._text(_LONGEST_KEY_BYTES)
            if name in read:
                raise ValueError("it has two tensors of one name")
            dimensions = self._count(_KIND)
            self._check_count(dimensions, _NUMBERS[_LENGTH].size, _LONGEST_ARRAY)
            sizes = tuple(self._count(_LENGTH) for _ in range(dimensions))
            read[name] = GgufTensor(sizes, kind=self._count(_KIND), offset=self._count(_LENGTH))
            check_tensor(name, read[name])
        return read

    def _value(self, kind: int) -> Value | None:
        if kind == _ARRAY:
            return self._array(self._count(_KIND), self._count(_LENGTH))
        return self._text(_LONGEST_HEADER_BYTES) if kind == _TEXT else self._number(kind)

    def _array(self, kind: int, count: int) -> list[int] | None:
        if kind == _TEXT:
            self._check_count(count, _NUMBERS[_LENGTH].size, _MOST_TEXTS)
            self._step_over_texts(count)
            return None
        size_bytes = self._format(kind).size
        self._check_count(count, size_bytes, _LONGEST_HEADER_BYTES)
        if count > _LONGEST_ARRAY:
            self.at += count * size_bytes
            return None
        numbers = [self._number(kind) for _ in range(count)]
        return [one for one in numbers if isinstance(one, int)] or None

    def _step_over_texts(self, count: int) -> None:
        length_at, end = _NUMBERS[_LENGTH].unpack_from, len(self._data)
        for _ in range(count):
            self.at += 8 + length_at(self._data, self.at)[0]
        if self.at > end:
            raise ValueError("it ends within its header")

    def _text(self, longest_bytes: int) -> str:
        length = self._count(_LENGTH)
        self._check_count(length, 1, longest_bytes)
        start = self.at
        self.at += length
        return self._data[start : self.at].decode()

    def _check_count(self, count: int, least_bytes: int, most: int) -> None:
        """Whatever is there so often has its bytes in the file."""
        if count > most:
            raise ValueError("its header counts more than any model has")
        if count * least_bytes > len(self._data) - self.at:
            raise ValueError("it ends within its header")

    def _count(self, kind: int) -> int:
        return int(self._number(kind))

    def _number(self, kind: int) -> int | float:
        form = self._format(kind)
        number: int | float = form.unpack_from(self._data, self.at)[0]
        self.at += form.size
        return number

    def _format(self, kind: int) -> struct.Struct:
        if kind not in _NUMBERS:
            raise ValueError("it has a value of a kind that Carrel does not know")
        return _NUMBERS[kind]
