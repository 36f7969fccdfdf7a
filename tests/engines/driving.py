"""How engine tests ask and look at answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pytest

from appliance.domain.generation import Sampling
from appliance.engines.base import (
    Event,
    Failed,
    Finished,
    Generate,
    Logprob,
    PromptLogprobs,
    Scoring,
    Slice,
    StepPlan,
    Tokens,
    ToldToken,
)

PLUGINS: Final = ("fake", "llama_cpp", "torch")


@dataclass(frozen=True)
class Variant:
    """An engine over a tiny model, as tests know it by one name. ``family`` is that of a folder of
    safetensors; empty: the tiny GGUF file.
    """

    engine: str
    family: str = ""
    precision: str = ""
    slow: bool = True
    """Left out of the quick run."""


VARIANTS: Final[Mapping[str, Variant]] = {
    "fake": Variant("fake", slow=False),
    "llama_cpp": Variant("llama_cpp", slow=False),
    "torch": Variant("torch", "llama", "float32", slow=False),
    "torch-int8": Variant("torch", "llama", "int8"),
    "torch-nf4": Variant("torch", "llama", "nf4"),
    "torch-bloom": Variant("torch", "bloom", "float32"),
    "torch-opt": Variant("torch", "opt", "float32"),
    "torch-gpt_neox": Variant("torch", "gpt_neox", "float32"),
    "torch-mistral": Variant("torch", "mistral", "float32"),
    "torch-qwen2": Variant("torch", "qwen2", "float32"),
    "torch-qwen3": Variant("torch", "qwen3", "float32"),
}
ENGINES: Final = [
    pytest.param(name, marks=[pytest.mark.slow] if one.slow else []) for name, one in VARIANTS.items()
]
"""What the contract suite runs over."""

GREEDY = Sampling(temperature=0.0, top_p=1.0, top_k=0, min_p=0.0, seed=0)


def warm(seed: int = 1) -> Sampling:
    return Sampling(temperature=1.0, top_p=0.95, top_k=0, min_p=0.0, seed=seed)


def work(
    number=1, prompt="Once upon a time", *, max_tokens=8, sampling=GREEDY, stop=(), n=1, owner="", **more
) -> Generate:
    tokens = tuple(prompt.encode()) if isinstance(prompt, str) else tuple(prompt)
    return Generate(number, tokens, max_tokens, sampling, stop=tuple(stop), n=n, owner=owner, **more)


@dataclass
class Answer:
    """One choice as its events told it."""

    ids: list[int] = field(default_factory=list)
    text: str = ""
    told: list[ToldToken] = field(default_factory=list)
    finished: Finished | None = None


class Answers(dict):
    """``(work id, choice)`` to ``Answer``, and the ``Failed`` of each work that has one."""

    def __init__(self, events=()) -> None:
        super().__init__()
        self.failed: dict[int, Failed] = {}
        self.scored: dict[int, list[ToldToken]] = {}
        """By work, from the first position told."""
        self.first_scored: dict[int, int] = {}
        self.update_with(events)

    def update_with(self, events) -> None:
        for event in events:
            self.add(event)

    def add(self, event: Event) -> None:
        if isinstance(event, Failed):
            self.failed[event.id] = event
            return
        if isinstance(event, PromptLogprobs):
            self.add_scored(event)
            return
        answer = self.setdefault((event.id, event.choice), Answer())
        answer.text += event.text
        if isinstance(event, Tokens):
            assert answer.finished is None, "tokens after the end"
            answer.ids += event.ids
            answer.told += event.logprobs
        else:
            assert answer.finished is None, "two ends"
            answer.finished = event

    def add_scored(self, event: PromptLogprobs) -> None:
        assert all(work_id != event.id for work_id, _ in self), "the prompt after the answer"
        told = self.scored.setdefault(event.id, [])
        first = self.first_scored.setdefault(event.id, event.position)
        assert event.position == first + len(told), "a gap, or twice the same"
        told += event.logprobs


def run(engine, *works) -> Answers:
    """Submit, step until idle, and check that what finished has exact counts."""
    for one in works:
        engine.submit(one)
    answers = Answers()
    while not engine.idle:
        for event in engine.step().events:
            answers.add(event)
    for (work_id, _), answer in answers.items():
        if work_id not in answers.failed:
            assert answer.finished.completion_tokens == len(answer.ids)
    return answers


def generate(runner, sequence: int, prompt: list[int], count: int, *, chunk: int = 1000) -> list[int]:
    """Greedy-loop a runner by hand: feed the prompt in chunks, then one token a step."""
    for start in range(0, len(prompt), chunk):
        piece = prompt[start : start + chunk]
        last = start + chunk >= len(prompt)
        result = runner.forward(StepPlan((Slice(sequence, piece, start, sample=last),)))
    tokens = [result.sampled[0][1]]
    for position in range(len(prompt), len(prompt) + count - 1):
        result = runner.forward(StepPlan((Slice(sequence, tokens[-1:], position, sample=True),)))
        tokens.append(result.sampled[0][1])
    return tokens


def score(runner, sequence: int, prompt: list[int], *, chunk: int = 1000, top: int = 0) -> list[Logprob]:
    """The log-probabilities of a prompt from its second token on, read in chunks by an empty sequence."""
    told = []
    for start in range(0, len(prompt), chunk):
        piece, targets = prompt[start : start + chunk], prompt[start + 1 : start + chunk + 1]
        scoring = Scoring(0, targets, top) if targets else None
        result = runner.forward(StepPlan((Slice(sequence, piece, start, sample=False, scoring=scoring),)))
        told += result.scored.get(sequence, [])
    return told


class WatchedRunner:
    """A runner that keeps every plan it was given."""

    def __init__(self, runner) -> None:
        self._runner = runner
        self.plans: list[StepPlan] = []

    def __getattr__(self, name):
        return getattr(self._runner, name)

    def forward(self, plan: StepPlan):
        self.plans.append(plan)
        return self._runner.forward(plan)

    def tokens_fed(self) -> list[dict[int, int]]:
        """For each pass, tokens by sequence."""
        return [{piece.sequence: len(piece.tokens) for piece in plan.slices} for plan in self.plans]
