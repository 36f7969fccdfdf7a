"""What tokens of a model hosted elsewhere cost, in micro-credits: method ``price-v1``. Pure.

The lab sets prices in micro-credits for a million tokens, so that one budget pays for both kinds of models.
"""

from typing import Final

from appliance.domain.upstream import Price
from appliance.policy.budget import WorstCase

_MILLION: Final = 10**6


def micro_credits(price: Price, *, prompt_tokens: int, cached_tokens: int, completion_tokens: int) -> int:
    """Rounded up once. ``prompt_tokens`` includes ``cached_tokens``."""
    cached = min(cached_tokens, prompt_tokens)
    exact = (
        price.prompt * (prompt_tokens - cached) + price.cached * cached + price.completion * completion_tokens
    )
    return -(-exact // _MILLION)


def worst_price(price: Price, *, most_prompt_tokens: int, max_completion_tokens: int) -> WorstCase:
    """What to hold, and the rates that a crash sweep charges by, which round up each token.

    ``most_prompt_tokens`` is an upper bound where the prompt's tokens are only estimated. Whatever the price
    of cached ones, none is counted on.
    """
    dearer = Price(max(price.prompt, price.cached), price.cached, price.completion)

    def cost(completion_tokens: int) -> int:
        return micro_credits(
            dearer,
            prompt_tokens=most_prompt_tokens,
            cached_tokens=0,
            completion_tokens=completion_tokens,
        )

    return WorstCase(
        gflop=cost(max_completion_tokens),
        gflop_of_prompt=cost(0),
        gflop_per_token=-(-price.completion // _MILLION),
    )
