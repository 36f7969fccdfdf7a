"""Signed objects: JWS compact (RFC 7515), Ed25519 (RFC 9864) and nothing else.

The payload is canonical JSON. ``typ`` says what kind of object it is and is checked, so that a token of one
kind can never be passed off as another.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, TypeVar

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from appliance.errors import IntegrityFailed

ALGORITHM: Final = "Ed25519"
MOST_BYTES: Final = 4 * 2**20
_HEADER_NAMES: Final = {"alg", "typ", "kid", "jwk"}
_SHORT: Final = 512
"""What is longer is not remembered."""

Shape = TypeVar("Shape", bound=msgspec.Struct)


class _Rules(jws.JWSRegistry):
    """The library takes 128 kB; how large each kind may be, whoever reads it decides before."""

    max_payload_length = MOST_BYTES


_RULES: Final = _Rules(algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Whose signature it is. ``id`` is the key's thumbprint (RFC 7638)."""

    id: str
    jwk: OKPKey

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """From ``x`` of the key's JWK (base64url). Raises ``IntegrityFailed``."""
        try:
            return cls(*(_imported(text) if len(text) <= _SHORT else _imported.__wrapped__(text)))
        except (JoseError, ValueError, TypeError) as error:
            raise IntegrityFailed("That is no public key.") from error

    @property
    def text(self) -> str:
        """``x`` of its JWK: what ``parse`` takes."""
        members: dict[str, Any] = dict(self.jwk.as_dict(private=False))
        return str(members["x"])


def verify(token: str, kind: str, key: PublicKey, shape: type[Shape]) -> Shape:
    """What was signed. Raises ``IntegrityFailed`` for another key, kind, algorithm or shape."""
    payload = _payload(token, kind, key)
    try:
        return msgspec.json.decode(payload, type=shape)
    except msgspec.DecodeError as error:
        raise IntegrityFailed("A signed object has another shape than its kind.") from error


def unfold(token: str, kind: str, key: PublicKey) -> bytes:
    """The signed bytes themselves. Raises ``IntegrityFailed`` for another key, kind or algorithm."""
    return _payload(token, kind, key)


def kind_of(token: str) -> str:
    """What a token says that it is, before anybody has verified it; empty where it does not say. Raises
    ``IntegrityFailed``.
    """
    kind = _header(token).get("typ")
    return kind if isinstance(kind, str) else ""


def signer_of(token: str) -> PublicKey:
    """The key that a token names as its own: who claims it, not yet who made it. Raises
    ``IntegrityFailed``.
    """
    header = _header(token)
    jwk = header.get("jwk")
    if not isinstance(jwk, dict) or not isinstance(jwk.get("x"), str):
        raise IntegrityFailed("A signed object does not say whose it is.")
    return PublicKey.parse(jwk["x"])


def _payload(token: str, kind: str, key: PublicKey) -> bytes:
    header = _header(token)
    if header.get("typ") != kind or header.get("alg") != ALGORITHM or not set(header) <= _HEADER_NAMES:
        raise IntegrityFailed(f"A signed object is no {kind}.")
    try:
        return jws.deserialize_compact(token, key.jwk, registry=_RULES).payload
    except (JoseError, ValueError) as error:
        raise IntegrityFailed("A signature does not fit what it stands under.") from error


def _header(token: str) -> Mapping[str, Any]:
    if len(token) > MOST_BYTES or not token.isascii():
        raise IntegrityFailed("A signed object is too large, or no text.")
    text = token.partition(".")[0]
    # Whoever speaks twice has the same one again: it names the kind and the key.
    return _read_header(text) if len(text) <= _SHORT else _read_header.__wrapped__(text)


@lru_cache(maxsize=4096)
def _read_header(text: str) -> Mapping[str, Any]:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return MappingProxyType(msgspec.json.decode(raw, type=dict[str, Any]))
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        raise IntegrityFailed("A signed object cannot be read.") from error


@lru_cache(maxsize=4096)
def _imported(text: str) -> tuple[str, OKPKey]:
    key = OKPKey.import_key({"kty": "OKP", "crv": ALGORITHM, "x": text})
    return str(key.thumbprint()), key
