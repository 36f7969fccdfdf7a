"""How much arithmetic training takes, counted as ``policy.flops`` counts answers. Pure.

A matrix that is trained is multiplied three times a token: forward, for what goes back through it, and for
its own change; one that is frozen twice. Attention multiplies what is computed with what is computed, so each
of its products has two on the way back.
"""

from appliance.domain.shapes import ModelShapes
from appliance.policy.flops import FLOP_PER_GFLOP, flop


def training_gflop(
    shapes: ModelShapes,
    *,
    tokens: int,
    sequence_tokens: int,
    adapter_weights: int | None = None,
    checkpointing: bool = False,
) -> int:
    """In units of 10^9, rounded up: ``tokens`` in all epochs together, in sequences of ``sequence_tokens``.

    Without ``adapter_weights`` all weights are trained (6 FLOP a token and weight); with it only so many of
    low-rank matrices beside frozen ones (4 a frozen and 6 a trained weight). With ``checkpointing`` the
    forward pass is made twice.
    """
    weights, attention, head = _forward(shapes, tokens, sequence_tokens)
    adapters = 2 * (adapter_weights or 0) * tokens
    frozen = weights + head
    exact = 3 * (attention + adapters) + (3 if adapter_weights is None else 2) * frozen
    again = weights + attention + adapters if checkpointing else 0
    return -(-(exact + again) // FLOP_PER_GFLOP)


def _forward(shapes: ModelShapes, tokens: int, sequence_tokens: int) -> tuple[int, int, int]:
    """FLOP of one forward pass: weights of the blocks, attention, output head, which every token goes
    through.
    """
    weights = 2 * shapes.matrix_weights
    whole, rest = divmod(tokens, sequence_tokens)
    attention = whole * _attention(shapes, sequence_tokens) + _attention(shapes, rest)
    return weights * tokens, attention, 2 * shapes.width * shapes.vocabulary * tokens


def _attention(shapes: ModelShapes, tokens: int) -> int:
    read = flop(shapes, prompt_tokens=tokens, cached_tokens=0, generated_tokens=0)
    return read - 2 * shapes.matrix_weights * tokens
