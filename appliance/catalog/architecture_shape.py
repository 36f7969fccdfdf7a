"""The shape of ``[architecture]`` in a recipe's TOML: the sizes that decide what a token costs."""

from typing import Annotated

import msgspec
from msgspec import Meta

from appliance.domain.shapes import ModelShapes

Weights = Annotated[int, Meta(ge=0, le=2**50)]
Width = Annotated[int, Meta(ge=1, le=2**20)]


class ArchitectureToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See ``domain.shapes.ModelShapes``. ``window_tokens`` has one entry a layer, 0 for full attention."""

    matrix_weights: Annotated[int, Meta(ge=1, le=2**50)]
    layers: Annotated[int, Meta(ge=1, le=4096)]
    heads: Annotated[int, Meta(ge=1, le=2**16)]
    key_size: Width
    value_size: Width
    width: Width
    vocabulary: Annotated[int, Meta(ge=1, le=2**24)]
    kv_heads: Annotated[int, Meta(ge=0, le=2**16)] = 0
    other_weights: Weights = 0
    window_tokens: Annotated[tuple[Annotated[int, Meta(ge=0, le=2**24)], ...], Meta(max_length=4096)] = ()

    def __post_init__(self) -> None:
        """Refuse what the single fields cannot: the decoder turns ``ValueError`` into a validation error."""
        if self.window_tokens and len(self.window_tokens) != self.layers:
            raise ValueError("`window_tokens` must have one entry a layer")
        if self.kv_heads > self.heads:
            raise ValueError("`kv_heads` must not be more than `heads`")

    def value(self) -> ModelShapes:
        """The sizes as the rest of Carrel knows them."""
        return ModelShapes(
            matrix_weights=self.matrix_weights,
            layers=self.layers,
            heads=self.heads,
            key_size=self.key_size,
            value_size=self.value_size,
            width=self.width,
            vocabulary=self.vocabulary,
            window_tokens=self.window_tokens,
            kv_heads=self.kv_heads,
            other_weights=self.other_weights,
        )
