"""What a request is charged for: our own count against what its host reports. Pure.

Where the host reports, the larger of the two is charged, because that is what the host bills; where our count
is a guess, it only bounds the report from below. Where it does not report (a cut stream), our own count is. A
difference of more than a tenth is an alarm, as is a report outside of what a guess allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.upstreams.answer_shapes import Usage
from appliance.upstreams.guessing import TokenCount

ALARM_PART: Final = 0.1
ALARM_TOKENS: Final = 8
"""Differences up to this are nothing: ends of texts and of turns are counted by some and not by others."""


@dataclass(frozen=True, slots=True)
class Charged:
    """Tokens of the prompt, those of them that the host had cached, and of each choice's answer."""

    prompt_tokens: int
    cached_tokens: int
    completion_tokens: tuple[int, ...]


def charged(
    prompt: TokenCount, answers: Sequence[TokenCount], usage: Usage | None, *, most_tokens: int
) -> Charged:
    """``usage`` is of all choices together; what it has more than we counted goes to the first. Nothing is
    believed above ``most_tokens`` of the answers, which is all that was asked for, and the prompt's bound.
    """
    own = [one.tokens for one in answers]
    if usage is None:
        return Charged(prompt.tokens, 0, tuple(own))
    least = [one.least for one in answers]
    reported = max(min(usage.completion_tokens, most_tokens), sum(least))
    counts = own if sum(own) <= reported else least
    prompt_tokens = max(min(usage.prompt_tokens, prompt.bound), prompt.least)
    return Charged(
        prompt_tokens,
        min(usage.cached_tokens, prompt_tokens),
        (counts[0] + reported - sum(counts), *counts[1:]),
    )


def differs(own: TokenCount, reported: int) -> bool:
    """Whether a report is further from our count than it may be."""
    below = own.least - max(ALARM_TOKENS, ALARM_PART * own.least)
    above = own.most + max(ALARM_TOKENS, ALARM_PART * own.most)
    return not below <= reported <= above


def total(counts: Sequence[TokenCount]) -> TokenCount:
    """Of several texts together."""
    return TokenCount(
        sum(one.tokens for one in counts), sum(one.least for one in counts), sum(one.most for one in counts)
    )
