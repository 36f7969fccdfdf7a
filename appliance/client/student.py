"""The least client a student could write: lists the models and asks one question over ``/v1``."""

from typing import Final, TypeVar

import httpx
import msgspec

from appliance.client.connected import Connected
from appliance.client.refusals import refusal
from appliance.domain.results import Answer
from appliance.errors import BadRequest, CarrelError, GatewayNotRunning, RequestTimeout

_CONNECT_TIMEOUT_S: Final = 10.0
_ANSWER_TIMEOUT_S: Final = 600.0


_Shape = TypeVar("_Shape")


class _Particulars(msgspec.Struct, frozen=True):
    embeds: bool = False
    alias_of: str | None = None


class _Model(msgspec.Struct, frozen=True):
    id: str
    carrel: _Particulars = _Particulars()


class _Models(msgspec.Struct, frozen=True):
    data: tuple[_Model, ...]


class _Message(msgspec.Struct, frozen=True):
    content: str | None


class _Choice(msgspec.Struct, frozen=True):
    message: _Message


class _Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int
    completion_tokens: int


class _Completion(msgspec.Struct, frozen=True):
    """The fields of OpenAI's chat completion that are shown; a server may add others."""

    model: str
    choices: tuple[_Choice, ...]
    usage: _Usage


class StudentClient(Connected):
    """One connection to an API. ``url`` goes up to and with ``/v1``; proxies are not used."""

    def __init__(self, url: str, key: str, *, answer_timeout_s: float = _ANSWER_TIMEOUT_S) -> None:
        try:
            self._http = httpx.Client(
                base_url=url,
                headers={"authorization": f"Bearer {key}"},
                timeout=httpx.Timeout(answer_timeout_s, connect=_CONNECT_TIMEOUT_S),
                trust_env=False,
            )
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise BadRequest("The address or the key has characters that cannot be sent.") from error

    def models(self) -> tuple[str, ...]:
        """Ids of the models that answer to this key; aliases, and models that make vectors, are left out."""
        models = _decoded(self._send("GET", "models"), _Models).data
        return tuple(one.id for one in models if not (one.carrel.embeds or one.carrel.alias_of))

    def ask(self, model: str, question: str, max_tokens: int | None = None) -> Answer:
        """One question, one answer. Raises the server's error, ``GatewayNotRunning``, ``RequestTimeout``."""
        body: dict[str, object] = {"model": model, "messages": [{"role": "user", "content": question}]}
        if max_tokens is not None:
            body["max_tokens"] = max_tokens
        response = self._send("POST", "chat/completions", body)
        completion = _decoded(response, _Completion)
        return Answer(
            model=completion.model,
            answer="".join(choice.message.content or "" for choice in completion.choices[:1]),
            prompt_tokens=completion.usage.prompt_tokens,
            completion_tokens=completion.usage.completion_tokens,
            request_id=response.headers.get("x-request-id", ""),
        )

    def _send(self, method: str, path: str, body: dict[str, object] | None = None) -> httpx.Response:
        try:
            response = self._http.request(method, path, json=body)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            raise BadRequest("The address must look like http://HOST:7411/v1, the key like crl_….") from error
        except httpx.TimeoutException as error:
            raise RequestTimeout("The API did not answer in time; see `carrel status`.") from error
        except httpx.TransportError as error:
            raise GatewayNotRunning(f"Nothing answers at {self._http.base_url}; is the box up?") from error
        if response.status_code >= httpx.codes.BAD_REQUEST:
            raise refusal(response)
        return response


def _decoded(response: httpx.Response, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.json.decode(response.content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CarrelError("What answered there does not speak the OpenAI API.") from error
