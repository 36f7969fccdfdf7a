"""What a rehearsal found, from what each synthetic student met. Pure."""

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Final

from appliance.domain.results import Rehearsal
from appliance.domain.visits import Visit

WANTED_MS: Final = 3000
"""The longest that a student should wait for a first word."""
MOST_PROBLEMS: Final = 10

QUESTIONS: Final = (
    "What is a tokenizer?",
    "Explain in two sentences what a language model does.",
    "Why does the same question get different answers?",
    "What does temperature change?",
    "What is a context window?",
    "Name three things that a model cannot know.",
    "What is the difference between training and inference?",
    "How would you check whether an answer is true?",
)


def question(number: int) -> str:
    """Of the synthetic student with this number: none shares its beginning with another's."""
    return f"Student {number} asks: {QUESTIONS[number % len(QUESTIONS)]}"


def found(class_id: str, model: str, visits: Sequence[Visit], took_ms: float) -> Rehearsal:
    """``ready``: everybody was answered, and nobody waited longer than ``WANTED_MS`` for the first word."""
    whole = [one.whole_ms for one in visits if not one.problem and one.whole_ms is not None]
    first = [one.first_word_ms for one in visits if one.first_word_ms is not None]
    failed = sum(bool(one.problem) for one in visits)
    worst_ms = max(first, default=None)
    return Rehearsal(
        id=class_id,
        model=model,
        seats=len(visits),
        answered=len(visits) - failed,
        failed=failed,
        first_word_median_ms=_whole(median(first)) if first else None,
        first_word_worst_ms=None if worst_ms is None else _whole(worst_ms),
        whole_median_ms=_whole(median(whole)) if whole else None,
        took_ms=_whole(took_ms),
        wanted_ms=WANTED_MS,
        ready=bool(visits) and not failed and worst_ms is not None and worst_ms <= WANTED_MS,
        problems=_problems(visits),
    )


def _problems(visits: Sequence[Visit]) -> tuple[str, ...]:
    """The most frequent first, each once."""
    counted = Counter(one.problem for one in visits if one.problem)
    return tuple(
        f"{count} of {len(visits)}: {problem}" for problem, count in counted.most_common(MOST_PROBLEMS)
    )


def _whole(ms: float) -> int:
    return round(ms)
