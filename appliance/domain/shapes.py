"""The sizes of a model: what its tokens cost, what its cache holds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelShapes:
    """The sizes that decide how much arithmetic one token costs (``policy.flops``), read from the model's
    own file.

    ``matrix_weights`` counts active matrix weights in the blocks: no embeddings, norms or biases; experts
    scaled by used / total. ``window_tokens`` is one entry a layer, 0 for full attention.
    """

    matrix_weights: int
    layers: int
    heads: int
    key_size: int
    value_size: int
    width: int
    vocabulary: int
    window_tokens: tuple[int, ...] = ()
    kv_heads: int = 0
    """Heads with keys and values of their own, in the mean of all layers; 0 where the file does not say."""
    other_weights: int = 0
    """Weights that ``matrix_weights`` leaves out: embeddings, an output matrix of its own, norms, biases; 0
    where the file does not say."""
    looks_ahead: bool = False
    """Every token sees all of its text, also what comes after it: true of encoders."""
