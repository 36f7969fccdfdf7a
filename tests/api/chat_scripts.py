"""What a model says, as the events of a run, and what a chat client makes of the answer."""

import json
from collections.abc import AsyncIterator, Iterable

import httpx

from appliance.domain.generation import (
    Alternative,
    ChoiceFinished,
    FinishReason,
    GenerationEvent,
    Settled,
    TextDelta,
    TokenLogprob,
)
from tests.api.fakes import USAGE, FakeRun, Script

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
CALL = '<tool_call>{"name": "weather", "arguments": {"city": "Paris"}}</tool_call>'


def tells(*events: GenerationEvent) -> Script:
    """Exactly these events, then settles."""

    async def script(_: FakeRun) -> AsyncIterator[GenerationEvent]:
        for event in events:
            yield event
        yield Settled(USAGE)

    return script


def says(*texts: str, reason: FinishReason = FinishReason.STOP) -> Script:
    """One choice, in these pieces."""
    return tells(*[TextDelta(0, text) for text in texts], ChoiceFinished(0, reason))


def letters(text: str) -> Script:
    """One choice, a character at a time."""
    return says(*text)


def speaks_in_turns(*choices: Iterable[str]) -> Script:
    """Several choices whose pieces come mixed; each ends after its last one."""
    pieces = [list(choice) for choice in choices]
    events: list[GenerationEvent] = []
    for at in range(max(map(len, pieces)) + 1):
        for choice, texts in enumerate(pieces):
            if at < len(texts):
                events.append(TextDelta(choice, texts[at]))
            elif at == len(texts):
                events.append(ChoiceFinished(choice, FinishReason.STOP if choice else FinishReason.LENGTH))
    return tells(*events)


def token(text: str | bytes, logprob: float = -0.5, *others: tuple[str, float]) -> TokenLogprob:
    """A token with its alternatives."""
    piece = text.encode() if isinstance(text, str) else text
    top = tuple(Alternative(number, other.encode(), low) for number, (other, low) in enumerate(others))
    return TokenLogprob(1, piece, logprob, top)


def chunks_of(response: httpx.Response) -> list[dict]:
    """Every chunk of a stream that ended well."""
    assert response.status_code == 200, response.text
    events = [part for part in response.text.split("\n\n") if part.startswith("data: ")]
    assert events.pop() == "data: [DONE]"
    return [json.loads(event.removeprefix("data: ")) for event in events]


def choices_in(response: httpx.Response) -> list[dict]:
    """The only choice of every chunk that has one."""
    return [chunk["choices"][0] for chunk in chunks_of(response) if chunk["choices"]]
