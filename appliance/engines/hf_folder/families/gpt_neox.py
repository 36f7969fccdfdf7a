"""GPT-NeoX and Pythia: rotary positions of a part of each head, attention and block side by side."""

from typing import ClassVar, Self

from appliance.engines.hf_folder.architecture import Architecture
from appliance.engines.hf_folder.families.family import (
    Activation,
    Epsilon,
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
from appliance.engines.hf_folder.families.rotary import DEFAULT_BASE, Base, Part, Rotary, only

_FORMER_OUTPUT = "embed_out.weight"


class GptNeox(Family, frozen=True, kw_only=True):
    """Its configurations have names of their own for rotary positions."""

    name: ClassVar[str] = "gpt_neox"
    config_class: ClassVar[str] = "GPTNeoXConfig"
    model_class: ClassVar[str] = "GPTNeoXForCausalLM"
    classes: ClassVar[frozenset[str]] = frozenset({"GPTNeoXForCausalLM", "GPTNeoXModel"})
    prefix: ClassVar[str] = "gpt_neox."
    block: ClassVar[str] = "gpt_neox.layers."

    hidden_size: Width
    intermediate_size: InnerWidth
    num_hidden_layers: Layers
    num_attention_heads: Heads
    max_position_embeddings: Positions
    hidden_act: Activation = "gelu"
    layer_norm_eps: Epsilon = 1e-5
    use_parallel_residual: bool = True
    attention_bias: bool = True
    rotary_pct: Part | None = None
    rotary_emb_base: Base | None = None
    rope_scaling: Rotary | None = None
    rope_parameters: Rotary | None = None

    @property
    def tied(self) -> bool:
        """See ``Family``."""
        return bool(self.tie_word_embeddings)

    @property
    def size_of_head(self) -> int:
        """Numbers in a head."""
        return head_size(self.hidden_size, self.num_attention_heads)

    def checked(self) -> Self:
        """See ``Family``."""
        rotary = only(self.rope_scaling, self.rope_parameters)
        part = rotary.partial_rotary_factor or self.rotary_pct or 0.25
        rotated = int(self.size_of_head * part)
        if rotated < 2 or rotated % 2:
            raise ValueError(f"rotary positions of {rotated} of the {self.size_of_head} numbers of a head")
        self.settings()
        return self

    def architecture(self) -> Architecture:
        """See ``Family``."""
        return Architecture(
            family=self.name,
            layers=self.num_hidden_layers,
            width=self.hidden_size,
            inner_width=self.intermediate_size,
            heads=self.num_attention_heads,
            kv_heads=self.num_attention_heads,
            head_size=self.size_of_head,
            vocabulary=self.vocab_size,
            context_tokens=self.max_position_embeddings,
            tied=self.tied,
            bos_tokens=tokens(self.bos_token_id),
            eos_tokens=tokens(self.eos_token_id),
        )

    def parameters(self) -> dict[str, Shape]:
        """See ``Family``."""
        width, inner, bias = self.hidden_size, self.intermediate_size, self.attention_bias
        table: dict[str, Shape] = {"gpt_neox.embed_in.weight": (self.vocab_size, width)}
        found = table | layer_norm("gpt_neox.final_layer_norm", width)
        for number in range(self.num_hidden_layers):
            layer = f"{self.block}{number}"
            found |= layer_norm(f"{layer}.input_layernorm", width)
            found |= layer_norm(f"{layer}.post_attention_layernorm", width)
            found |= linear(f"{layer}.attention.query_key_value", 3 * width, width, bias=bias)
            found |= linear(f"{layer}.attention.dense", width, width, bias=bias)
            found |= linear(f"{layer}.mlp.dense_h_to_4h", inner, width)
            found |= linear(f"{layer}.mlp.dense_4h_to_h", width, inner)
        return found if self.tied else found | {self.output: (self.vocab_size, width)}

    def settings(self) -> dict[str, object]:
        """See ``Family``."""
        rotary = only(self.rope_scaling, self.rope_parameters)
        base, part = self.rotary_emb_base or DEFAULT_BASE, self.rotary_pct or 0.25
        return {
            "vocab_size": self.vocab_size,
            "hidden_size": self.hidden_size,
            "intermediate_size": self.intermediate_size,
            "num_hidden_layers": self.num_hidden_layers,
            "num_attention_heads": self.num_attention_heads,
            "max_position_embeddings": self.max_position_embeddings,
            "hidden_act": self.hidden_act,
            "layer_norm_eps": self.layer_norm_eps,
            "use_parallel_residual": self.use_parallel_residual,
            "attention_bias": self.attention_bias,
            "attention_dropout": 0.0,
            "hidden_dropout": 0.0,
            "tie_word_embeddings": self.tied,
            "rope_parameters": rotary.settings(base, part),
        }

    def parameter_of(self, name: str) -> str | None:
        """See ``Family``."""
        return super().parameter_of(self.output if name == _FORMER_OUTPUT else name)

    def needless(self, name: str) -> bool:
        """See ``Family``."""
        # Masks and rotations that the first files carry with them.
        return super().needless(name) or name.endswith((".attention.bias", ".attention.masked_bias"))
