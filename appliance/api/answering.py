"""From an understood request to its answer, whole or streamed, ended with its client.

An endpoint gives ``Answering.give`` a function that begins its answer (starts its run, or its several runs)
and returns an ``Answer``. What is common to all endpoints is here: work for a client that left is ended, a
whole answer has its status, a streamed one pings in silence and ends with an error event where it breaks.

For the next turn of a conversation no ``Answer`` needs to be written: see ``api.dialogue.answering``.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

from litestar import Request, Response
from litestar.types import Scope

from appliance.api.openai.ports import Generations
from appliance.domain.generation import Waiting
from appliance.domain.log import Log
from appliance.edge.leaving import while_connected
from appliance.edge.noting import NobodyNotes, Noting, note_in
from appliance.edge.request_ids import request_id_of
from appliance.edge.sending import EventStream
from appliance.errors import CarrelError

AnyRequest = Request[Any, Any, Any]


class Answer(Protocol):
    """An answer whose request was accepted. Either ``whole`` or ``stream`` is called, once."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Those that this answer has beside the ones of every answer."""
        ...

    async def whole(self) -> bytes:
        """The body, once it is settled. Raises the ``CarrelError`` that ended it otherwise."""
        ...

    def stream(self) -> AsyncGenerator[bytes, None]:
        """The body as server-sent events. Raises as ``whole`` does."""
        ...

    def failed(self, error: CarrelError) -> bytes:
        """The last event of a stream that raised ``error``."""
        ...

    async def aclose(self) -> None:
        """Nobody reads on: end what still runs. Called at any time, maybe twice."""
        ...


@dataclass(frozen=True, slots=True)
class Answering:
    """Gives answers. ``ping_s`` is the silence after which a stream says that it lives; ``noting`` hears of
    answers that break after they began.
    """

    generations: Generations
    log: Log
    ping_s: float
    noting: Noting = field(default_factory=NobodyNotes)

    async def give(
        self, request: AnyRequest, begin: Callable[[], Awaitable[Answer]], *, stream: bool
    ) -> Response[bytes]:
        """Begin an answer and give it. Raises any ``CarrelError`` that comes before a stream begins.

        ``begin`` is cancelled when the client leaves; then it must leave nothing running.
        """
        async with AsyncExitStack() as abandoned:
            async with while_connected(request.receive):
                answer = await begin()
                abandoned.push_async_callback(answer.aclose)
                if not stream:
                    headers = {"cache-control": "no-store", **answer.headers}
                    body = await answer.whole()
                    return Response(body, headers=headers, media_type="application/json", status_code=200)
            # From here on the stream closes the answer. A client that left a moment ago has none.
            abandoned.pop_all()
        headers = {"cache-control": "no-store", "x-accel-buffering": "no", **answer.headers}
        events = self._ended_by_errors(answer, request.scope)
        return EventStream(events, close=answer.aclose, ping_s=self.ping_s, headers=headers)

    async def _ended_by_errors(self, answer: Answer, scope: Scope) -> AsyncGenerator[bytes, None]:
        try:
            async for events in answer.stream():
                yield events
        except CarrelError as error:
            self.log.warning("stream_failed", request_id=request_id_of(scope), code=error.code)
            note_in(scope, error, self.noting)
            yield answer.failed(error)


def waiting_comment(news: Waiting) -> bytes:
    """A comment in a stream, which clients skip: where the request stands in the queue."""
    eta = "" if news.eta_s is None else f" eta_s={news.eta_s}"
    return f": queue position={news.position}{eta}\n\n".encode()
