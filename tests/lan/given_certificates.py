"""Certificates as a university gives them: an authority that everybody there trusts, and pairs of files."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization

from appliance.trust.issuing import Pair, Subjects, new_authority, new_server


class University:
    def __init__(self, now_ms: int) -> None:
        everything = frozenset({"example"}), frozenset({"127.0.0.1"})
        self.authority = new_authority(Subjects(*everything, networks=frozenset({"127.0.0.0/8"})), now_ms)
        self.pem = _certificate(self.authority)

    def give(
        self, folder: Path, now_ms: int, *, names: set[str], addresses: set[str] = frozenset()
    ) -> tuple[Path, Path]:
        """Into the same two files each time."""
        made = new_server(self.authority, Subjects(frozenset(names), frozenset(addresses)), now_ms)
        cert, key = folder / "given.crt", folder / "given.key"
        cert.write_text(_certificate(made))
        key.touch(mode=0o600)
        key.write_text(_key(made))
        return cert, key


def _certificate(pair: Pair) -> str:
    return pair.certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key(pair: Pair) -> str:
    return pair.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
