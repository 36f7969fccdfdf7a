"""BERT: an encoder with a learned table of positions. It makes vectors; a head behind it is left out."""

from typing import Annotated, ClassVar, Literal, Self

from msgspec import Meta

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

_FORMER_NAMES = {".LayerNorm.gamma": ".LayerNorm.weight", ".LayerNorm.beta": ".LayerNorm.bias"}


class Bert(Family, frozen=True, kw_only=True):
    """Built without its pooling layer."""

    name: ClassVar[str] = "bert"
    config_class: ClassVar[str] = "BertConfig"
    model_class: ClassVar[str] = "BertModel"
    classes: ClassVar[frozenset[str]] = frozenset({"BertModel", "BertForMaskedLM", "BertForPreTraining"})
    prefix: ClassVar[str] = ""
    block: ClassVar[str] = "encoder.layer."

    hidden_size: Width
    intermediate_size: InnerWidth
    num_hidden_layers: Layers
    num_attention_heads: Heads
    max_position_embeddings: Positions
    type_vocab_size: Annotated[int, Meta(ge=1, le=1024)] = 2
    hidden_act: Activation = "gelu"
    layer_norm_eps: Epsilon = 1e-12
    position_embedding_type: Literal["absolute"] | None = None
    is_decoder: Literal[False] | None = None

    @property
    def tied(self) -> bool:
        """See ``Family``."""
        return True

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
            inner_width=self.intermediate_size,
            heads=self.num_attention_heads,
            kv_heads=self.num_attention_heads,
            head_size=head_size(self.hidden_size, self.num_attention_heads),
            vocabulary=self.vocab_size,
            context_tokens=self.max_position_embeddings,
            tied=True,
            bos_tokens=tokens(self.bos_token_id),
            eos_tokens=tokens(self.eos_token_id),
            encoder=True,
        )

    def parameters(self) -> dict[str, Shape]:
        """See ``Family``."""
        width, inner = self.hidden_size, self.intermediate_size
        tables: dict[str, Shape] = {
            "embeddings.word_embeddings.weight": (self.vocab_size, width),
            "embeddings.position_embeddings.weight": (self.max_position_embeddings, width),
            "embeddings.token_type_embeddings.weight": (self.type_vocab_size, width),
        }
        found = tables | layer_norm("embeddings.LayerNorm", width)
        for number in range(self.num_hidden_layers):
            layer = f"{self.block}{number}"
            for part in ("self.query", "self.key", "self.value", "output.dense"):
                found |= linear(f"{layer}.attention.{part}", width, width)
            found |= layer_norm(f"{layer}.attention.output.LayerNorm", width)
            found |= linear(f"{layer}.intermediate.dense", inner, width)
            found |= linear(f"{layer}.output.dense", width, inner)
            found |= layer_norm(f"{layer}.output.LayerNorm", width)
        return found

    def settings(self) -> dict[str, object]:
        """See ``Family``."""
        return {
            "vocab_size": self.vocab_size,
            "hidden_size": self.hidden_size,
            "intermediate_size": self.intermediate_size,
            "num_hidden_layers": self.num_hidden_layers,
            "num_attention_heads": self.num_attention_heads,
            "max_position_embeddings": self.max_position_embeddings,
            "type_vocab_size": self.type_vocab_size,
            "hidden_act": self.hidden_act,
            "layer_norm_eps": self.layer_norm_eps,
            "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0,
            "pad_token_id": None,
        }

    def parameter_of(self, name: str) -> str | None:
        """See ``Family``."""
        plain = name.removeprefix("bert.")
        for former, present in _FORMER_NAMES.items():
            if plain.endswith(former):
                plain = plain.removesuffix(former) + present
        return super().parameter_of(plain)

    def needless(self, name: str) -> bool:
        """See ``Family``."""
        return super().needless(name) or name.startswith(("pooler.", "cls."))
