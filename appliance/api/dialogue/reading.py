"""From the events of a run to the parts of its answer.

Chat completions, responses and messages all read a run through ``parts_of``, so that a function call, a
thought and an end are the same thing to each of them.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from hashlib import sha256

from appliance.api.dialogue.parts import Acknowledged, AnswerEnded, AnswerPart, SaidText
from appliance.api.dialogue.splitting import Splitter
from appliance.api.openai.ports import GenerationRun
from appliance.domain.generation import (
    ChoiceFinished,
    FinishReason,
    GenerationEvent,
    Settled,
    TextDelta,
    Waiting,
)
from appliance.errors import NotReady, ReplicaFailed


async def parts_of(run: GenerationRun, *, request_id: str, tools: bool) -> AsyncGenerator[AnswerPart, None]:
    """The parts of every choice as they come; last ``Acknowledged``, once the ledger has the request.

    ``tools``: functions were offered, so that calls are looked for. Raises ``NotReady`` where the box ended
    the request, ``ReplicaFailed`` where it ended without being complete, and what ended the run otherwise.
    """
    reader = _Reader(request_id, tools=tools, thinking=run.accepted.thinking)
    async for event in run:
        for part in reader.take(event):
            yield part
        if reader.acknowledged:
            return
    raise ReplicaFailed("The answer ended without being complete; send the request again.")


class _Reader:
    def __init__(self, request_id: str, *, tools: bool, thinking: tuple[str, str] | None) -> None:
        self.acknowledged = False
        self._any_ended = False
        self._request_id = request_id
        self._tools = tools
        self._thinking = thinking
        self._splitters: dict[int, Splitter] = {}

    def take(self, event: GenerationEvent) -> Sequence[AnswerPart]:
        match event:
            case TextDelta() if not self._tools and self._thinking is None:
                return (SaidText(event.choice, event.text, event.logprobs),)
            case TextDelta():
                told = [SaidText(event.choice, "", event.logprobs)] if event.logprobs else []
                return [*told, *self._splitter(event.choice).feed(event.text)]
            case ChoiceFinished():
                return self._end(event)
            case Waiting():
                return (event,)
            case Settled(usage=usage) if self._any_ended:
                self.acknowledged = True
                return (Acknowledged(usage),)
        return ()

    def _end(self, finished: ChoiceFinished) -> Sequence[AnswerPart]:
        splitter = self._splitter(finished.choice)
        parts = splitter.close()
        self._any_ended = True
        reason = reason_of(finished.reason, called=splitter.called)
        return [*parts, AnswerEnded(finished.choice, reason, finished.stop)]

    def _splitter(self, choice: int) -> Splitter:
        if choice not in self._splitters:
            call_id = call_ids(self._request_id, choice) if self._tools else None
            self._splitters[choice] = Splitter(choice, call_id=call_id, thinking=self._thinking)
        return self._splitters[choice]


def reason_of(reason: FinishReason, *, called: bool) -> str:
    """A choice's end in a client's words. Raises ``NotReady`` for one that no client may take for an end."""
    if reason is FinishReason.CANCELLED:
        raise NotReady("The box ended this request before its answer was complete; send it again.")
    if reason is FinishReason.STOP and called:
        return "tool_calls"
    return reason.value


def call_ids(request_id: str, choice: int) -> Callable[[int], str]:
    """Makes the id of a call of this choice from its index: the same in every reading of the request."""

    def call_id(index: int) -> str:
        return f"call_{sha256(f'{request_id}/{choice}/{index}'.encode()).hexdigest()[:24]}"

    return call_id
