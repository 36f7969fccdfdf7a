"""Small models in plain numpy whose every matrix multiplication is counted, a multiply and an add as two.

They are real decoders of the families that labs run, with random weights: what they compute is checked only
where it shows that a pass is what it says (a prefix that was kept changes no token).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, prod

import numpy as np

from appliance.domain.shapes import ModelShapes

Array = np.ndarray
Cache = list[tuple[list[Array], list[Array]]]
"""For each layer the keys and values of the tokens that were fed: ``(kv_heads, size)`` each."""

VOCABULARY = 41


class Counter:
    """Multiplies, and counts while it should."""

    def __init__(self) -> None:
        self.flop = 0
        self.counts = True

    def __call__(self, left: Array, right: Array) -> Array:
        (rows, inner), (also_inner, columns) = left.shape, right.shape
        assert inner == also_inner
        if self.counts:
            self.flop += 2 * rows * inner * columns
        return left @ right


def softmax(scores: Array) -> Array:
    grown = np.exp(scores - scores.max())
    return grown / grown.sum()


def rms_norm(states: Array) -> Array:
    return states / np.sqrt((states**2).mean(axis=-1, keepdims=True) + 1e-6)


def layer_norm(states: Array) -> Array:
    return (states - states.mean(axis=-1, keepdims=True)) / (states.std(axis=-1, keepdims=True) + 1e-5)


def silu(states: Array) -> Array:
    return states / (1 + np.exp(-states))


def relu(states: Array) -> Array:
    return np.maximum(states, 0)


def gelu(states: Array) -> Array:
    return states / (1 + np.exp(-1.702 * states))


@dataclass(frozen=True)
class Family:
    """What sets a family apart. ``windows`` has one entry a layer, 0 for full attention."""

    name: str
    heads: int = 4
    kv_heads: int = 4
    key_size: int = 6
    value_size: int = 6
    width: int = 24
    inner: int = 40
    windows: tuple[int, ...] = (0, 0)
    norm: Callable[[Array], Array] = rms_norm
    activation: Callable[[Array], Array] = silu
    gated: bool = True
    tied: bool = False
    positions: str = "rotary"
    experts: int = 0
    experts_used: int = 0
    shared_expert: bool = False
    looks_ahead: bool = False


LLAMA = Family("Llama: GQA, gated", kv_heads=2)
MISTRAL = Family("Mistral: GQA in a window", kv_heads=2, windows=(5, 5))
GEMMA = Family("windows in some layers, tied head", kv_heads=1, windows=(4, 0, 4), tied=True, inner=56)
GPT_NEOX = Family("GPT-NeoX: MHA", norm=layer_norm, activation=gelu, gated=False, inner=96)
OPT = Family(
    "OPT: MHA, learned positions, tied head",
    norm=layer_norm, activation=relu, gated=False, tied=True, positions="learned", inner=96,
)  # fmt: skip
BLOOM = Family(
    "BLOOM: MHA, slopes for positions, tied head",
    norm=layer_norm, activation=gelu, gated=False, tied=True, positions="slopes", inner=96,
)  # fmt: skip
QWEN_MOE = Family("Qwen MoE: heads wider than the model", key_size=10, value_size=10, kv_heads=1, inner=16,
                  experts=8, experts_used=2)  # fmt: skip
SHARED_MOE = Family(
    "MoE with an expert for all", kv_heads=2, inner=16, experts=6, experts_used=3, shared_expert=True
)
UNEQUAL = Family("keys and values of different sizes", key_size=8, value_size=5)
BERT = Family(
    "BERT: looks ahead",
    norm=layer_norm, activation=gelu, gated=False, tied=True, positions="learned", inner=96, looks_ahead=True,
)  # fmt: skip

DECODERS = (LLAMA, MISTRAL, GEMMA, GPT_NEOX, OPT, BLOOM, QWEN_MOE, SHARED_MOE, UNEQUAL)


@dataclass
class Model:
    """One of a family, with weights."""

    family: Family
    count: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        made = np.random.default_rng(7)

        def matrix(*shape: int) -> Array:
            return made.normal(size=shape) / np.sqrt(shape[-2])

        one = self.family
        queries, keys = one.heads * one.key_size, one.kv_heads * one.key_size
        parts = 3 if one.gated else 2
        self.embedding = made.normal(size=(VOCABULARY, one.width))
        self.head = self.embedding.T if one.tied else matrix(one.width, VOCABULARY)
        self.places = made.normal(size=(64, one.width)) * 0.1
        self.layers: list[dict[str, Array]] = []
        for _ in one.windows:
            layer = {
                "q": matrix(one.width, queries),
                "k": matrix(one.width, keys),
                "v": matrix(one.width, one.kv_heads * one.value_size),
                "o": matrix(one.heads * one.value_size, one.width),
            }
            if one.experts:
                layer["router"] = matrix(one.width, one.experts)
                layer["experts"] = matrix(one.experts, parts, one.width, one.inner)
            if one.shared_expert or not one.experts:
                layer["block"] = matrix(parts, one.width, one.inner)
            self.layers.append(layer)

    def shapes(self) -> ModelShapes:
        """As a reader of its file would tell them: matrices counted, experts scaled by used / total."""
        one = self.family
        dense = sum(prod(m.shape) for layer in self.layers for name, m in layer.items() if name != "experts")
        experts = sum(prod(layer["experts"].shape) for layer in self.layers if one.experts)
        used = ceil(experts * one.experts_used / one.experts) if one.experts else 0
        return ModelShapes(
            matrix_weights=dense + used,
            layers=len(self.layers),
            heads=one.heads,
            key_size=one.key_size,
            value_size=one.value_size,
            width=one.width,
            vocabulary=VOCABULARY,
            window_tokens=one.windows if any(one.windows) else (),
            looks_ahead=one.looks_ahead,
        )

    def cache(self) -> Cache:
        return [([], []) for _ in self.layers]

    def feed(self, tokens: Sequence[int], cache: Cache) -> list[Array]:
        """States after the last layer, ``(1, width)`` each; the cache grows by these tokens."""
        one = self.family
        first = len(cache[0][0])
        states = [
            self.embedding[[token]] + (self.places[[first + at]] if one.positions == "learned" else 0)
            for at, token in enumerate(tokens)
        ]
        for window, layer, kept in zip(one.windows, self.layers, cache, strict=True):
            states = self._layer(states, layer, window, kept)
        return [one.norm(state) for state in states]

    def logits(self, state: Array) -> Array:
        return self.count(state, self.head)

    def _layer(
        self, states: list[Array], layer: dict[str, Array], window: int, kept: tuple[list[Array], list[Array]]
    ) -> list[Array]:
        one, (keys, values) = self.family, kept
        first = len(keys)
        normed = [one.norm(state) for state in states]
        for at, state in enumerate(normed):
            keys.append(self._heads(state, layer["k"], one.key_size, first + at))
            values.append(self._heads(state, layer["v"], one.value_size, None))
        attended = [
            state + self._attention(look, layer, window, kept, first + at)
            for at, (state, look) in enumerate(zip(states, normed, strict=True))
        ]
        return [state + self._feed_forward(one.norm(state), layer) for state in attended]

    def _heads(self, state: Array, weights: Array, size: int, place: int | None) -> Array:
        """``(heads, size)``, turned by the place of the token where the family does that."""
        made = self.count(state, weights).reshape(-1, size)
        if place is None or self.family.positions != "rotary":
            return made
        half = size // 2
        angle = place / 100.0 ** (np.arange(half) / half)
        left, right = made[:, :half], made[:, half : 2 * half]
        turned = [left * np.cos(angle) - right * np.sin(angle), left * np.sin(angle) + right * np.cos(angle)]
        return np.concatenate([*turned, made[:, 2 * half :]], axis=1)

    def _attention(
        self,
        state: Array,
        layer: dict[str, Array],
        window: int,
        kept: tuple[list[Array], list[Array]],
        at: int,
    ) -> Array:
        one, (keys, values) = self.family, kept
        queries = self._heads(state, layer["q"], one.key_size, at)
        end = len(keys) if one.looks_ahead else at + 1
        begin = max(0, end - window) if window else 0
        looked = []
        for head in range(one.heads):
            group = head * one.kv_heads // one.heads
            seen = np.stack([key[group] for key in keys[begin:end]])
            scores = self.count(queries[[head]], seen.T) / np.sqrt(one.key_size)
            if one.positions == "slopes":
                scores = scores - (at - np.arange(begin, end)) * 2.0 ** -(head + 1)
            looked.append(
                self.count(softmax(scores), np.stack([value[group] for value in values[begin:end]]))
            )
        return self.count(np.concatenate(looked, axis=1), layer["o"])

    def _feed_forward(self, state: Array, layer: dict[str, Array]) -> Array:
        made = self._block(state, layer["block"]) if "block" in layer else np.zeros_like(state)
        if "experts" in layer:
            wanted = softmax(self.count(state, layer["router"]))[0]
            for expert in np.argsort(wanted)[-self.family.experts_used :]:
                made = made + wanted[expert] * self._block(state, layer["experts"][expert])
        return made

    def _block(self, state: Array, weights: Array) -> Array:
        *gates, up, down = weights
        inner = self.family.activation(self.count(state, gates[0] if gates else up))
        return self.count(inner * self.count(state, up) if gates else inner, down.T)


@dataclass(frozen=True)
class Served:
    """What a request gave and what it took."""

    flop: int
    answers: tuple[tuple[int, ...], ...]


def serve(
    model: Model,
    prompt: Sequence[int],
    *,
    cached: int = 0,
    answers: Sequence[int] = (1,),
    score_from: int | None = None,
) -> Served:
    """As the scheduler does: what is in the cache is not computed again; of several choices each computes the
    prompt's last token for itself; the last token drawn is not fed back.
    """
    cache = model.cache()
    model.count.counts = False
    model.feed(prompt[:cached], cache)
    model.count.counts = True
    before = model.count.flop
    alone = len(answers) == 1
    states = model.feed(prompt[cached:] if alone else prompt[cached:-1], cache)
    if score_from is not None:
        for at in range(max(score_from, 1) - 1, len(prompt) - 1):
            model.logits(states[at - cached])
    drawn = tuple(
        _decode(model, states[-1:] if alone else [], prompt[-1], _copy(cache), tokens) for tokens in answers
    )
    return Served(model.count.flop - before, drawn)


def _decode(model: Model, last: list[Array], token: int, cache: Cache, tokens: int) -> tuple[int, ...]:
    drawn: list[int] = []
    while len(drawn) < tokens:
        (state,) = last or model.feed([token], cache)
        token = int(model.logits(state).argmax())
        drawn.append(token)
        last = []
    return tuple(drawn)


def _copy(cache: Cache) -> Cache:
    return [(list(keys), list(values)) for keys, values in cache]
