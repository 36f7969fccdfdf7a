"""The keys of a catalog: Ed25519, a file a key, for their owner alone, encrypted where a passphrase is given.

``<use>.<first of its id>.pem`` is the private half, which may be kept elsewhere, and ``.pub`` beside it the
public one.
"""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.signer import CryptoSigner, Signer, SSlibKey

from appliance.catalog.signed.writing import storing
from appliance.catalog.writing import write_whole
from appliance.errors import ConfigInvalid, NotAllowed

AskPassphrase = Callable[[str], bytes]
"""Takes what the key is for."""
_MOST_BYTES: Final = 16_384
_OTHERS: Final = 0o077


class Keyring:
    """The keys of one folder. ``ask`` is called for a key that is encrypted."""

    def __init__(self, folder: Path, ask: AskPassphrase) -> None:
        self._folder = folder
        self._ask = ask
        self._signers: dict[str, Signer] = {}

    def make(self, use: str, passphrase: bytes | None = None) -> SSlibKey:
        """A new key; its public half. Raises ``StorageUnavailable``."""
        private = Ed25519PrivateKey.generate()
        public = SSlibKey.from_crypto(private.public_key())
        lock = (
            serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
        )
        pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
        open_pem = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        with storing("A key"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._file(use, public, "pem"), pem, 0o600)
            write_whole(self._file(use, public, "pub"), open_pem)
        self._signers[public.keyid] = CryptoSigner(private, public)
        return public

    def of(self, use: str) -> dict[str, SSlibKey]:
        """The public halves that lie here for a use, by key id."""
        return {key.keyid: key for path, key in self._publics() if _use(path) == use}

    def public_file(self, use: str, key: SSlibKey) -> Path:
        """What is given to others."""
        return self._file(use, key, "pub")

    def signer(self, keyid: str) -> Signer | None:
        """Whoever signs with that key; None where its private half is not here. Raises ``NotAllowed``,
        ``ConfigInvalid``.
        """
        for path, public in self._publics():
            private = path.with_suffix(".pem")
            if public.keyid == keyid and keyid not in self._signers and private.exists():
                self._signers[keyid] = CryptoSigner(self._private(private), public)
        return self._signers.get(keyid)

    def _publics(self) -> Iterator[tuple[Path, SSlibKey]]:
        for path in sorted(self._folder.glob("*.pub")):
            yield path, read_public(path)

    def _private(self, path: Path) -> Ed25519PrivateKey:
        data = _read(path)
        if path.stat().st_mode & _OTHERS:
            mode = stat.S_IMODE(path.stat().st_mode)
            raise ConfigInvalid(f"The key {path.name} is open to others (mode {mode:04o}); chmod 600 it.")
        try:
            if b"ENCRYPTED" in data:
                key = serialization.load_pem_private_key(data, self._ask(_use(path)))
            else:
                key = serialization.load_pem_private_key(data, None)
        except (ValueError, TypeError) as error:
            raise NotAllowed(f"The key {path.name} does not open: a wrong passphrase, or no key.") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigInvalid(f"{path.name} is no Ed25519 key; Carrel's catalogs use no other.")
        return key

    def _file(self, use: str, key: SSlibKey, ending: str) -> Path:
        return self._folder / f"{use}.{key.keyid[:8]}.{ending}"


def read_public(path: Path) -> SSlibKey:
    """The public half of a key, from its PEM. Raises ``ConfigInvalid``."""
    try:
        key = serialization.load_pem_public_key(_read(path))
    except (ValueError, TypeError) as error:
        raise ConfigInvalid(f"{path.name} is no public key.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigInvalid(f"{path.name} is no Ed25519 key; Carrel's catalogs use no other.")
    return SSlibKey.from_crypto(key)


def _use(path: Path) -> str:
    return path.name.rsplit(".", 2)[0]


def _read(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        raise ConfigInvalid(f"The key {path.name} cannot be read ({error.strerror}).") from error
