"""Sizes and random weights of each family, under the names that Hugging Face gives them.

All models end no text: dimension 0 of the residual stream is the same constant at every position (nothing
writes to it), and the control tokens' rows of the embedding, which is also the output matrix, hold
``_NEVER`` there. So each answer has exactly ``max_tokens`` tokens, whatever server computes it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Weights = dict[str, np.ndarray]

CONTROL_TOKENS = 3
_NEVER = -60.0
_CONSTANT = 0.25
_LOGIT_DEVIATION = 1.3
"""Standard deviation of the logits: about what a trained model has where many words would do."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a model. Every row of a matrix is divisible by 256, for the K quantizations."""

    family: str
    vocabulary: int
    width: int
    inner_width: int
    layers: int
    heads: int
    kv_heads: int
    context_tokens: int = 8192
    rope_base: float = 10_000.0
    norm_epsilon: float = 1e-5

    @property
    def head_size(self) -> int:
        return self.width // self.heads


SHAPES = {
    "llama-15m": Shape("llama", 4096, 512, 1024, 5, 8, 8),
    "llama-300m": Shape("llama", 32_768, 1024, 2304, 24, 16, 16),
    "llama-1b": Shape("llama", 32_768, 2048, 8192, 16, 32, 8, 32_768, 500_000.0),
    "bloom-small": Shape("bloom", 4096, 512, 2048, 4, 8, 8, 2048),
    "opt-small": Shape("opt", 4096, 512, 2048, 4, 8, 8, 2048),
}


class _Drawing:
    """Draws tensors in float16, one after the other, so that a seed gives one model."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self._shape = shape
        self._random = np.random.default_rng(seed)
        self.weights: Weights = {}

    def embedding(self, name: str) -> None:
        width = self._shape.width
        values = self._normal(self._shape.vocabulary, width, _LOGIT_DEVIATION)
        values[:, 0] = _CONSTANT
        values[:CONTROL_TOKENS, 0] = _NEVER
        self.weights[name] = values

    def matrix(self, name: str, rows: int, columns: int, *, writes_back: bool = False) -> None:
        """``writes_back``: its result is added to the residual stream, whose dimension 0 stays as it is."""
        deviation = (2 * self._shape.layers) ** -0.5 if writes_back else 1.0
        values = self._normal(rows, columns, deviation)
        if writes_back:
            values[0] = 0
        self.weights[name] = values

    def positions(self, name: str, count: int) -> None:
        values = self._normal(count, self._shape.width, 0.5)
        values[:, 0] = 0
        self.weights[name] = values

    def ones(self, name: str) -> None:
        self.weights[name] = np.ones(self._shape.width, np.float16)

    def zeros(self, name: str, size: int) -> None:
        self.weights[name] = np.zeros(size, np.float16)

    def layer_norm(self, name: str, *, last: bool = False) -> None:
        """Scale and shift; the last one fixes dimension 0 at 1, so that ``_NEVER`` counts in full."""
        self.ones(f"{name}.weight")
        self.zeros(f"{name}.bias", self._shape.width)
        if last:
            self.weights[f"{name}.weight"][0] = 0
            self.weights[f"{name}.bias"][0] = 1

    def linear(self, name: str, rows: int, columns: int, *, writes_back: bool = False) -> None:
        self.matrix(f"{name}.weight", rows, columns, writes_back=writes_back)
        self.zeros(f"{name}.bias", rows)

    def _normal(self, rows: int, columns: int, deviation: float) -> np.ndarray:
        values = self._random.standard_normal((rows, columns), np.float32)
        values *= deviation * columns**-0.5
        return values.astype(np.float16)


def random_weights(shape: Shape, seed: int) -> Weights:
    """All tensors in float16, rows first."""
    drawing = _Drawing(shape, seed)
    _FAMILIES[shape.family](drawing, shape)
    return drawing.weights


def _llama(draw: _Drawing, shape: Shape) -> None:
    width, kv_width = shape.width, shape.kv_heads * shape.head_size
    draw.embedding("model.embed_tokens.weight")
    for number in range(shape.layers):
        layer = f"model.layers.{number}"
        draw.ones(f"{layer}.input_layernorm.weight")
        draw.matrix(f"{layer}.self_attn.q_proj.weight", width, width)
        draw.matrix(f"{layer}.self_attn.k_proj.weight", kv_width, width)
        draw.matrix(f"{layer}.self_attn.v_proj.weight", kv_width, width)
        draw.matrix(f"{layer}.self_attn.o_proj.weight", width, width, writes_back=True)
        draw.ones(f"{layer}.post_attention_layernorm.weight")
        draw.matrix(f"{layer}.mlp.gate_proj.weight", shape.inner_width, width)
        draw.matrix(f"{layer}.mlp.up_proj.weight", shape.inner_width, width)
        draw.matrix(f"{layer}.mlp.down_proj.weight", width, shape.inner_width, writes_back=True)
    draw.ones("model.norm.weight")


def _bloom(draw: _Drawing, shape: Shape) -> None:
    width, inner = shape.width, shape.inner_width
    draw.embedding("transformer.word_embeddings.weight")
    draw.layer_norm("transformer.word_embeddings_layernorm")
    # A token's own embedding would outweigh all layers in the output, and the model repeat it for ever.
    draw.weights["transformer.word_embeddings_layernorm.weight"] *= np.float16(0.06)
    for number in range(shape.layers):
        layer = f"transformer.h.{number}"
        draw.layer_norm(f"{layer}.input_layernorm")
        draw.linear(f"{layer}.self_attention.query_key_value", 3 * width, width)
        draw.linear(f"{layer}.self_attention.dense", width, width, writes_back=True)
        draw.layer_norm(f"{layer}.post_attention_layernorm")
        draw.linear(f"{layer}.mlp.dense_h_to_4h", inner, width)
        draw.linear(f"{layer}.mlp.dense_4h_to_h", width, inner, writes_back=True)
    draw.layer_norm("transformer.ln_f", last=True)


def _opt(draw: _Drawing, shape: Shape) -> None:
    width, inner = shape.width, shape.inner_width
    decoder = "model.decoder"
    draw.embedding(f"{decoder}.embed_tokens.weight")
    # OPT's first position is row 2 of the table.
    draw.positions(f"{decoder}.embed_positions.weight", shape.context_tokens + 2)
    for number in range(shape.layers):
        layer = f"{decoder}.layers.{number}"
        for part in ("q_proj", "k_proj", "v_proj"):
            draw.linear(f"{layer}.self_attn.{part}", width, width)
        draw.linear(f"{layer}.self_attn.out_proj", width, width, writes_back=True)
        draw.layer_norm(f"{layer}.self_attn_layer_norm")
        draw.linear(f"{layer}.fc1", inner, width)
        draw.linear(f"{layer}.fc2", width, inner, writes_back=True)
        draw.layer_norm(f"{layer}.final_layer_norm")
    draw.layer_norm(f"{decoder}.final_layer_norm", last=True)


_FAMILIES: dict[str, Callable[[_Drawing, Shape], None]] = {"llama": _llama, "bloom": _bloom, "opt": _opt}
