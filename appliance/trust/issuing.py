"""Certificates made on the box: of an authority of its own, and of the server that it signs. No IO."""

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.trust.certificates import DAY_MS, describe

AUTHORITY_DAYS: Final = 3653
SERVER_DAYS: Final = 397
"""The most that browsers take."""
_BACK: Final = timedelta(days=1)
"""Laptops whose clock is behind take a certificate of today."""
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Subjects:
    """Whom certificates may be for: the ``names`` and ``addresses`` of the server's, and the ``networks``
    that it may get an address of without a new authority. ``more_names`` may be needed later.
    """

    names: frozenset[str]
    """In small letters."""
    addresses: frozenset[str]
    networks: frozenset[str] = frozenset()
    more_names: frozenset[str] = frozenset()

    @property
    def permitted_names(self) -> list[str]:
        """Of the authority."""
        return sorted(self.names | self.more_names)

    @property
    def permitted_networks(self) -> list[_Network]:
        """Of the authority: an address that is in none is a network of its own."""
        found = [ipaddress.ip_network(one) for one in self.networks]
        alone = [ipaddress.ip_network(one) for one in self.addresses]
        inside = [one for one in alone if not any(_is_within(one, network) for network in found)]
        return sorted({*found, *inside}, key=lambda one: (one.version, one))


@dataclass(frozen=True, slots=True)
class Pair:
    """A key and the certificate of it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def may_sign(authority: x509.Certificate, subjects: Subjects, now_ms: int) -> bool:
    """Whether a certificate of it for these would be accepted to its own end. A clock that is behind the
    authority's making is no reason for another one.
    """
    if now_ms >= describe(authority).ends_ms - SERVER_DAYS * DAY_MS:
        return False
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    names = {one.value for one in limits if isinstance(one, x509.DNSName)}
    networks = [ipaddress.ip_network(one.value) for one in limits if isinstance(one, x509.IPAddress)]
    addresses = [ipaddress.ip_network(one) for one in subjects.addresses]
    return subjects.names <= names and all(
        any(_is_within(address, network) for network in networks) for address in addresses
    )


def new_authority(subjects: Subjects, now_ms: int) -> Pair:
    """Limited to what is permitted of ``subjects``."""
    key = ec.generate_private_key(ec.SECP256R1())
    # A name of its own each: two of one name with other keys confuse those who have trusted the first.
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Carrel"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Carrel box {secrets.token_hex(4)}"),
        ]
    )
    limits = [
        *(x509.DNSName(one) for one in subjects.permitted_names),
        *(x509.IPAddress(one) for one in subjects.permitted_networks),
    ]
    certificate = (
        _begun(name, name, key, now_ms, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(limits, excluded_subtrees=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Pair(key, certificate)


def new_server(authority: Pair, subjects: Subjects, now_ms: int) -> Pair:
    """For the names and addresses of ``subjects``."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    own = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Carrel")])
    names: list[x509.GeneralName] = [
        *(x509.DNSName(one) for one in sorted(subjects.names)),
        *(x509.IPAddress(ipaddress.ip_address(one)) for one in sorted(subjects.addresses)),
    ]
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        _begun(own, issuer.subject, key, now_ms, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
        )
        .sign(authority.key, hashes.SHA256())
    )
    return Pair(key, certificate)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now_ms: int, days: int
) -> x509.CertificateBuilder:
    begins = _moment(now_ms) - _BACK
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _is_within(one: _Network, other: _Network) -> bool:
    if isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return one.subnet_of(other)
    if isinstance(one, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return one.subnet_of(other)
    return False


def _moment(now_ms: int) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, UTC).replace(microsecond=0)
