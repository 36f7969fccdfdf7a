"""Llama, and Mistral, which differs from it in details."""

from typing import Annotated, ClassVar, Literal, Self

from msgspec import UNSET, Meta, UnsetType

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
    linear,
    tokens,
)
from appliance.engines.hf_folder.families.rotary import DEFAULT_BASE, Base, Rotary, only

Window = Annotated[int, Meta(ge=1, le=2**26)]


class LlamaLike(Family, frozen=True, kw_only=True):
    """Root-mean-square norms, rotary positions, gated blocks, heads that may share keys and values."""

    prefix: ClassVar[str] = "model."
    block: ClassVar[str] = "model.layers."

    hidden_size: Width
    intermediate_size: InnerWidth
    num_hidden_layers: Layers
    num_attention_heads: Heads
    num_key_value_heads: Heads | None
    max_position_embeddings: Positions
    head_dim: Heads | None = None
    hidden_act: Activation = "silu"
    rms_norm_eps: Epsilon = 1e-6
    rope_theta: Base | None = None
    rope_scaling: Rotary | None = None
    rope_parameters: Rotary | None = None
    partial_rotary_factor: Literal[1] | None = None

    @property
    def tied(self) -> bool:
        """See ``Family``."""
        return bool(self.tie_word_embeddings)

    @property
    def size_of_head(self) -> int:
        """Numbers in a head."""
        return self.head_dim or head_size(self.hidden_size, self.num_attention_heads)

    @property
    def kv_heads(self) -> int:
        """Heads with keys and values of their own."""
        return self.num_key_value_heads or self.num_attention_heads

    def biased(self, part: str) -> bool:
        """Whether this matrix of a layer has a bias."""
        raise NotImplementedError

    def windows(self) -> tuple[int, ...]:
        """One entry a layer, or none at all."""
        return ()

    def checked(self) -> Self:
        """See ``Family``."""
        head_size(self.hidden_size, self.num_attention_heads)
        if self.num_attention_heads % self.kv_heads:
            raise ValueError(f"{self.kv_heads} key heads do not divide {self.num_attention_heads} heads")
        if self.size_of_head % 2:
            raise ValueError(f"heads of {self.size_of_head} numbers cannot have rotary positions")
        if only(self.rope_scaling, self.rope_parameters).partial_rotary_factor not in (None, 1):
            raise ValueError("its rotary positions are of a part of each head")
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
            kv_heads=self.kv_heads,
            head_size=self.size_of_head,
            vocabulary=self.vocab_size,
            context_tokens=self.max_position_embeddings,
            tied=self.tied,
            bos_tokens=tokens(self.bos_token_id),
            eos_tokens=tokens(self.eos_token_id),
            window_tokens=self.windows(),
        )

    def parameters(self) -> dict[str, Shape]:
        """See ``Family``."""
        found: dict[str, Shape] = {
            "model.embed_tokens.weight": (self.vocab_size, self.hidden_size),
            "model.norm.weight": (self.hidden_size,),
        }
        for layer in range(self.num_hidden_layers):
            found |= {f"{self.block}{layer}.{name}": shape for name, shape in self._layer().items()}
        return found if self.tied else found | {self.output: (self.vocab_size, self.hidden_size)}

    def _layer(self) -> dict[str, Shape]:
        width, inner = self.hidden_size, self.intermediate_size
        queries, keys = self.num_attention_heads * self.size_of_head, self.kv_heads * self.size_of_head
        matrices = {
            "self_attn.q_proj": (queries, width),
            "self_attn.k_proj": (keys, width),
            "self_attn.v_proj": (keys, width),
            "self_attn.o_proj": (width, queries),
            "mlp.gate_proj": (inner, width),
            "mlp.up_proj": (inner, width),
            "mlp.down_proj": (width, inner),
        }
        found: dict[str, Shape] = {
            "input_layernorm.weight": (width,),
            "post_attention_layernorm.weight": (width,),
        }
        for name, (rows, columns) in matrices.items():
            found |= linear(name, rows, columns, bias=self.biased(name))
        return found

    def settings(self) -> dict[str, object]:
        """See ``Family``."""
        rotary = only(self.rope_scaling, self.rope_parameters)
        return {
            "vocab_size": self.vocab_size,
            "hidden_size": self.hidden_size,
            "intermediate_size": self.intermediate_size,
            "num_hidden_layers": self.num_hidden_layers,
            "num_attention_heads": self.num_attention_heads,
            "num_key_value_heads": self.kv_heads,
            "head_dim": self.size_of_head,
            "hidden_act": self.hidden_act,
            "max_position_embeddings": self.max_position_embeddings,
            "rms_norm_eps": self.rms_norm_eps,
            "tie_word_embeddings": self.tied,
            "rope_parameters": rotary.settings(self.rope_theta or DEFAULT_BASE),
        }


class Llama(LlamaLike, frozen=True, kw_only=True):
    """Full attention in every layer."""

    name: ClassVar[str] = "llama"
    config_class: ClassVar[str] = "LlamaConfig"
    model_class: ClassVar[str] = "LlamaForCausalLM"
    classes: ClassVar[frozenset[str]] = frozenset({"LlamaForCausalLM", "LlamaModel"})

    num_key_value_heads: Heads | None = None
    attention_bias: bool = False
    mlp_bias: bool = False

    def biased(self, part: str) -> bool:
        """See ``LlamaLike``."""
        return self.attention_bias if part.startswith("self_attn.") else self.mlp_bias

    def settings(self) -> dict[str, object]:
        """See ``Family``."""
        return {**super().settings(), "attention_bias": self.attention_bias, "mlp_bias": self.mlp_bias}


class Mistral(LlamaLike, frozen=True, kw_only=True):
    """One window for all layers, or none."""

    name: ClassVar[str] = "mistral"
    config_class: ClassVar[str] = "MistralConfig"
    model_class: ClassVar[str] = "MistralForCausalLM"
    classes: ClassVar[frozenset[str]] = frozenset({"MistralForCausalLM", "MistralModel"})

    sliding_window: Window | UnsetType | None = UNSET
    layer_types: None = None

    def biased(self, part: str) -> bool:  # noqa: ARG002 - as in the others
        """See ``LlamaLike``."""
        return False

    def windows(self) -> tuple[int, ...]:
        """See ``LlamaLike``."""
        window = self._window()
        return (window,) * self.num_hidden_layers if window else ()

    def settings(self) -> dict[str, object]:
        """See ``Family``."""
        return {**super().settings(), "sliding_window": self._window()}

    def _window(self) -> int | None:
        # What transformers takes where a file is silent: the first Mistral's.
        return 4096 if self.sliding_window is UNSET else self.sliding_window
