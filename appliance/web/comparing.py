"""Several whole answers to one question, asked at the same time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.generation import GenerationRequest
from appliance.domain.people import Caller
from appliance.errors import CarrelError, PersonLimitReached, QueueFull
from appliance.web.answers import Answers, WholeAnswer, whole_answer

LETTERS: Final = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class Column:
    """One of them: an answer, or why there is none."""

    letter: str
    model: str
    answer: WholeAnswer | None = None
    refused: CarrelError | None = None


async def answered_columns(
    answers: Answers, caller: Caller, requests: Sequence[GenerationRequest], clock: Clock
) -> tuple[Column, ...]:
    """One a request, in their order. The failure of one is not that of the others."""

    async def ask(request: GenerationRequest) -> WholeAnswer | CarrelError:
        try:
            return await whole_answer(answers, caller, request, clock)
        except CarrelError as refused:
            return refused

    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(ask(one)) for one in requests]
    found = [one.result() for one in asked]
    for place, request in enumerate(requests):
        # Somebody who may have fewer at once than they compare has them one after the other.
        if isinstance(found[place], PersonLimitReached | QueueFull):
            found[place] = await ask(request)
    return tuple(
        _column(letter, request.model, one)
        for letter, request, one in zip(LETTERS, requests, found, strict=False)
    )


def _column(letter: str, model: str, found: WholeAnswer | CarrelError) -> Column:
    if isinstance(found, CarrelError):
        return Column(letter, model, refused=found)
    return Column(letter, model, answer=found)
