"""Credits as people write them, and the most a request can cost.

1 credit = 10^15 FLOP. Accounts are kept in micro-credits, and 1 micro-credit = 1 gflop; money is never a
float.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from appliance.domain.shapes import ModelShapes
from appliance.errors import BadRequest
from appliance.policy.flops import gflop

MICRO_PER_CREDIT: Final = 10**6
MAX_CREDITS: Final = 9 * 10**9
"""Keeps every amount below 2^53 micro-credits, so that JSON readers with doubles show it exactly."""
WITHOUT_LIMIT: Final = "none"

_AMOUNT: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,6})?\Z")


@dataclass(frozen=True, slots=True)
class WorstCase:
    """The three amounts of a ``Hold``, in gflop."""

    gflop: int
    gflop_of_prompt: int
    gflop_per_token: int


def parse_credits(text: str) -> int | None:
    """Micro-credits of a decimal text such as ``0.01``; None for ``none``, which is without limit.

    Raises ``BadRequest`` for anything else, an exponent or a seventh decimal included.
    """
    wish = text.strip()
    if wish.lower() == WITHOUT_LIMIT:
        return None
    if _AMOUNT.match(wish) is None or Decimal(wish) > MAX_CREDITS:
        raise BadRequest(
            f"{text[:40]!r} is not an amount of credits. Write a decimal number from 0 to {MAX_CREDITS} "
            "with at most 6 decimals, or `none`.",
            param="credits",
        )
    return int(Decimal(wish) * MICRO_PER_CREDIT)


def credits_text(micro: int) -> str:
    """Micro-credits as a person reads them: ``0.01`` for 10000."""
    whole, part = divmod(micro, MICRO_PER_CREDIT)
    return f"{whole}.{part:06d}".rstrip("0").rstrip(".")


def worst_case(
    shapes: ModelShapes,
    *,
    prompt_tokens: int,
    max_completion_tokens: int,
    choices: int = 1,
    scored_tokens: int = 0,
) -> WorstCase:
    """What to hold for a request of so many choices, each of ``max_completion_tokens``, and the rates that a
    crash sweep charges by.

    The rate per token is that of the last possible token: attention makes each dearer than the one before.
    """

    def cost(*generated_tokens: int) -> int:
        return gflop(
            shapes,
            prompt_tokens=prompt_tokens,
            cached_tokens=0,
            generated_tokens=generated_tokens,
            scored_tokens=scored_tokens,
        )

    return WorstCase(
        gflop=cost(*[max_completion_tokens] * choices),
        gflop_of_prompt=cost(min(max_completion_tokens, 1)),
        gflop_per_token=_last_token(shapes, prompt_tokens + max(max_completion_tokens - 1, 0)),
    )


def _last_token(shapes: ModelShapes, position: int) -> int:
    return gflop(shapes, prompt_tokens=position, cached_tokens=max(position - 1, 0), generated_tokens=1)
