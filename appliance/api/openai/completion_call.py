"""One completion call: a run for each prompt, and what was read of them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from appliance.api.openai.completion_reading import Piece, PromptReading
from appliance.api.openai.completion_shapes import CompletionChoice
from appliance.api.openai.completion_wire import CompletionAsked
from appliance.api.openai.legacy_logprobs import LegacyLogprobs
from appliance.api.openai.ports import Generations, Tokenizing
from appliance.api.openai.runs import Runs
from appliance.api.openai.wire import sum_of
from appliance.domain.generation import (
    Accepted,
    ChoiceFinished,
    FinishReason,
    GenerationEvent,
    GenerationRequest,
    PromptScored,
    Settled,
    TokenUsage,
)
from appliance.domain.people import Caller
from appliance.domain.prompts import TokenPrompt
from appliance.errors import NotReady, ReplicaFailed


class Completion:
    """``begin``, then read ``runs`` to the end, or ``read_to_end``; ``runs.aclose`` has to follow.

    ``usage`` is the sum over the runs that are settled.
    """

    def __init__(
        self, generations: Generations, tokenizing: Tokenizing, caller: Caller, asked: CompletionAsked
    ) -> None:
        self.asked = asked
        self.usage = TokenUsage(0, 0, 0)
        self._caller = caller
        self._tokenizing = tokenizing
        self._readings: dict[int, PromptReading] = {}
        self._reasons: dict[int, FinishReason] = {}
        self._seed: int | None = None
        self.runs = Runs(
            generations,
            caller,
            count=len(asked.prompts),
            ask=self._request,
            called=lambda number: "prompt" if len(asked.prompts) == 1 else f"prompt[{number}]",
        )

    @property
    def plain(self) -> bool:
        """True where an answer is nothing but its text."""
        return not self.asked.echo and self.asked.first.logprobs is None

    async def begin(self) -> Accepted:
        """Start the first run. Raises what refuses it."""
        accepted = await self.runs.begin()
        self._seed = accepted.seed
        return accepted

    async def read_to_end(self) -> list[CompletionChoice]:
        """All choices, once all of them are settled. Raises what ended one otherwise."""
        texts: defaultdict[int, list[str]] = defaultdict(list)
        told: defaultdict[int, LegacyLogprobs] = defaultdict(LegacyLogprobs)
        ended: dict[int, FinishReason] = {}
        async for number, event in self.runs:
            for piece in self.take(number, event):
                texts[piece.choice].append(piece.text)
                if piece.logprobs is not None:
                    told[piece.choice].add(piece.logprobs)
            if isinstance(event, Settled):
                ended.update(self.ended(number))
            elif isinstance(event, PromptScored):
                # Many may be at hand at once, and each takes a while to write.
                await asyncio.sleep(0)
        asks = self.asked.first.logprobs is not None
        return [
            CompletionChoice("".join(texts[index]), index, told[index] if asks else None, ended[index])
            for index in sorted(ended)
        ]

    def take(self, number: int, event: GenerationEvent) -> Iterator[Piece]:
        """Read an event of a run; what it adds to the answer."""
        if isinstance(event, ChoiceFinished):
            self._reasons[self.choice(number, event.choice)] = event.reason
        elif isinstance(event, Settled):
            self.usage = sum_of(self.usage, event.usage)
        return self._readings[number].take(event)

    def ended(self, number: int) -> Iterator[tuple[int, FinishReason]]:
        """Why the choices of a settled run ended. Raises ``NotReady``, ``ReplicaFailed``."""
        for choice in range(self.asked.first.n):
            index = self.choice(number, choice)
            reason = self._reasons.get(index)
            if reason is None:
                raise ReplicaFailed("The answer ended without being complete; send the request again.")
            if reason is FinishReason.CANCELLED:
                raise NotReady("The box ended this request before its answer was complete; send it again.")
            yield index, reason

    def choice(self, number: int, choice: int) -> int:
        """The place of a run's choice in the answer."""
        return number * self.asked.first.n + choice

    async def _request(self, number: int) -> GenerationRequest:
        asked, first = self.asked, self.asked.first
        self._readings[number] = PromptReading(
            first_choice=self.choice(number, 0),
            choices=first.n,
            echo=await self._echo(number),
            logprobs=first.logprobs is not None,
        )
        if number == 0:
            return first
        # Each choice has the next seed, as the choices of one run have, so that one number repeats them all.
        seed = None if self._seed is None else self._seed + number * first.n
        return replace(
            first,
            id=f"{first.id.removesuffix('-0')}-{number}",
            prompt=asked.prompts[number],
            sampling=replace(first.sampling, seed=seed),
        )

    async def _echo(self, number: int) -> str | None:
        if not self.asked.echo:
            return ""
        prompt = self.asked.prompts[number]
        if not isinstance(prompt, TokenPrompt):
            return prompt.text
        if self.asked.first.logprobs is not None:
            return None
        return await self._tokenizing.detokenize(self._caller, self.asked.first.model, prompt.tokens)
