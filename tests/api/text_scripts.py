"""Scripts for runs that work on tokens: what an engine tells of a prompt, and of the answers to it."""

from collections.abc import AsyncIterator, Sequence

from appliance.domain.generation import (
    Alternative,
    ChoiceFinished,
    FinishReason,
    GenerationEvent,
    GenerationRequest,
    PromptScored,
    Settled,
    TextDelta,
    TokenLogprob,
    TokenUsage,
)
from appliance.domain.prompts import TextPrompt, TokenPrompt
from tests.api.fakes import FakeRun, Script

FIRST_PIECE = b"<s>"
"""Of token 0, which some scripts put before a prompt."""
STEP = 4
"""Prompt tokens that are told of at once."""
ANSWER = (" o", "k")


def piece_of(token: int) -> bytes:
    """Byte tokens, and a few above them that stand for more."""
    known = {0: FIRST_PIECE, 300: b"ab", 301: b"\xe2\x82", 302: b"\xac!"}
    return known.get(token, bytes([token % 256]))


def logprob_at(position: int) -> float:
    """No two neighbors have the same."""
    return -0.25 * (1 + position % 5)


def told(token: int, position: int, *, top: int, is_first: bool = False) -> TokenLogprob:
    """A token at ``position``; where that is odd, another one was more probable."""
    if is_first:
        return TokenLogprob(token, piece_of(token), None)
    own = Alternative(token, piece_of(token), logprob_at(position))
    better = Alternative(88, b"X", logprob_at(position) / 2)
    order = (better, own) if position % 2 else (own, Alternative(88, b"X", logprob_at(position) * 2))
    return TokenLogprob(token, own.piece, own.logprob, order[:top])


def tokens_of(request: GenerationRequest, first: Sequence[int] = ()) -> tuple[int, ...]:
    """As a preparer would make them: bytes, behind ``first`` where it is a text."""
    match request.prompt:
        case TextPrompt(text=text):
            return (*first, *text.encode())
        case TokenPrompt(tokens=tokens):
            return tokens
    raise AssertionError("no plain prompt")


def reads(*, first: Sequence[int] = (), answer: Sequence[str] = ANSWER) -> Script:
    """Tell of the prompt where that was asked for, then give every choice the same answer."""

    async def script(run: FakeRun) -> AsyncIterator[GenerationEvent]:
        request = run.request
        tokens = tokens_of(request, first)
        for event in scored(request, tokens):
            yield event
        texts = answer if request.max_tokens else ()
        for place, text in enumerate(texts):
            for choice in range(request.n):
                yield TextDelta(choice, text, answered(request, text, len(tokens) + place))
        reason = FinishReason.STOP if request.max_tokens else FinishReason.LENGTH
        for choice in range(request.n):
            yield ChoiceFinished(choice, reason)
        yield Settled(TokenUsage(len(tokens), 1, len(texts) * request.n))

    return script


def scored(request: GenerationRequest, tokens: Sequence[int]) -> list[PromptScored]:
    """A few tokens at a time, from where it was asked for."""
    if request.prompt_logprobs is None:
        return []
    top, begin = request.prompt_logprobs, request.score_from
    rows = [
        told(token, place, top=top, is_first=place == 0)
        for place, token in enumerate(tokens)
        if place >= begin
    ]
    return [PromptScored(begin + at, tuple(rows[at : at + STEP])) for at in range(0, len(rows), STEP)]


def answered(request: GenerationRequest, text: str, position: int) -> tuple[TokenLogprob, ...]:
    """The one token of a text."""
    if request.logprobs is None:
        return ()
    own = Alternative(400, text.encode(), logprob_at(position))
    return (TokenLogprob(400, own.piece, own.logprob, (own,)[: request.logprobs]),)
