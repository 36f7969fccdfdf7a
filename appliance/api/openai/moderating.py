"""Texts before a guard: each is a run, whose answer is read for its verdict. Paid for like any other."""

from collections import defaultdict
from typing import Final

from appliance.api.openai.ports import Generations
from appliance.api.openai.runs import Runs
from appliance.domain.generation import (
    ChoiceFinished,
    FinishReason,
    GenerationRequest,
    SamplingWishes,
    TextDelta,
    TokenLogprob,
)
from appliance.domain.people import Caller
from appliance.domain.prompts import ChatPrompt, Message
from appliance.domain.recipe import Guard
from appliance.errors import NotReady, ReplicaFailed
from appliance.policy.moderation import MOST_TOKENS, TOP_LOGPROBS, Verdict, verdict

_SURE: Final = SamplingWishes(temperature=0.0, seed=0)


class Moderating:
    """One call: ``runs.begin``, then ``read_to_end``; ``runs.aclose`` has to follow."""

    def __init__(
        self,
        generations: Generations,
        caller: Caller,
        texts: list[str],
        *,
        model: str,
        guard: Guard,
        request_id: str,
    ) -> None:
        self._texts = texts
        self._model = model
        self._guard = guard
        self._request_id = request_id
        self.runs = Runs(
            generations,
            caller,
            count=len(texts),
            ask=self._request,
            called=lambda number: "input" if len(texts) == 1 else f"input[{number}]",
        )

    async def read_to_end(self) -> list[Verdict]:
        """A verdict a text, in order, all of them settled. Raises what ended one otherwise."""
        answers: defaultdict[int, list[str]] = defaultdict(list)
        tokens: defaultdict[int, list[TokenLogprob]] = defaultdict(list)
        async for number, event in self.runs:
            match event:
                case TextDelta(text=text, logprobs=logprobs):
                    answers[number].append(text)
                    tokens[number].extend(logprobs)
                case ChoiceFinished(reason=FinishReason.CANCELLED):
                    raise NotReady("The box ended this request before it was complete; send it again.")
        return [self._verdict("".join(answers[one]), tokens[one]) for one in range(len(self._texts))]

    async def _request(self, number: int) -> GenerationRequest:
        return guard_request(
            self._request_id if len(self._texts) == 1 else f"{self._request_id}-{number}",
            self._model,
            self._texts[number],
        )

    def _verdict(self, answer: str, tokens: list[TokenLogprob]) -> Verdict:
        found = verdict(self._guard, answer, tokens)
        if found is None:
            raise ReplicaFailed(
                "The guard model answered something that is no verdict, so nothing is said about the text."
            )
        return found


def guard_request(id: str, model: str, text: str) -> GenerationRequest:
    """What a guard is asked about one text."""
    return GenerationRequest(
        id=id,
        model=model,
        prompt=ChatPrompt((Message("user", text),)),
        sampling=_SURE,
        max_tokens=MOST_TOKENS,
        logprobs=TOP_LOGPROBS,
    )
