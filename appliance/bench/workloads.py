"""What is asked: prompts made from a seed, so that two runs ask two servers the same."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final

from appliance.bench.chat import Message

_CLASS: Final = (
    "You are the assistant of a course on language models. Answer in plain words and in a few sentences. "
    "Say so when you do not know. Use the words of the lecture: token, context, cache, prompt, sampling. "
    "Never give away the solution of an exercise; ask back instead."
)
"""What a whole class sends first: about a hundred tokens of a small vocabulary."""
_LECTURE: Final = (
    "model token answer lecture question memory cache context student reason number small large first second "
    "because where which compare explain measure sample window layer weight output input common rare simple "
    "exercise result figure table method paper between before after"
)
_WORDS: Final = tuple(_LECTURE.split())
_PROMPT_WORDS: Final = 60
_ANSWER_SHARE: Final = 0.5
_DEVIATION: Final = 0.8
"""Lengths of chats are about log-normal (ShareGPT's are, as the authors of vLLM and Orca use them)."""
_QUESTION_WORDS: Final = 8


@dataclass(frozen=True, slots=True)
class Question:
    """One request to come."""

    messages: tuple[Message, ...]
    max_tokens: int
    seed: int


def questions(workload: str, *, seed: int, max_tokens: int) -> Iterator[Question]:
    """Without end. Raises ``KeyError`` for a workload that is not in ``WORKLOADS``."""
    make = WORKLOADS[workload]
    for number in count():
        # Text and not a hash of it: the same in every process.
        source = random.Random(f"{workload} {seed} {number}")  # noqa: S311 - a workload, not a secret
        yield make(source, number, max_tokens)


def _shared_prefix(source: random.Random, number: int, max_tokens: int) -> Question:
    """A class: the same system prompt, then a short question that nobody else asks."""
    asked = f"{number}. Which {_text(source, _QUESTION_WORDS)}?"
    return Question((Message("system", _CLASS), Message("user", asked)), max_tokens, source.getrandbits(31))


def _chat(source: random.Random, number: int, max_tokens: int) -> Question:
    """Strangers: nothing in common; short and long prompts, short and long answers up to ``max_tokens``."""
    words = _length(source, _PROMPT_WORDS, 20 * _PROMPT_WORDS)
    answer = _length(source, max(1, round(max_tokens * _ANSWER_SHARE)), max_tokens)
    asked = f"{number}. {_text(source, words)}."
    return Question((Message("user", asked),), answer, source.getrandbits(31))


def _text(source: random.Random, words: int) -> str:
    return " ".join(source.choices(_WORDS, k=words))


def _length(source: random.Random, median: int, most: int) -> int:
    return max(1, min(most, round(median * source.lognormvariate(0, _DEVIATION))))


WORKLOADS: Final[Mapping[str, Callable[[random.Random, int, int], Question]]] = {
    "shared-prefix": _shared_prefix,
    "chat": _chat,
}
