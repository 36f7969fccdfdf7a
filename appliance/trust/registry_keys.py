"""Keys of registries that an operator has put into a folder: whoever signs with one of them is believed.

A file is a public key of Ed25519, as PEM or as JWK.
"""

from pathlib import Path
from typing import Final, TypeVar

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from appliance.errors import CarrelError, ConfigInvalid, IntegrityFailed
from appliance.trust.signed import PublicKey, verify

FOLDER: Final = "registry-keys"
_MOST_KEYS: Final = 32
_MOST_BYTES: Final = 4096

Shape = TypeVar("Shape", bound=msgspec.Struct)


class RegistryKeys:
    """The folder is read at each use: a key that is taken out counts no more."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def believed(self, token: str, kind: str, shape: type[Shape]) -> tuple[Shape, str]:
        """What was signed, and the id of the key. Blocks. Raises ``IntegrityFailed`` where none of the keys
        has signed it, ``ConfigInvalid`` where there is none.
        """
        keys = self.keys()
        if not keys:
            raise ConfigInvalid(
                f"This box trusts no registry yet: put the registry's public key, as a .pem file, into the "
                f"folder `{FOLDER}` beside carrel.toml."
            )
        for key in keys:
            try:
                return verify(token, kind, key, shape), key.id
            except IntegrityFailed as error:
                last = error
        raise IntegrityFailed(f"No key in the folder `{FOLDER}` has signed this as {kind}. {last}")

    @property
    def present(self) -> bool:
        """Whether an operator has put a key there, readable or not. Blocks."""
        return bool(self._files())

    def keys(self) -> list[PublicKey]:
        """Those that can be read; files that hold no key are left out. Blocks."""
        found = [_key(path) for path in self._files()]
        return [one for one in found if one is not None]

    def _files(self) -> list[Path]:
        return sorted([*self._folder.glob("*.pem"), *self._folder.glob("*.jwk")])[:_MOST_KEYS]


class _Jwk(msgspec.Struct, frozen=True):
    """What of a JWK is the key; other members say things about it."""

    x: str


def _key(path: Path) -> PublicKey | None:
    try:
        raw = path.read_bytes()[:_MOST_BYTES]
        if path.suffix == ".jwk":
            return PublicKey.parse(msgspec.json.decode(raw, type=_Jwk).x)
        # Raises for a private key: one that lies here is a mistake, and trusted by nobody.
        load_pem_public_key(raw)
        members = dict(OKPKey.import_key(raw).as_dict(private=False))
        return PublicKey.parse(str(members["x"]))
    except (OSError, CarrelError, JoseError, ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        return None
