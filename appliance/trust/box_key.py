"""The box's own key. It is made at first use, lies in a file of its own, and never leaves the box."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import OKPKey

from appliance.errors import ConfigInvalid, IntegrityFailed
from appliance.trust.canonical import canonical
from appliance.trust.signed import ALGORITHM, PublicKey

_MOST_BYTES: Final = 4096


class BoxKey:
    """Ed25519, as PKCS#8 in a file that only its owner may read."""

    def __init__(self, private: OKPKey) -> None:
        self._private = private
        members = dict(private.as_dict(private=False))
        self.public: Final = PublicKey.parse(str(members["x"]))

    @classmethod
    def at(cls, path: Path) -> Self:
        """Read it, or make it. Raises ``ConfigInvalid`` where the file cannot be had, ``IntegrityFailed``
        where it is no such key.
        """
        try:
            if not path.exists():
                _make(path)
            raw = path.read_bytes()[:_MOST_BYTES]
        except OSError as error:
            raise ConfigInvalid(f"The box's key cannot be read or made ({error.strerror}).") from error
        try:
            return cls(OKPKey.import_key(raw))
        except (ValueError, TypeError, KeyError) as error:
            raise IntegrityFailed("The box's key is damaged. Put back the data folder's backup.") from error

    def sign(self, kind: str, value: msgspec.Struct) -> str:
        """A token of that ``kind`` (``typ``), which names this key."""
        header = {
            "alg": ALGORITHM,
            "typ": kind,
            "jwk": {"kty": "OKP", "crv": ALGORITHM, "x": self.public.text},
        }
        return jws.serialize_compact(header, canonical(value), self._private, algorithms=[ALGORITHM])


def _make(path: Path) -> None:
    """Whole or not at all: two who make it at once end up with one key."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
            if os.geteuid() == 0:
                # Root may be the first to need it, for a box that is not root's.
                owner = path.parent.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
