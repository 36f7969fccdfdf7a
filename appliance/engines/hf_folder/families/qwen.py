"""Qwen2 and Qwen3: Llama with windows in some layers, and details of their own."""

from typing import Annotated, ClassVar, Literal, Self

from msgspec import Meta

from appliance.engines.hf_folder.families.family import Heads, Shape
from appliance.engines.hf_folder.families.llama import LlamaLike, Window

Attention = Literal["full_attention", "sliding_attention"]


class _Qwen(LlamaLike, frozen=True, kw_only=True):
    """Some layers may have a window."""

    use_sliding_window: bool = False
    sliding_window: Window | None = 4096
    max_window_layers: Annotated[int, Meta(ge=0, le=4096)] = 28
    layer_types: Annotated[tuple[Attention, ...], Meta(max_length=4096)] | None = None

    def windows(self) -> tuple[int, ...]:
        """See ``LlamaLike``."""
        kinds = self._kinds()
        if "sliding_attention" not in kinds:
            return ()
        return tuple((self._window() or 0) if kind == "sliding_attention" else 0 for kind in kinds)

    def checked(self) -> Self:
        """See ``Family``."""
        super().checked()
        if len(self._kinds()) != self.num_hidden_layers:
            raise ValueError("layer_types does not name every layer")
        if "sliding_attention" in self._kinds() and self._window() is None:
            raise ValueError("layer_types names windows, and there is none")
        return self

    def settings(self) -> dict[str, object]:
        """See ``Family``."""
        window = self._window()
        return {
            **super().settings(),
            "use_sliding_window": window is not None,
            "sliding_window": window,
            "layer_types": list(self._kinds()),
        }

    def _window(self) -> int | None:
        return self.sliding_window if self.use_sliding_window else None

    def _kinds(self) -> tuple[Attention, ...]:
        if self.layer_types is not None:
            return self.layer_types
        first = self.max_window_layers if self._window() else self.num_hidden_layers
        layers = range(self.num_hidden_layers)
        return tuple("sliding_attention" if layer >= first else "full_attention" for layer in layers)


class Qwen2(_Qwen, frozen=True, kw_only=True):
    """Biases on queries, keys and values."""

    name: ClassVar[str] = "qwen2"
    config_class: ClassVar[str] = "Qwen2Config"
    model_class: ClassVar[str] = "Qwen2ForCausalLM"
    classes: ClassVar[frozenset[str]] = frozenset({"Qwen2ForCausalLM", "Qwen2Model"})

    def biased(self, part: str) -> bool:
        """See ``LlamaLike``."""
        return part in ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")


class Qwen3(_Qwen, frozen=True, kw_only=True):
    """Norms on each head's queries and keys; a head's size of its own."""

    name: ClassVar[str] = "qwen3"
    config_class: ClassVar[str] = "Qwen3Config"
    model_class: ClassVar[str] = "Qwen3ForCausalLM"
    classes: ClassVar[frozenset[str]] = frozenset({"Qwen3ForCausalLM", "Qwen3Model"})

    head_dim: Heads | None = 128
    attention_bias: bool = False

    def biased(self, part: str) -> bool:
        """See ``LlamaLike``."""
        return self.attention_bias and part.startswith("self_attn.")

    def parameters(self) -> dict[str, Shape]:
        """See ``Family``."""
        norms: dict[str, Shape] = {}
        for layer in range(self.num_hidden_layers):
            for name in ("q_norm", "k_norm"):
                norms[f"{self.block}{layer}.self_attn.{name}.weight"] = (self.size_of_head,)
        return super().parameters() | norms

    def settings(self) -> dict[str, object]:
        """See ``Family``."""
        return {**super().settings(), "attention_bias": self.attention_bias}
