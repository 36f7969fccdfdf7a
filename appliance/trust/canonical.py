"""JSON as exactly one sequence of bytes (RFC 8785), so that it can be hashed and signed.

Integers above 2^53 are refused; whatever is larger is written in a larger unit.
"""

import hashlib
from typing import Annotated, Any, Final

import msgspec
import rfc8785
from msgspec import Meta

from appliance.errors import BadRequest

_MOST: Final = 2**53 - 1
_Leaf = Annotated[int, Meta(ge=-_MOST, le=_MOST)] | str | bool | None
_Depth1 = _Leaf | list[_Leaf] | dict[str, _Leaf]
_Depth2 = _Leaf | list[_Depth1] | dict[str, _Depth1]
_Depth3 = _Leaf | list[_Depth2] | dict[str, _Depth2]
_PLAIN: Final = msgspec.json.Decoder(_Leaf | list[_Depth3] | dict[str, _Depth3])


def canonical(value: msgspec.Struct) -> bytes:
    """The bytes. Raises ``BadRequest`` for numbers that JSON cannot carry safely."""
    quick = msgspec.json.encode(value, order="sorted")
    if _is_plain(quick):
        return quick
    plain: Any = msgspec.to_builtins(value)
    try:
        return rfc8785.dumps(plain)
    except rfc8785.CanonicalizationError as error:
        raise BadRequest("A number is too large to be written safely.") from error


def _is_plain(raw: bytes) -> bool:
    """Whether this JSON, with its names sorted, is canonical as it stands: ASCII without escapes, whole
    numbers within the bounds, nothing deep. Most of what is signed is; the rest takes thirty times as long.
    """
    if not raw.isascii() or b"\\" in raw or b"\x7f" in raw:
        return False
    try:
        _PLAIN.decode(raw)
    except msgspec.DecodeError:
        return False
    return True


def digest(value: msgspec.Struct) -> str:
    """SHA-256 of its canonical bytes, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
