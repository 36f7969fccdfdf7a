"""BLOOM: distances instead of positions (ALiBi), and one matrix for queries, keys and values."""

from typing import ClassVar, Self

from appliance.engines.hf_folder.architecture import Architecture
from appliance.engines.hf_folder.families.family import (
    Epsilon,
    Family,
    Heads,
    Layers,
    Shape,
    Width,
    head_size,
    layer_norm,
    linear,
    tokens,
)


class Bloom(Family, frozen=True, kw_only=True):
    """Its first configurations have other names for the same sizes."""

    name: ClassVar[str] = "bloom"
    config_class: ClassVar[str] = "BloomConfig"
    model_class: ClassVar[str] = "BloomForCausalLM"
    classes: ClassVar[frozenset[str]] = frozenset({"BloomForCausalLM", "BloomModel"})
    prefix: ClassVar[str] = "transformer."
    block: ClassVar[str] = "transformer.h."

    hidden_size: Width | None = None
    n_embed: Width | None = None
    n_layer: Layers | None = None
    num_hidden_layers: Layers | None = None
    n_head: Heads | None = None
    num_attention_heads: Heads | None = None
    layer_norm_epsilon: Epsilon = 1e-5
    apply_residual_connection_post_layernorm: bool = False

    @property
    def tied(self) -> bool:
        """See ``Family``."""
        return self.tie_word_embeddings is not False

    @property
    def width(self) -> int:
        """Under either name."""
        return _one("hidden_size", self.hidden_size, self.n_embed)

    @property
    def layers(self) -> int:
        """Under either name."""
        return _one("n_layer", self.n_layer, self.num_hidden_layers)

    @property
    def heads(self) -> int:
        """Under either name."""
        return _one("n_head", self.n_head, self.num_attention_heads)

    def checked(self) -> Self:
        """See ``Family``."""
        self.architecture()
        return self

    def architecture(self) -> Architecture:
        """See ``Family``."""
        return Architecture(
            family=self.name,
            layers=self.layers,
            width=self.width,
            inner_width=4 * self.width,
            heads=self.heads,
            kv_heads=self.heads,
            head_size=head_size(self.width, self.heads),
            vocabulary=self.vocab_size,
            context_tokens=0,
            tied=self.tied,
            bos_tokens=tokens(self.bos_token_id),
            eos_tokens=tokens(self.eos_token_id),
        )

    def parameters(self) -> dict[str, Shape]:
        """See ``Family``."""
        width = self.width
        table: dict[str, Shape] = {"transformer.word_embeddings.weight": (self.vocab_size, width)}
        found = table | layer_norm("transformer.word_embeddings_layernorm", width)
        for number in range(self.layers):
            layer = f"{self.block}{number}"
            found |= layer_norm(f"{layer}.input_layernorm", width)
            found |= linear(f"{layer}.self_attention.query_key_value", 3 * width, width)
            found |= linear(f"{layer}.self_attention.dense", width, width)
            found |= layer_norm(f"{layer}.post_attention_layernorm", width)
            found |= linear(f"{layer}.mlp.dense_h_to_4h", 4 * width, width)
            found |= linear(f"{layer}.mlp.dense_4h_to_h", width, 4 * width)
        found |= layer_norm("transformer.ln_f", width)
        return found if self.tied else found | {self.output: (self.vocab_size, width)}

    def settings(self) -> dict[str, object]:
        """See ``Family``."""
        return {
            "vocab_size": self.vocab_size,
            "hidden_size": self.width,
            "n_layer": self.layers,
            "n_head": self.heads,
            "layer_norm_epsilon": self.layer_norm_epsilon,
            "apply_residual_connection_post_layernorm": self.apply_residual_connection_post_layernorm,
            "hidden_dropout": 0.0,
            "attention_dropout": 0.0,
            "tie_word_embeddings": self.tied,
        }


def _one(name: str, first: int | None, second: int | None) -> int:
    """Raises ``ValueError`` where neither name of a size is there, or both and they differ."""
    if first is not None and second is not None and first != second:
        raise ValueError(f"it gives {name} twice, and they differ")
    found = second if first is None else first
    if found is None:
        raise ValueError(f"it has no {name}")
    return found
