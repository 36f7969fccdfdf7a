"""An address that is told what happens: one POST of JSON, signed with a secret that both sides have.

The header ``x-carrel-signature`` is ``t=TIME,v1=HEX``: HMAC-SHA256, under the secret, of the time in seconds,
a dot and the body. Redirects are not followed.
"""

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

from appliance.domain.clock import Clock
from appliance.outbound.address import Address
from appliance.outbound.client import Outbound
from appliance.outbound.failures import REFUSED, failed
from appliance.outbound.limits import KIB, Limits
from appliance.outbound.secret_file import read_secret

SIGNATURE: Final = "x-carrel-signature"
LIMITS: Final = Limits(connect_s=5.0, silence_s=10.0, total_s=20.0, body_bytes=64 * KIB, connections=1)


class Webhook:
    """Raises ``ConfigInvalid`` for an address that cannot be used."""

    def __init__(
        self, outbound: Outbound, address: str, *, secret_file: str, clock: Clock, limits: Limits = LIMITS
    ) -> None:
        path = urlsplit(address).path
        base, _, last = address.rpartition("/") if path.strip("/") else (address.rstrip("/"), "", "")
        self._path = last
        self._client = outbound.client(Address.parse(base, plain_http=True), limits)
        self._secret_file = secret_file
        self._clock = clock

    @property
    def host(self) -> str:
        """Who is told."""
        return self._client.host

    async def send(self, body: bytes) -> None:
        """Raises ``Offline``, ``OutboundFailed`` also for an answer that is no success, ``ConfigInvalid``."""
        headers = {}
        if self._secret_file:
            secret = read_secret(self._secret_file, "alert_webhook_secret_file")
            headers[SIGNATURE] = signature(secret, self._clock.now_ms() // 1000, body)
        try:
            reply = await self._client.post(self._path, headers, body)
        finally:
            await self._client.aclose()
        if not 200 <= reply.status < 300:
            raise failed(self.host, REFUSED)


def signature(secret: str, time_s: int, body: bytes) -> str:
    """The value of the header."""
    made = hmac.new(secret.encode(), f"{time_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={time_s},v1={made}"
