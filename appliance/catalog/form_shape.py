"""The shape of ``[[forms]]`` in a recipe's TOML: one way of holding the weights, run by one engine."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.catalog.file_shape import FileToml
from appliance.catalog.source_shape import Sources
from appliance.domain.recipe import EngineOptions, FidelityFigures, MemoryFacts, RecipeForm
from appliance.domain.source import WeightSource

_PRECISE: Final = frozenset({"torch", "vllm"})
_PACKED: Final = frozenset({"int8", "nf4"})


class MemoryToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the form needs of memory, in bytes; see ``domain.recipe.MemoryFacts``."""

    weight_bytes: Annotated[int, Meta(ge=1, le=2**50)]
    kv_bytes_per_token: Annotated[int, Meta(ge=0, le=2**30)]
    layers: Annotated[int, Meta(ge=1, le=4096)]
    width: Annotated[int, Meta(ge=1, le=2**20)]
    vocabulary: Annotated[int, Meta(ge=1, le=2**24)]
    parameters: Annotated[int, Meta(ge=1, le=2**50)]
    kv_heads: Annotated[int, Meta(ge=0, le=2**16)] = 0

    def value(self) -> MemoryFacts:
        """The facts as the rest of Carrel knows them."""
        return MemoryFacts(
            weight_bytes=self.weight_bytes,
            kv_bytes_per_token=self.kv_bytes_per_token,
            layers=self.layers,
            width=self.width,
            vocabulary=self.vocabulary,
            parameters=self.parameters,
            kv_heads=self.kv_heads,
        )


class FidelityToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the form compares with a fuller one, measured by whoever wrote the recipe."""

    reference: Annotated[str, Meta(pattern=r"^[a-z0-9]{1,16}\Z")]
    micronats_more: Annotated[int, Meta(ge=-(10**9), le=10**9)]
    top1_agreement_ppm: Annotated[int, Meta(ge=0, le=10**6)]
    text: Annotated[str, Meta(min_length=1, max_length=200)]

    def value(self) -> FidelityFigures:
        """The figures as the rest of Carrel knows them."""
        return FidelityFigures(
            reference=self.reference,
            nats_more=self.micronats_more / 10**6,
            top1_agreement=self.top1_agreement_ppm / 10**6,
            text=self.text,
        )


class EngineOptionsToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the form asks of its engine. How many GPUs and threads it gets is the box's own affair."""

    kv_layout: Literal["unified", "split"] | None = None
    deterministic: bool = False

    def value(self) -> EngineOptions:
        """The options as the rest of Carrel knows them."""
        return EngineOptions(kv_layout=self.kv_layout or "auto", deterministic=self.deterministic)


class FormToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way of holding the weights. Only a form of a draft may have no files."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9]{1,16}\Z")]
    engine: Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,32}\Z")]
    files: Annotated[tuple[FileToml, ...], Meta(max_length=1024)] = ()
    memory: MemoryToml | None = None
    precision: Literal["float32", "bfloat16", "float16", "int8", "nf4"] | None = None
    networked: bool = False
    sources: Sources = ()
    fidelity: FidelityToml | None = None
    engine_options: EngineOptionsToml | None = None

    def __post_init__(self) -> None:
        """Only torch and vLLM make a precision of their own, and have to be told which."""
        if (self.engine in _PRECISE) != (self.precision is not None):
            raise ValueError(
                f"form {self.name}: `precision` is for the engines torch and vllm, which need it"
            )
        if self.engine == "vllm" and self.precision in _PACKED:
            raise ValueError(f"form {self.name}: vllm holds no model in {self.precision}; torch does")
        if self.networked and self.engine != "vllm":
            raise ValueError(f"form {self.name}: only the engine vllm computes on several machines")
        if self.engine == "vllm" and self.engine_options is not None:
            raise ValueError(f"form {self.name}: `engine_options` are not for vllm, which decides by itself")

    def value(self, recipe_sources: tuple[WeightSource, ...] = ()) -> RecipeForm:
        """The form as the rest of Carrel knows it. Without sources of its own it has those of its recipe."""
        return RecipeForm(
            name=self.name,
            engine=self.engine,
            files=tuple(one.value() for one in self.files),
            memory=self.memory.value() if self.memory else None,
            precision=self.precision or "",
            networked=self.networked,
            sources=tuple(source.value() for source in self.sources) or recipe_sources,
            figures=self.fidelity.value() if self.fidelity else None,
            options=self.engine_options.value() if self.engine_options else EngineOptions(),
        )
