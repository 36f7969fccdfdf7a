"""A synthetic student: asks one streamed question over HTTP, and notes how long it took."""

import time
from collections.abc import AsyncIterator, Callable
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Final

import httpx
import msgspec

from appliance.client.refusals import refusal
from appliance.domain.visits import Visit
from appliance.errors import CarrelError

TIMEOUT_S: Final = 120.0
_CONNECT_TIMEOUT_S: Final = 10.0
_DATA: Final = "data:"
_DONE: Final = "[DONE]"


class _Delta(msgspec.Struct, frozen=True):
    content: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    delta: _Delta = _Delta()


class _Error(msgspec.Struct, frozen=True):
    message: str


class _Chunk(msgspec.Struct, frozen=True):
    """The fields of a chunk that matter here; a stream that breaks has an error in place of choices."""

    choices: tuple[_Choice, ...] = ()
    error: _Error | None = None


class HttpVisitor:
    """``base_url`` is asked each time, up to and with ``/v1``. Every visit has a connection of its own, as
    every student has. Proxies are not used.
    """

    def __init__(self, base_url: Callable[[], str], *, timeout_s: float = TIMEOUT_S) -> None:
        self._base_url = base_url
        self._timeout = httpx.Timeout(timeout_s, connect=_CONNECT_TIMEOUT_S)

    async def ask(self, key: str, model: str, text: str, max_tokens: int) -> Visit:
        """One question. Whatever goes wrong is told in the visit."""
        body = {
            "model": model,
            "messages": [{"role": "user", "content": text}],
            "max_tokens": max_tokens,
            "stream": True,
        }
        watch = _Watch()
        try:
            async with (
                # No certificates are read for an address that has none.
                httpx.AsyncClient(
                    base_url=self._base_url(),
                    headers={"authorization": f"Bearer {key}"},
                    timeout=self._timeout,
                    trust_env=False,
                    verify=SSLContext(PROTOCOL_TLS_CLIENT),
                ) as http,
                http.stream("POST", "chat/completions", json=body) as response,
            ):
                await _read(response, watch)
        except CarrelError as error:
            watch.problem = error.message
        except httpx.TimeoutException:
            watch.problem = "The box did not answer in time."
        except httpx.TransportError:
            watch.problem = "The connection to the box broke."
        return watch.visit()


class _Watch:
    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._first_ms: float | None = None
        self._whole_ms: float | None = None
        self.problem = ""

    def word(self) -> None:
        if self._first_ms is None:
            self._first_ms = self._now_ms()

    def end(self) -> None:
        self._whole_ms = self._now_ms()

    def visit(self) -> Visit:
        problem = self.problem
        if not problem and self._whole_ms is None:
            problem = "The answer ended without being complete."
        return Visit(self._first_ms, None if problem else self._whole_ms, problem)

    def _now_ms(self) -> float:
        return (time.monotonic() - self._began_s) * 1000


async def _read(response: httpx.Response, watch: _Watch) -> None:
    if response.status_code >= httpx.codes.BAD_REQUEST:
        await response.aread()
        raise refusal(response)
    async for data in _events(response):
        if data == _DONE:
            watch.end()
            return
        chunk = _decoded(data)
        if chunk.error is not None:
            raise CarrelError(chunk.error.message)
        if any(choice.delta.content for choice in chunk.choices):
            watch.word()


async def _events(response: httpx.Response) -> AsyncIterator[str]:
    async for line in response.aiter_lines():
        if line.startswith(_DATA):
            yield line.removeprefix(_DATA).strip()


def _decoded(data: str) -> _Chunk:
    try:
        return msgspec.json.decode(data, type=_Chunk)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise CarrelError("The box answered in another version's words.") from error
