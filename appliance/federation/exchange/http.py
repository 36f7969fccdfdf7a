"""A registry over HTTPS. Each message has a proof beside it: that it is meant for this address, now.

The proof has a nonce of the registry, which comes with every answer and counts once. It is signed by the key
that signed the message.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec
import stamina

from appliance.errors import NotFound
from appliance.federation.exchange.again import Patience, wait_before_again
from appliance.federation.exchange.reading import reply_in
from appliance.federation.exchange.troubles import NOT_A_REGISTRY, trouble_with
from appliance.federation.protocol.kinds import MEDIA, NONCE_HEADER, NONCE_PATH, PROOF, PROOF_HEADER
from appliance.federation.protocol.limits import REPLY_BYTES
from appliance.federation.protocol.messages import Proof
from appliance.federation.protocol.replies import Refused, Reply
from appliance.outbound.address import Address
from appliance.outbound.client import Client, Outbound
from appliance.outbound.failures import CAPTIVE, TOO_LARGE, failed
from appliance.outbound.limits import Limits
from appliance.trust.signed import signer_of

LIMITS: Final = Limits(
    connect_s=10.0, silence_s=20.0, total_s=60.0, body_bytes=REPLY_BYTES + 4096, connections=2
)
_NONCE: Final = re.compile(r"[A-Za-z0-9_.~+/=-]{16,128}\Z")
_HTML: Final = "text/html"
_MISSING: Final = frozenset({404, 410})
_OK: Final = 200

Got = TypeVar("Got")
SignAs = Callable[[str, str, msgspec.Struct], str]
"""With the key of a thumbprint, an object of a kind."""


class HttpTransport:
    """To one registry, one message at a time. Close it with ``aclose``."""

    def __init__(
        self,
        outbound: Outbound,
        address: Address,
        sign_as: SignAs,
        *,
        limits: Limits = LIMITS,
        patience: Patience = Patience(),  # noqa: B008 - frozen
    ) -> None:
        self._client: Final[Client] = outbound.client(address, limits)
        self._sign_as = sign_as
        self._patience = patience
        self._nonce = ""

    async def post(self, path: str, token: str) -> Reply:
        """Send one message. Raises ``Refused``, ``OutboundFailed``, ``Offline``, ``IntegrityFailed`` where
        the box has the message's key no more.
        """
        return await self._patiently(lambda: self._post_fresh(path, token))

    async def read(self, path: str, most_bytes: int) -> bytes:
        """A public file. Raises ``NotFound``, ``OutboundFailed``, ``Offline``."""
        return await self._patiently(lambda: self._read(path, most_bytes))

    async def aclose(self) -> None:
        """Close what is open."""
        await self._client.aclose()

    async def _patiently(self, send: Callable[[], Awaitable[Got]]) -> Got:
        """``send`` has no arguments: the library tells a log with which ones it calls."""
        patience = self._patience
        again = stamina.AsyncRetryingCaller(
            attempts=patience.attempts,
            timeout=patience.together_s,
            wait_initial=patience.wait_s,
            wait_max=patience.most_s,
            wait_jitter=patience.wait_s,
        )
        return await again(wait_before_again, send)

    async def _post_fresh(self, path: str, token: str) -> Reply:
        """A nonce that the registry knows no more (it was restarted, or took too long) is not our fault."""
        try:
            return await self._post(path, token)
        except Refused as refused:
            if refused.name != "bad-nonce":
                raise
        return await self._post(path, token)

    async def _post(self, path: str, token: str) -> Reply:
        body = token.encode("ascii")
        proof = Proof(
            host=self._client.host,
            path=path,
            nonce=await self._next_nonce(),
            body_sha256=hashlib.sha256(body).hexdigest(),
        )
        signed = self._sign_as(signer_of(token).id, PROOF, proof)
        headers = {"content-type": MEDIA, PROOF_HEADER: signed, "accept": "application/json"}
        answer = await self._client.post(path, headers, body)
        self._keep_nonce(answer.headers.get(NONCE_HEADER, ""))
        return reply_in(answer, self._client.host)

    async def _next_nonce(self) -> str:
        """The one that came last, or a new one. Each is used once."""
        if not self._nonce:
            answer = await self._client.get(NONCE_PATH, {})
            self._keep_nonce(answer.headers.get(NONCE_HEADER, ""))
            if not self._nonce:
                if answer.content_type == _HTML and answer.status == _OK:
                    raise failed(self._client.host, CAPTIVE)
                if answer.status < 400 or answer.status in _MISSING:
                    raise trouble_with(self._client.host, NOT_A_REGISTRY)
                reply_in(answer, self._client.host)
        nonce, self._nonce = self._nonce, ""
        return nonce

    def _keep_nonce(self, nonce: str) -> None:
        self._nonce = nonce if _NONCE.match(nonce) else ""

    async def _read(self, path: str, most_bytes: int) -> bytes:
        answer = await self._client.get(path, {})
        if answer.status in _MISSING:
            raise NotFound(f"{self._client.host} has no such file.")
        if answer.status != _OK:
            reply_in(answer, self._client.host)
        if answer.content_type == _HTML:
            raise failed(self._client.host, CAPTIVE)
        if len(answer.body) > most_bytes:
            raise failed(self._client.host, TOO_LARGE)
        return answer.body
