"""The operator's client for a program that stays: several actions at once, and looking on at many.

Whoever runs one command uses ``AdminClient``.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Final

import httpx
import msgspec

from appliance.client.answers import did_not_answer, ended, other_version, path_of, result_of
from appliance.client.event_stream import event_data
from appliance.client.reaching import check_reachable
from appliance.client.refusals import refusal
from appliance.client.views import View
from appliance.domain.actions import action
from appliance.domain.watching import Event, Topic, body_of
from appliance.errors import CarrelError, error_for_code

_CONNECT_TIMEOUT_S: Final = 5.0
_ANSWER_TIMEOUT_S: Final = 600.0
"""``model run`` hashes every file of a model before it answers."""
SILENCE_S: Final = 30.0
"""A stream says something every 10 s: after so long its gateway hangs, or the way to it is broken."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a topic answers now: a result, or why there is none. One of both is None."""

    topic: Topic
    result: msgspec.Struct | None
    error: CarrelError | None


class OperatorClient:
    """The admin socket of a gateway, for one event loop. Each call has a connection of its own: a gateway
    that was started anew is found again, and nothing waits behind something else.
    """

    def __init__(
        self, socket_path: Path, *, answer_timeout_s: float = _ANSWER_TIMEOUT_S, silence_s: float = SILENCE_S
    ) -> None:
        self._path: Final = socket_path
        self._patience: Final = httpx.Timeout(answer_timeout_s, connect=_CONNECT_TIMEOUT_S)
        self._silence: Final = httpx.Timeout(_CONNECT_TIMEOUT_S, read=silence_s)
        self._http: Final = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(
                uds=str(socket_path),
                # No certificates are read for a socket that has none.
                verify=SSLContext(PROTOCOL_TLS_CLIENT),
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            ),
            base_url="http://carrel",
            trust_env=False,
        )

    async def run(self, name: str, arguments: Mapping[str, object] | None = None) -> msgspec.Struct:
        """Have an action carried out; the result is decoded into the action's result type.

        Raises the gateway's own error, ``GatewayNotRunning``, ``NotAllowed`` for a socket that this user
        may not open, ``RequestTimeout``. A call that is canceled leaves: long actions end with it, all
        others are carried out.
        """
        known = action(name)
        patience = httpx.Timeout(None, connect=_CONNECT_TIMEOUT_S) if known.long else self._patience
        await asyncio.to_thread(check_reachable, self._path)
        body = msgspec.json.encode(dict(arguments or {}))
        try:
            response = await self._http.post(path_of(known), content=body, timeout=patience)
        except httpx.TimeoutException as error:
            raise did_not_answer() from error
        except httpx.TransportError as error:
            raise ended() from error
        if response.status_code >= httpx.codes.BAD_REQUEST:
            raise refusal(response)
        return result_of(known, response.content)

    async def watch(self, topics: Sequence[Topic]) -> AsyncGenerator[Seen, None]:
        """What each topic answers, whenever that changes, until the iterator is closed.

        Raises ``GatewayNotRunning`` when the stream breaks or ends, ``NotAllowed`` for a socket that this
        user may not open, ``BadRequest`` for topics that cannot be looked on at.
        """
        views = [View(action(topic.action)) for topic in topics]
        await asyncio.to_thread(check_reachable, self._path)
        body = msgspec.json.encode(body_of(topics))
        request = self._http.build_request("POST", "/admin/v1/watch", content=body, timeout=self._silence)
        try:
            response = await self._http.send(request, stream=True)
            try:
                if response.status_code >= httpx.codes.BAD_REQUEST:
                    await response.aread()
                    raise refusal(response)
                async for data in event_data(response.aiter_bytes()):
                    yield _seen(topics, views, data)
            finally:
                await response.aclose()
        except httpx.TransportError as error:
            raise ended() from error
        raise ended()

    async def close(self) -> None:
        """Close all connections; what still waits for an answer is told that the gateway ended."""
        await self._http.aclose()


def _seen(topics: Sequence[Topic], views: Sequence[View], data: bytes) -> Seen:
    try:
        event = msgspec.json.decode(data, type=Event)
        topic, view = topics[event.topic], views[event.topic]
        if event.error is not None:
            return Seen(topic, None, error_for_code(event.error.code)(event.error.message))
        return Seen(topic, view.after(event), None)
    except (ValueError, IndexError) as error:
        raise other_version() from error
