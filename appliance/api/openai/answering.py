"""From an understood request to its answer, whole or streamed, ended with its client."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response

from appliance.api.openai.asked import Asked
from appliance.api.openai.fields import ignored_header
from appliance.api.openai.ports import GenerationRun, Generations
from appliance.api.openai.shapes import Chunks, head_of, whole_answer
from appliance.domain.generation import ChoiceFinished, FinishReason, Settled, TextDelta, TokenUsage, Waiting
from appliance.domain.log import Log
from appliance.edge.callers import caller_of
from appliance.edge.errors import error_json
from appliance.edge.leaving import while_connected
from appliance.edge.sending import EventStream
from appliance.errors import CarrelError, NotReady, ReplicaFailed

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers understood requests. ``ping_s`` is the silence after which a stream says that it lives."""

    generations: Generations
    log: Log
    ping_s: float

    async def answer(self, request: AnyRequest, asked: Asked) -> Response[bytes]:
        """Start the run and give its answer. Raises any ``CarrelError`` before the answer begins."""
        caller = caller_of(request.scope)
        async with AsyncExitStack() as abandoned:
            async with while_connected(request.receive):
                run = await self.generations.start(caller, asked.request)
                abandoned.push_async_callback(run.aclose)
                if not asked.stream:
                    return await self._whole(run, asked)
            # From here on the stream closes the run. A client that left a moment ago has none.
            abandoned.pop_all()
        return self._stream(run, asked)

    async def _whole(self, run: GenerationRun, asked: Asked) -> Response[bytes]:
        text, reason, usage = await read_to_end(run)
        head = head_of(asked.shape, run.accepted, asked.request.id, stream=False)
        body = whole_answer(asked.shape, head, text, reason, usage)
        return Response(body, headers=_headers(run, asked), media_type="application/json", status_code=200)

    def _stream(self, run: GenerationRun, asked: Asked) -> EventStream:
        head = head_of(asked.shape, run.accepted, asked.request.id, stream=True)
        chunks = Chunks(asked.shape, head, include_usage=asked.include_usage)
        events = stream_of(run, chunks, request_id=asked.request.id, log=self.log)
        headers = {**_headers(run, asked), "x-accel-buffering": "no"}
        return EventStream(events, close=run.aclose, ping_s=self.ping_s, headers=headers)


async def read_to_end(run: GenerationRun) -> tuple[str, FinishReason, TokenUsage]:
    """The whole text, once it is settled. Raises what ended the run otherwise."""
    texts: list[str] = []
    reason: FinishReason | None = None
    async for event in run:
        match event:
            case TextDelta(text=text):
                texts.append(text)
            case ChoiceFinished(reason=ended):
                reason = ended
            case Settled(usage=usage):
                return "".join(texts), finished(reason), usage
    raise _unsettled()


async def stream_of(
    run: GenerationRun, chunks: Chunks, *, request_id: str, log: Log
) -> AsyncGenerator[bytes, None]:
    """The answer as server-sent events. A failure becomes an error event, and no ``[DONE]`` follows it."""
    if chunks.opening:
        yield chunks.opening
    reason: FinishReason | None = None
    try:
        async for event in run:
            match event:
                case Waiting():
                    yield chunks.waiting(event)
                case TextDelta(text=text):
                    yield chunks.text(text)
                case ChoiceFinished(reason=ended):
                    reason = ended
                case Settled(usage=usage):
                    yield chunks.ending(finished(reason), usage)
                    return
        raise _unsettled()
    except CarrelError as error:
        log.warning("stream_failed", request_id=request_id, code=error.code)
        yield b"data: " + error_json(error, request_id) + b"\n\n"


def finished(reason: FinishReason | None) -> FinishReason:
    """``reason``, if a client may take it for an end. Raises ``NotReady``, ``ReplicaFailed``."""
    if reason is FinishReason.CANCELLED:
        raise NotReady("The box ended this request before its answer was complete; send it again.")
    if reason is None:
        raise _unsettled()
    return reason


def _unsettled() -> ReplicaFailed:
    return ReplicaFailed("The answer ended without being complete; send the request again.")


def _headers(run: GenerationRun, asked: Asked) -> dict[str, str]:
    return {
        "cache-control": "no-store",
        "x-carrel-seed": str(run.accepted.seed),
        "x-carrel-queue-position": str(run.accepted.queue_position),
        **ignored_header(asked.ignored),
    }
