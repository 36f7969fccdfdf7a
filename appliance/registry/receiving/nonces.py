"""Nonces that need no memory until they are used: time and chance under a MAC of a secret that all processes
of the registry share.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

from appliance.domain.clock import Clock
from appliance.federation.protocol.limits import NONCE_S
from appliance.federation.protocol.replies import Refused

_TIME_BYTES: Final = 5
_CHANCE_BYTES: Final = 10
_MAC_BYTES: Final = 15
_BYTES: Final = _TIME_BYTES + _CHANCE_BYTES + _MAC_BYTES


def new_secret() -> str:
    """For ``Nonces``."""
    return secrets.token_hex(32)


class Nonces:
    """Gives them out, and knows its own again."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._secret = secret.encode()
        self._clock = clock

    def make(self) -> str:
        """A new one, good for ``limits.NONCE_S``."""
        until_s = self._clock.now_ms() // 1000 + NONCE_S
        body = until_s.to_bytes(_TIME_BYTES, "big") + secrets.token_bytes(_CHANCE_BYTES)
        return base64.urlsafe_b64encode(body + self._mac(body)).decode()

    def until_s(self, nonce: str) -> int:
        """When it ends. Raises ``Refused`` (``bad-nonce``) for one of somebody else, or an old one."""
        try:
            raw = base64.b64decode(nonce, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if len(raw) != _BYTES or not hmac.compare_digest(mac, self._mac(body)):
            raise Refused("bad-nonce", "This registry did not give out this nonce.")
        until_s = int.from_bytes(body[:_TIME_BYTES], "big")
        if until_s < self._clock.now_ms() // 1000:
            raise Refused("bad-nonce", "The nonce has ended. Each reply brings a new one.")
        return until_s

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._secret, body, hashlib.sha256)[:_MAC_BYTES]
