"""JSON as exactly one sequence of bytes (RFC 8785), so that it can be hashed and signed.

Integers above 2^53 are refused; whatever is larger is written in a larger unit.
"""

import hashlib
from typing import Any

import msgspec
import rfc8785

from appliance.errors import BadRequest


def canonical(value: msgspec.Struct) -> bytes:
    """The bytes. Raises ``BadRequest`` for numbers that JSON cannot carry safely."""
    plain: Any = msgspec.to_builtins(value)
    try:
        return rfc8785.dumps(plain)
    except rfc8785.CanonicalizationError as error:
        raise BadRequest("A number is too large to be written safely.") from error


def digest(value: msgspec.Struct) -> str:
    """SHA-256 of its canonical bytes, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
