"""Ids of messages."""

import secrets
from typing import Final

import msgspec

from appliance.errors import IntegrityFailed
from appliance.trust.signed import kind_of, signer_of, unfold

_BYTES: Final = 6


class _Any(msgspec.Struct, frozen=True):
    jti: str


def new_message_id() -> str:
    """Unique, and says nothing."""
    return f"msg_{secrets.token_hex(_BYTES)}"


def id_of(token: str) -> str:
    """Of a message of our own. Raises ``IntegrityFailed``."""
    try:
        return msgspec.json.decode(unfold(token, kind_of(token), signer_of(token)), type=_Any).jti
    except msgspec.DecodeError as error:
        raise IntegrityFailed("A message that this box has kept cannot be read.") from error
