"""Content for one reader: sealed here to a public key whose private half is not on the box (JWE, ECDH-ES with
X25519 and A256GCM, RFC 7516 and RFC 8037).
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from appliance.errors import BadRequest, IntegrityFailed

_CURVE: Final = "X25519"
_ALGORITHMS: Final = ["ECDH-ES", "A256GCM"]
_KEY_BYTES: Final = 32
MOST_KEY_BYTES: Final = 4096
"""Of a file with a key."""


class _Jwk(msgspec.Struct, forbid_unknown_fields=True):
    """A key in its file: only these members, so that nobody takes one for another kind."""

    kty: str
    crv: str
    x: str
    d: str = ""
    kid: str = ""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """As JSON (JWK): what the reader keeps, and what they give away."""

    private: str
    public: str


def make_key_pair() -> KeyPair:
    """A new one, of nobody's yet."""
    made = OKPKey.generate_key(_CURVE)
    members = {"kid": made.thumbprint()}
    public, private = dict(made.as_dict(private=False)), dict(made.as_dict(private=True))
    return KeyPair(_json({**private, **members}), _json({**public, **members}))


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A public key. ``id`` is its thumbprint (RFC 7638)."""

    id: str
    text: str
    _jwk: OKPKey

    @classmethod
    def parse(cls, text: str) -> "SealingKey":
        """From ``x`` of a JWK (base64url). Raises ``BadRequest``."""
        try:
            if len(_bytes(text)) != _KEY_BYTES:
                raise _no_key()
            key = OKPKey.import_key({"kty": "OKP", "crv": _CURVE, "x": text})
            return cls(str(key.thumbprint()), text, key)
        except (JoseError, ValueError, TypeError) as error:
            raise _no_key() from error

    @classmethod
    def read(cls, text: str) -> "SealingKey":
        """From a file's text, which must hold the public half alone. Raises ``BadRequest``."""
        jwk = _parsed(text)
        if jwk.d:
            raise BadRequest(
                "This file has the private half of the key, which stays with you; give the one whose name "
                "ends in .pub."
            )
        return cls.parse(jwk.x)

    def seal(self, content: bytes) -> str:
        """A compact JWE that only the private half opens. It names the key."""
        header = {"alg": _ALGORITHMS[0], "enc": _ALGORITHMS[1], "kid": self.id}
        return str(jwe.encrypt_compact(header, content, self._jwk, algorithms=_ALGORITHMS))


class PrivateKey:
    """The private half, in its holder's own process."""

    def __init__(self, key: OKPKey) -> None:
        self._key = key
        self.id: Final = str(key.thumbprint())

    @classmethod
    def read(cls, text: str) -> "PrivateKey":
        """From a file's text. Raises ``BadRequest``."""
        jwk = _parsed(text)
        if not jwk.d:
            raise BadRequest("This file has the public half only; give the one without .pub in its name.")
        try:
            return cls(OKPKey.import_key({"kty": "OKP", "crv": _CURVE, "x": jwk.x, "d": jwk.d}))
        except (JoseError, ValueError, TypeError) as error:
            raise _no_key() from error

    def open(self, sealed: str) -> bytes:
        """What was sealed. Raises ``IntegrityFailed`` for another key's, or what was changed."""
        try:
            opened = jwe.decrypt_compact(sealed.encode("ascii"), self._key, algorithms=_ALGORITHMS)
        except (JoseError, ValueError, TypeError) as error:
            raise IntegrityFailed("This was sealed to another key, or was changed since.") from error
        return bytes(opened.plaintext or b"")


def _parsed(text: str) -> _Jwk:
    try:
        jwk = msgspec.json.decode(text.encode(), type=_Jwk)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise _no_key() from error
    if (jwk.kty, jwk.crv) != ("OKP", _CURVE):
        raise _no_key()
    return jwk


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error


def _json(members: dict[str, Any]) -> str:
    return msgspec.json.encode(members).decode() + "\n"


def _no_key() -> BadRequest:
    return BadRequest(
        "That is no key for sealed content; `carrel sample key --out FILE` makes one.", param="file"
    )
