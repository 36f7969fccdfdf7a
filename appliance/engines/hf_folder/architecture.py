"""What a ``config.json`` says of a model, in our own words, and only what we know how to run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Architecture:
    """Sizes of a model. ``family`` is the ``model_type`` of its configuration: ``llama``, ``bloom`` ...

    ``context_tokens`` 0: positions have no end of their own (ALiBi). ``window_tokens`` is one entry a layer,
    0 for full attention; a token sees itself and the ``window - 1`` before it.
    """

    family: str
    layers: int
    width: int
    inner_width: int
    heads: int
    kv_heads: int
    head_size: int
    vocabulary: int
    context_tokens: int
    tied: bool
    """The output matrix is that of the embeddings."""
    bos_tokens: tuple[int, ...]
    eos_tokens: tuple[int, ...]
    window_tokens: tuple[int, ...] = ()
    encoder: bool = False
    """It reads whole texts in both directions and does not generate."""
