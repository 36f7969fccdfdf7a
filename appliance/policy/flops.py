"""How much arithmetic a request costs: method ``mm-v1``.

It counts the matrix multiplications of a model's forward passes, a multiply and an add as two: weights of
the blocks, attention scores and values, output head. Integers throughout, so that the same request costs
the same on every machine.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from appliance.domain.shapes import ModelShapes

FLOP_PER_GFLOP: Final = 10**9


def flop(
    shapes: ModelShapes,
    *,
    prompt_tokens: int,
    cached_tokens: int,
    generated_tokens: int,
    scored_tokens: int = 0,
) -> int:
    """Floating-point operations of one choice.

    ``prompt_tokens`` includes the ``cached_tokens`` that a prefix cache saved. The last generated token is
    sampled and never fed back, hence one token less in blocks and attention than in the output head.
    ``scored_tokens`` of the prompt go through the output head as well, for their log-probabilities.
    """
    last = prompt_tokens + max(generated_tokens - 1, 0)
    weights = 2 * shapes.matrix_weights * (last - cached_tokens)
    attention = 2 * shapes.heads * (shapes.key_size + shapes.value_size) * _seen(shapes, cached_tokens, last)
    head = 2 * shapes.width * shapes.vocabulary * (generated_tokens + scored_tokens)
    return weights + attention + head


def flop_of_choices(
    shapes: ModelShapes,
    *,
    prompt_tokens: int,
    cached_tokens: int,
    generated_tokens: Sequence[int],
    scored_tokens: int = 0,
) -> int:
    """``flop`` of a request with several choices, each of so many tokens.

    The prompt is computed once, but for its last token: each choice is drawn from logits of its own.
    """
    first, *others = generated_tokens or [0]
    one = partial(flop, shapes, prompt_tokens=prompt_tokens)
    again = [
        one(cached_tokens=max(prompt_tokens - 1, 0), generated_tokens=tokens) for tokens in others if tokens
    ]
    return one(cached_tokens=cached_tokens, generated_tokens=first, scored_tokens=scored_tokens) + sum(again)


def gflop(
    shapes: ModelShapes,
    *,
    prompt_tokens: int,
    cached_tokens: int,
    generated_tokens: int | Sequence[int],
    scored_tokens: int = 0,
) -> int:
    """In units of 10^9, rounded up: what is held, charged and reported. 1 gflop = 1 micro-credit. Of several
    choices ``generated_tokens`` is a sequence.
    """
    exact = flop_of_choices(
        shapes,
        prompt_tokens=prompt_tokens,
        cached_tokens=cached_tokens,
        generated_tokens=[generated_tokens] if isinstance(generated_tokens, int) else generated_tokens,
        scored_tokens=scored_tokens,
    )
    return -(-exact // FLOP_PER_GFLOP)


def _seen(shapes: ModelShapes, first: int, last: int) -> int:
    """Keys looked at by the tokens at positions ``first + 1 … last``, summed over the layers."""
    if shapes.looks_ahead:
        # Nothing of such a text is reused, so ``first`` is 0.
        return shapes.layers * last * last
    windows = shapes.window_tokens or (0,) * shapes.layers
    return sum(_seen_up_to(last, window) - _seen_up_to(first, window) for window in windows)


def _seen_up_to(position: int, window_tokens: int) -> int:
    # The token at position c sees itself and all before it: min(c, window) keys; window 0 is full attention.
    within = min(position, window_tokens) if window_tokens else position
    return within * (within + 1) // 2 + (position - within) * window_tokens
