"""The box's own authority, for networks without a certificate of anybody's: it signs the box's certificate.

Who trusts it trusts it for this box alone: it is limited to the box's names and the network that it is on
(name constraints, RFC 5280, section 4.2.1.10), and may sign no other authority.
"""

import os
import secrets
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from appliance.errors import ConfigInvalid, IntegrityFailed
from appliance.trust.certificates import WARNED_DAYS, Certificate, describe
from appliance.trust.issuing import Pair, Subjects, may_sign, new_authority, new_server

_MOST_BYTES: Final = 65_536


class LocalAuthority:
    """Two files in a folder of their own, each a key and its certificate, for the box's user. Blocks."""

    def __init__(self, folder: Path, authority: Pair) -> None:
        self._folder = folder
        self._authority = authority

    @classmethod
    def at(cls, folder: Path, subjects: Subjects, now_ms: int) -> Self:
        """Read it, or make it: also where it is over, or was made for another network or another name.

        Raises ``ConfigInvalid`` where the files cannot be had, ``IntegrityFailed`` where they are damaged.
        """
        path = folder / "authority.pem"
        found = _read(path)
        if found is None or not may_sign(found.certificate, subjects, now_ms):
            found = new_authority(subjects, now_ms)
            _write(path, found)
        return cls(folder, found)

    @property
    def pem(self) -> bytes:
        """The certificate that clients may trust; nothing of it is secret."""
        return self._authority.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of it, ``AB:CD:…``."""
        return describe(self._authority.certificate).fingerprint

    @property
    def server_file(self) -> Path:
        """The server's key and certificate."""
        return self._folder / "server.pem"

    def server(self, subjects: Subjects, now_ms: int) -> Certificate:
        """The server's certificate as it is in ``server_file``: made anew if it lacks a name, is of another
        authority, or has less than 30 days left. Raises ``ConfigInvalid``.
        """
        found = self._server()
        if found is not None and _serves(describe(found.certificate), subjects, now_ms):
            return describe(found.certificate)
        made = new_server(self._authority, subjects, now_ms)
        _write(self.server_file, made)
        return describe(made.certificate)

    def _server(self) -> Pair | None:
        """None where there is none of this authority's."""
        try:
            found = _read(self.server_file)
        except IntegrityFailed:
            return None
        if found is None:
            return None
        try:
            found.certificate.verify_directly_issued_by(self._authority.certificate)
        except (ValueError, TypeError, InvalidSignature):
            return None
        return found


def _serves(said: Certificate, subjects: Subjects, now_ms: int) -> bool:
    return (
        subjects.names <= said.names
        and subjects.addresses == said.addresses
        and said.days_left(now_ms) >= WARNED_DAYS
    )


def _read(path: Path) -> Pair | None:
    try:
        raw = path.read_bytes()[:_MOST_BYTES]
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigInvalid(f"The box's certificates cannot be read ({error.strerror}).") from error
    try:
        key = serialization.load_pem_private_key(raw, password=None)
        certificate = x509.load_pem_x509_certificates(raw)[0]
    except (ValueError, TypeError) as error:
        raise _damaged() from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _damaged()
    return Pair(key, certificate)


def _write(path: Path, pair: Pair) -> None:
    """Key and certificate together: who reads has both of one making."""
    pem = pair.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + pair.certificate.public_bytes(serialization.Encoding.PEM)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise ConfigInvalid(f"The box's certificates cannot be written ({error.strerror}).") from error
    finally:
        fresh.unlink(missing_ok=True)


def _damaged() -> IntegrityFailed:
    return IntegrityFailed(
        "The box's own authority is damaged. Put back the data folder's backup, or remove its folder `tls` "
        "for a new one."
    )
