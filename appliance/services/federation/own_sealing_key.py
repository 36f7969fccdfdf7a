"""The key pair that others seal letters to: made at first use, in a file of its own, and never sent."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from appliance.errors import ConfigInvalid
from appliance.trust.sealing import MOST_KEY_BYTES, PrivateKey, make_key_pair


class _Public(msgspec.Struct, frozen=True):
    x: str


class OwnSealingKey:
    """Reads its file at each use; both methods block."""

    def __init__(self, path: Path) -> None:
        self._path: Final = path

    def public(self) -> str:
        """``x`` of the public half's JWK. Raises ``ConfigInvalid``, ``BadRequest``."""
        return msgspec.json.decode(self._text().encode(), type=_Public).x

    def open(self, sealed: str) -> bytes:
        """What was sealed to this box. Raises ``IntegrityFailed``, ``ConfigInvalid``, ``BadRequest``."""
        return PrivateKey.read(self._text()).open(sealed)

    def _text(self) -> str:
        try:
            if not self._path.exists():
                self._make()
            text = self._path.read_bytes()[:MOST_KEY_BYTES].decode("utf-8", "replace")
        except OSError as error:
            raise ConfigInvalid(f"The key for letters cannot be read or made ({error.strerror}).") from error
        PrivateKey.read(text)
        return text

    def _make(self) -> None:
        """Whole or not at all; two who make it at once end up with one."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(make_key_pair().private)
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(fresh, self._path)
        finally:
            fresh.unlink(missing_ok=True)
