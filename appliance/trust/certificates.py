"""Certificates of servers as files in PEM: what one says, and whether it is of use here."""

import ipaddress
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from appliance.errors import ConfigInvalid

DAY_MS: Final = 86_400_000
WARNED_DAYS: Final = 30
"""So long before its end an operator is told, and the box's own is renewed."""
_MOST_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Certificate:
    """Names in small letters, addresses as text; those of the server, without wildcards."""

    names: frozenset[str]
    addresses: frozenset[str]
    begins_ms: int
    ends_ms: int
    fingerprint: str
    """SHA-256, ``AB:CD:…``."""

    def days_left(self, now_ms: int) -> int:
        """Whole ones; negative once it is over."""
        return (self.ends_ms - now_ms) // DAY_MS


def read_pair(cert_file: Path, key_file: Path, now_ms: int) -> Certificate:
    """The server's certificate, which is the first in its file, once it is sure that it can be served.

    Raises ``ConfigInvalid``: a file cannot be read or is none, the key is another's or readable by others, or
    the certificate is over.
    """
    found = read_certificate(cert_file)
    if _public_bytes(_key(key_file).public_key()) != _public_bytes(found.public_key()):
        raise ConfigInvalid("`tls_key_file` does not belong to the certificate in `tls_cert_file`.")
    described = describe(found)
    if described.ends_ms <= now_ms:
        day = datetime.fromtimestamp(described.ends_ms / 1000, UTC).date()
        raise ConfigInvalid(f"The certificate in `tls_cert_file` was over on {day}; put a new one there.")
    return described


def read_certificate(path: Path) -> x509.Certificate:
    """The first one in the file. Raises ``ConfigInvalid``."""
    try:
        return x509.load_pem_x509_certificates(_bytes(path, "tls_cert_file"))[0]
    except ValueError as error:
        raise ConfigInvalid("`tls_cert_file` holds no certificate in PEM.") from error


def describe(certificate: x509.Certificate) -> Certificate:
    """What it says."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = x509.SubjectAlternativeName([])
    dns = {one.lower() for one in names.get_values_for_type(x509.DNSName)}
    return Certificate(
        names=frozenset(one for one in dns if "*" not in one),
        addresses=frozenset(str(one) for one in names.get_values_for_type(x509.IPAddress)),
        begins_ms=_ms(certificate.not_valid_before_utc),
        ends_ms=_ms(certificate.not_valid_after_utc),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
    )


def covers(certificate: Certificate, host: str) -> bool:
    """Whether clients that ask for this name or address accept it; wildcards are not looked at."""
    try:
        return str(ipaddress.ip_address(host)) in certificate.addresses
    except ValueError:
        return host.lower() in certificate.names


def _key(path: Path) -> PrivateKeyTypes:
    raw = _bytes(path, "tls_key_file")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigInvalid("`tls_key_file` can be read by others: `chmod 600` it, for the box's user alone.")
    try:
        return serialization.load_pem_private_key(raw, password=None)
    except (ValueError, TypeError) as error:
        raise ConfigInvalid("`tls_key_file` holds no key in PEM without a passphrase.") from error


def _bytes(path: Path, setting: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        raise ConfigInvalid(f"`{setting}` cannot be read ({error.strerror}).", param=setting) from error


def _public_bytes(key: object) -> bytes:
    encoded: bytes = key.public_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
