"""Answers that the page app asks for itself, for browsers that run no scripts and for votes that hide which
model answered: the same requests with the same gates, holds and settlements as over the API.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.generation import Accepted, GenerationRequest, TokenUsage, Waiting
from appliance.domain.people import Caller

_LEAST_TOKENS: Final = 5
"""Of fewer a pace says nothing."""


@dataclass(frozen=True, slots=True)
class Said:
    """More text of the answer; ``thought``: of what the model says to itself before it answers."""

    text: str
    thought: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """It is whole and settled. ``reason`` is ``stop``, ``length`` or ``tool_calls``."""

    reason: str
    usage: TokenUsage


Piece = Waiting | Said | Ended


class Answer(Protocol):
    """An answer on its way. Iterate it once; its last piece is ``Ended``, or a ``CarrelError`` is raised."""

    @property
    def accepted(self) -> Accepted:
        """What was known when it was accepted."""
        ...

    def __aiter__(self) -> AsyncIterator[Piece]: ...


class Answers(Protocol):
    """Who answers."""

    def ask(self, caller: Caller, request: GenerationRequest) -> AbstractAsyncContextManager[Answer]:
        """Leaving the context ends what still runs. Raises what refuses the request."""
        ...


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """An answer in one piece. Times are from when it was asked for."""

    model: str
    text: str
    thoughts: str
    reason: str
    usage: TokenUsage
    seed: int
    fingerprint: str
    request_id: str
    first_word_ms: int | None
    whole_ms: int
    notices: tuple[str, ...] = ()
    leaves_box: str = ""

    @property
    def tokens_per_second(self) -> float | None:
        """Between the first and the last token; None where they are too few to say anything."""
        tokens = self.usage.completion_tokens - 1
        if self.first_word_ms is None or tokens < _LEAST_TOKENS:
            return None
        took_ms = self.whole_ms - self.first_word_ms
        return tokens * 1000 / took_ms if took_ms > 0 else None


@dataclass(slots=True)
class _Heard:
    """What was said by now."""

    began_s: float
    first_word_ms: int | None = None
    texts: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)

    def note(self, said: Said, now_s: float) -> None:
        if self.first_word_ms is None:
            self.first_word_ms = round((now_s - self.began_s) * 1000)
        (self.thoughts if said.thought else self.texts).append(said.text)


async def whole_answer(
    answers: Answers, caller: Caller, request: GenerationRequest, clock: Clock
) -> WholeAnswer:
    """Wait for all of it. Raises any ``CarrelError``; cancelled, it leaves nothing running."""
    heard = _Heard(clock.monotonic_s())
    ended = Ended("", TokenUsage(0, 0, 0))
    async with answers.ask(caller, request) as answer:
        async for piece in answer:
            if isinstance(piece, Said):
                heard.note(piece, clock.monotonic_s())
            elif isinstance(piece, Ended):
                ended = piece
        accepted = answer.accepted
    return WholeAnswer(
        model=accepted.model.id,
        text="".join(heard.texts),
        thoughts="".join(heard.thoughts),
        reason=ended.reason,
        usage=ended.usage,
        seed=accepted.seed,
        fingerprint=accepted.model.fingerprint,
        request_id=request.id,
        first_word_ms=heard.first_word_ms,
        whole_ms=round((clock.monotonic_s() - heard.began_s) * 1000),
        notices=accepted.notices,
        leaves_box=accepted.leaves_box,
    )
