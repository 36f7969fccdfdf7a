"""The answer to a conversation, in the shape of the endpoint that was asked.

An endpoint gives ``answer_dialogue`` what it understood, ``Asked``, and in it how to make its ``Encoder``
once the request is accepted. The encoder is given the parts of the answer in order, and gives bytes:

- whole: ``note`` of every part, then ``whole`` with the counts;
- streamed: ``opening``, then ``take`` of every part, the last of which is ``Acknowledged``; ``failed``
  instead of the rest where it breaks. What ``take`` gives is sent as it is; nothing is sent for ``b""``.

``Waiting`` is told to clients here, and no encoder sees it. ``Acknowledged`` is the first moment at which an
encoder may send what a client takes for an end.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from litestar import Response

from appliance.api.answering import Answering, AnyRequest, waiting_comment
from appliance.api.dialogue.parts import Acknowledged, AnswerPart
from appliance.api.dialogue.reading import parts_of
from appliance.api.notices import notice_header
from appliance.api.openai.fields import ignored_header
from appliance.api.openai.ports import GenerationRun
from appliance.domain.generation import Accepted, GenerationRequest, TokenUsage, Waiting
from appliance.domain.prompts import ChatPrompt
from appliance.edge.callers import caller_of
from appliance.errors import CarrelError, ReplicaFailed


class Encoder(Protocol):
    """Gives one answer the shape of its endpoint."""

    def opening(self) -> bytes:
        """What a stream begins with."""
        ...

    def take(self, part: AnswerPart) -> bytes:
        """The events that tell of one more part; with ``Acknowledged``, the end of the stream."""
        ...

    def note(self, part: AnswerPart) -> None:
        """One more part of an answer that is not streamed; ``Acknowledged`` is not among them."""
        ...

    def whole(self, usage: TokenUsage) -> bytes:
        """The body, after its last part."""
        ...

    def failed(self, error: CarrelError) -> bytes:
        """The end of a stream that cannot go on."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to go on with a conversation, how its answer shall look, which of its fields were ignored."""

    request: GenerationRequest
    encoder: Callable[[Accepted], Encoder]
    stream: bool
    ignored: tuple[str, ...] = ()


async def answer_dialogue(answering: Answering, request: AnyRequest, asked: Asked) -> Response[bytes]:
    """Start the run and give its answer. Raises any ``CarrelError`` that comes before a stream begins."""

    async def begin() -> DialogueAnswer:
        run = await answering.generations.start(caller_of(request.scope), asked.request)
        return DialogueAnswer(run, asked)

    return await answering.give(request, begin, stream=asked.stream)


class DialogueAnswer:
    """One run, read as a conversation's answer."""

    def __init__(self, run: GenerationRun, asked: Asked) -> None:
        self._run = run
        self._asked = asked
        self._encoder = asked.encoder(run.accepted)

    @property
    def headers(self) -> Mapping[str, str]:
        """What repeats the answer, where it waited, what was ignored."""
        return run_headers(self._run.accepted, self._asked.ignored)

    async def whole(self) -> bytes:
        """See ``Answer``."""
        async for part in self._parts():
            match part:
                case Acknowledged(usage=usage):
                    return self._encoder.whole(usage)
                case Waiting():
                    pass
                case _:
                    self._encoder.note(part)
        raise unsettled()

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """See ``Answer``."""
        if opening := self._encoder.opening():
            yield opening
        async for part in self._parts():
            events = waiting_comment(part) if isinstance(part, Waiting) else self._encoder.take(part)
            if events:
                yield events

    def failed(self, error: CarrelError) -> bytes:
        """See ``Answer``."""
        return self._encoder.failed(error)

    async def aclose(self) -> None:
        """See ``Answer``."""
        await self._run.aclose()

    def _parts(self) -> AsyncGenerator[AnswerPart, None]:
        asked = self._asked.request
        return parts_of(self._run, request_id=asked.id, tools=_offers_tools(asked))


def run_headers(accepted: Accepted, ignored: tuple[str, ...]) -> dict[str, str]:
    """What every answer of the box says of how it was made."""
    return {
        "x-carrel-seed": str(accepted.seed),
        "x-carrel-queue-position": str(accepted.queue_position),
        **leaves_box_header(accepted),
        **notice_header(accepted),
        **ignored_header(ignored),
    }


def leaves_box_header(accepted: Accepted) -> dict[str, str]:
    """The host that the prompt went to; nothing where it stayed."""
    return {"x-carrel-leaves-box": accepted.leaves_box} if accepted.leaves_box else {}


def unsettled() -> ReplicaFailed:
    """An answer that stopped without an end."""
    return ReplicaFailed("The answer ended without being complete; send the request again.")


def _offers_tools(request: GenerationRequest) -> bool:
    prompt = request.prompt
    return isinstance(prompt, ChatPrompt) and bool(prompt.tools) and prompt.tool_choice.mode != "none"
