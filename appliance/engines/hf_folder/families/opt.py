"""OPT: a learned table of positions, norms before or behind each part, words that may be narrow."""

from typing import ClassVar, Literal, Self

import msgspec

from appliance.engines.hf_folder.architecture import Architecture
from appliance.engines.hf_folder.families.family import (
    Activation,
    Family,
    Heads,
    InnerWidth,
    Layers,
    Positions,
    Shape,
    Width,
    head_size,
    layer_norm,
    linear,
    tokens,
)

_FIRST_POSITION = 2
"""Rows of the table of positions before the first one that is used."""


class Opt(Family, frozen=True, kw_only=True):
    """Its sizes differ in more than numbers: of the published ones, 350m norms behind each part."""

    name: ClassVar[str] = "opt"
    config_class: ClassVar[str] = "OPTConfig"
    model_class: ClassVar[str] = "OPTForCausalLM"
    classes: ClassVar[frozenset[str]] = frozenset({"OPTForCausalLM", "OPTModel"})
    prefix: ClassVar[str] = "model.decoder."
    block: ClassVar[str] = "model.decoder.layers."
    learned_positions: ClassVar[bool] = True

    hidden_size: Width
    ffn_dim: InnerWidth
    num_hidden_layers: Layers
    num_attention_heads: Heads
    max_position_embeddings: Positions
    word_embed_proj_dim: Width | None = None
    activation_function: Activation = "relu"
    do_layer_norm_before: bool = True
    enable_bias: bool = True
    layer_norm_elementwise_affine: Literal[True] = True
    without_last_norm: bool = msgspec.field(name="_remove_final_layer_norm", default=False)

    @property
    def tied(self) -> bool:
        """See ``Family``."""
        return self.tie_word_embeddings is not False

    @property
    def table_width(self) -> int:
        """Numbers of a token in the table of words."""
        return self.word_embed_proj_dim or self.hidden_size

    def checked(self) -> Self:
        """See ``Family``."""
        self.architecture()
        return self

    def architecture(self) -> Architecture:
        """See ``Family``."""
        return Architecture(
            family=self.name,
            layers=self.num_hidden_layers,
            width=self.hidden_size,
            inner_width=self.ffn_dim,
            heads=self.num_attention_heads,
            kv_heads=self.num_attention_heads,
            head_size=head_size(self.hidden_size, self.num_attention_heads),
            vocabulary=self.vocab_size,
            context_tokens=self.max_position_embeddings,
            tied=self.tied,
            bos_tokens=tokens(self.bos_token_id),
            eos_tokens=tokens(self.eos_token_id),
        )

    def parameters(self) -> dict[str, Shape]:
        """See ``Family``."""
        found = self._outside_layers()
        width, inner, bias = self.hidden_size, self.ffn_dim, self.enable_bias
        for number in range(self.num_hidden_layers):
            layer = f"{self.block}{number}"
            for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
                found |= linear(f"{layer}.self_attn.{part}", width, width, bias=bias)
            found |= layer_norm(f"{layer}.self_attn_layer_norm", width)
            found |= linear(f"{layer}.fc1", inner, width, bias=bias)
            found |= linear(f"{layer}.fc2", width, inner, bias=bias)
            found |= layer_norm(f"{layer}.final_layer_norm", width)
        return found

    def _outside_layers(self) -> dict[str, Shape]:
        width, narrow = self.hidden_size, self.table_width
        found: dict[str, Shape] = {
            "model.decoder.embed_tokens.weight": (self.vocab_size, narrow),
            "model.decoder.embed_positions.weight": (
                self.max_position_embeddings + _FIRST_POSITION,
                width,
            ),
        }
        if narrow != width:
            found |= linear("model.decoder.project_in", width, narrow, bias=False)
            found |= linear("model.decoder.project_out", narrow, width, bias=False)
        if self.do_layer_norm_before and not self.without_last_norm:
            found |= layer_norm("model.decoder.final_layer_norm", width)
        return found if self.tied else found | {self.output: (self.vocab_size, narrow)}

    def settings(self) -> dict[str, object]:
        """See ``Family``."""
        return {
            "vocab_size": self.vocab_size,
            "hidden_size": self.hidden_size,
            "ffn_dim": self.ffn_dim,
            "num_hidden_layers": self.num_hidden_layers,
            "num_attention_heads": self.num_attention_heads,
            "max_position_embeddings": self.max_position_embeddings,
            "word_embed_proj_dim": self.table_width,
            "activation_function": self.activation_function,
            "do_layer_norm_before": self.do_layer_norm_before,
            "_remove_final_layer_norm": self.without_last_norm,
            "enable_bias": self.enable_bias,
            "dropout": 0.0,
            "attention_dropout": 0.0,
            "pad_token_id": None,
            "tie_word_embeddings": self.tied,
        }

    def parameter_of(self, name: str) -> str | None:
        """See ``Family``."""
        # Files have ``model.decoder.``, ``decoder.`` or nothing before the same names.
        return super().parameter_of(f"model.{name}" if name.startswith("decoder.") else name)
