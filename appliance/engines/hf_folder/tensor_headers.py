"""Reads the header of a safetensors file: the name, type, shape and place of each tensor.

By a reader of our own, so that a damaged or hostile file is refused before torch is loaded, and with a
reason. The format: 8 bytes with the header's length, the header in JSON, then the tensors' bytes without a
gap (https://github.com/huggingface/safetensors, "Format").
"""

import os
import re
from dataclasses import dataclass
from math import prod
from typing import Annotated, BinaryIO, Final, Literal

import msgspec
from msgspec import Meta

from appliance.engines.hf_folder.files import ModelFiles
from appliance.errors import IntegrityFailed

TYPE_BYTES: Final = {
    "BOOL": 1,
    "U8": 1,
    "I8": 1,
    "I16": 2,
    "U16": 2,
    "F16": 2,
    "BF16": 2,
    "I32": 4,
    "U32": 4,
    "F32": 4,
    "I64": 8,
    "U64": 8,
    "F64": 8,
}
"""Types of 8 bits and less with an exponent are those of quantized weights, which we do not read."""

_LENGTH_BYTES: Final = 8
_LONGEST_HEADER_BYTES: Final = 16 * 2**20
"""Over a hundred thousand tensors. The format allows six times as much, which none of our families needs."""
_METADATA: Final = "__metadata__"
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,255}\Z")

Offset = Annotated[int, Meta(ge=0, le=2**53)]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tensor; ``data_offsets`` count from the end of the header."""

    dtype: Literal["BOOL", "U8", "I8", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "I64", "U64", "F64"]
    shape: Annotated[tuple[Offset, ...], Meta(max_length=8)]
    data_offsets: tuple[Offset, Offset]


@dataclass(frozen=True, slots=True)
class Header:
    """``data_start``: bytes of the file before the first tensor."""

    entries: dict[str, Entry]
    data_start: int


def read_header(files: ModelFiles, name: str) -> Header:
    """Raises ``IntegrityFailed`` for a file that is not as the format wants it, from end to end."""
    with files.open(name) as opened:
        try:
            return _header(opened)
        except (OSError, ValueError, RecursionError, msgspec.DecodeError) as error:
            raise IntegrityFailed(f"{name} is not a whole safetensors file: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    """Ours are sentences; msgspec's may hold a part of the file."""
    ours = isinstance(error, ValueError) and not isinstance(error, msgspec.DecodeError | UnicodeDecodeError)
    return str(error) if ours else "its header makes no sense"


def _header(opened: BinaryIO) -> Header:
    file_bytes = os.fstat(opened.fileno()).st_size
    length = int.from_bytes(opened.read(_LENGTH_BYTES), "little")
    if length > _LONGEST_HEADER_BYTES:
        raise ValueError(f"its header would have {length} bytes")
    data_start = _LENGTH_BYTES + length
    if not length or data_start > file_bytes:
        raise ValueError("it ends within its header")
    fields = msgspec.json.decode(opened.read(length), type=dict[str, msgspec.Raw])
    if _METADATA in fields:
        msgspec.json.decode(fields.pop(_METADATA), type=dict[str, str] | None)
    entries = {_checked_name(name): msgspec.json.decode(one, type=Entry) for name, one in fields.items()}
    _check_places(entries, file_bytes - data_start)
    return Header(entries, data_start)


def _checked_name(name: str) -> str:
    if not _NAME.match(name):
        raise ValueError("a tensor has a name that no model gives")
    return name


def _check_places(entries: dict[str, Entry], data_bytes: int) -> None:
    """Every byte belongs to one tensor, and every tensor has the bytes that its shape needs."""
    reached = 0
    for name, entry in sorted(entries.items(), key=lambda one: one[1].data_offsets):
        start, end = entry.data_offsets
        if start != reached or end < start:
            raise ValueError(f"{name} does not begin where the tensor before it ends")
        if end - start != prod(entry.shape) * TYPE_BYTES[entry.dtype]:
            raise ValueError(f"{name} has not the bytes that its shape needs")
        reached = end
    if reached > data_bytes:
        raise ValueError(f"it ends {reached - data_bytes} bytes too early: it is truncated")
    if reached < data_bytes:
        raise ValueError(f"{data_bytes - reached} bytes at its end belong to no tensor")
