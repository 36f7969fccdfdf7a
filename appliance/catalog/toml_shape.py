"""The shape of a recipe's TOML and its one conversion to ``domain.recipe.Recipe``. Reads no file.

Ids and file names become parts of paths later, so neither may start with a dot or hold a separator.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.catalog.file_shape import FileToml
from appliance.catalog.upstream_shape import UpstreamToml
from appliance.domain.license import LicenseTerms
from appliance.domain.recipe import MemoryFacts, Recipe, RecipeForm, SamplingDefaults

Line = Annotated[str, Meta(min_length=1, max_length=500)]
ThoughtMark = Annotated[str, Meta(pattern=r"^[!-~]{2,64}\Z")]
"""Printable, so that it can be told from what is around it."""
UPSTREAM_THINKING: Final = ("<think>", "</think>")
"""Around the thoughts of a model hosted elsewhere, whose host tells them apart."""
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


class FormToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way of holding the weights. Only a form of a draft may have no files."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9]{1,16}\Z")]
    engine: Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,32}\Z")]
    files: Annotated[tuple[FileToml, ...], Meta(max_length=1024)] = ()
    memory: MemoryToml | None = None
    precision: Literal["float32", "bfloat16", "float16", "int8", "nf4"] | None = None
    networked: bool = False

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

    def value(self) -> RecipeForm:
        """The form as the rest of Carrel knows it."""
        return RecipeForm(
            name=self.name,
            engine=self.engine,
            files=tuple(one.value() for one in self.files),
            memory=self.memory.value() if self.memory else None,
            precision=self.precision or "",
            networked=self.networked,
        )


class DefaultsToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sampling where a request is silent."""

    temperature: Annotated[float, Meta(ge=0, le=2)] = 1.0
    top_p: Annotated[float, Meta(gt=0, le=1)] = 1.0
    top_k: Annotated[int, Meta(ge=0, le=1024)] = 0
    min_p: Annotated[float, Meta(ge=0, le=1)] = 0.0
    max_tokens: Annotated[int, Meta(ge=1, le=2**22)] = 256

    def value(self) -> SamplingDefaults:
        """The defaults as the rest of Carrel knows them."""
        return SamplingDefaults(
            temperature=self.temperature,
            top_p=self.top_p,
            top_k=self.top_k,
            min_p=self.min_p,
            max_tokens=self.max_tokens,
        )


class RecipeToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole recipe. ``unserved_files`` lie in the model's folder and no form opens them yet.

    They are hashed all the same, so that nothing in a bundled folder is unaccounted for. A ``draft`` names
    what is to come: it can be listed and planned for, and not run.
    """

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}\Z")]
    revision: Annotated[int, Meta(ge=1, le=2**31)]
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    summary: Line
    license: Annotated[str, Meta(min_length=1, max_length=120)]
    tier: Literal["open", "registered", "approved", "restricted"]
    context_tokens: Annotated[int, Meta(ge=16, le=2**24)]
    max_sequences: Annotated[int, Meta(ge=1, le=256)]
    forms: Annotated[tuple[FormToml, ...], Meta(max_length=32)] = ()
    upstream: UpstreamToml | None = None
    chat_template: Annotated[str, Meta(min_length=1, max_length=65_536)] | None = None
    add_bos: bool = False
    defaults: DefaultsToml = DefaultsToml()
    known_limits: Annotated[tuple[Line, ...], Meta(max_length=32)] = ()
    unserved_files: Annotated[tuple[FileToml, ...], Meta(max_length=1024)] = ()
    pooling: Literal["mean", "cls", "last"] | None = None
    add_eos: bool = False
    thinking: tuple[ThoughtMark, ThoughtMark] | None = None
    draft: bool = False

    def __post_init__(self) -> None:
        """Refuse what the single fields cannot: the decoder turns ``ValueError`` into a validation error."""
        if bool(self.forms) == (self.upstream is not None):
            raise ValueError("it must have either `forms` or `upstream`")
        if self.upstream is not None:
            _check_upstream(self, self.upstream)
        _refuse_twice("forms", [form.name for form in self.forms])
        for form in self.forms:
            if not (form.files or self.draft):
                raise ValueError(f"`files` of form {form.name} are missing, and the recipe is no draft")
            _refuse_twice(f"files of form {form.name}", [file.name for file in form.files])
        _refuse_twice("unserved_files", [file.name for file in self.unserved_files])
        if self.pooling and self.chat_template is not None:
            raise ValueError("`chat_template` is for models that answer; one with `pooling` makes vectors")
        if self.defaults.max_tokens >= self.context_tokens and not self.pooling:
            raise ValueError("`defaults.max_tokens` must be less than `context_tokens`")

    def value(self) -> Recipe:
        """The recipe as the rest of Carrel knows it."""
        return Recipe(
            id=self.id,
            revision=self.revision,
            title=self.title,
            summary=self.summary,
            terms=LicenseTerms(self.license),
            tier=self.tier,
            context_tokens=self.context_tokens,
            max_sequences=self.max_sequences,
            chat_template=self.chat_template,
            add_bos=self.add_bos,
            forms=(self.upstream.form,) if self.upstream else tuple(form.value() for form in self.forms),
            defaults=self.defaults.value(),
            known_limits=self.known_limits,
            pooling=self.pooling or "",
            add_eos=self.add_eos,
            thinking=self.thinking or (UPSTREAM_THINKING if self.upstream else None),
            draft=self.draft,
            upstream=self.upstream.value() if self.upstream else None,
        )


def _check_upstream(recipe: RecipeToml, upstream: UpstreamToml) -> None:
    if recipe.draft or recipe.pooling or recipe.unserved_files:
        raise ValueError("`draft`, `pooling` and `unserved_files` are for models of this box")
    if upstream.tokenizer and "chat" in upstream.features and recipe.chat_template is None:
        raise ValueError("to count the tokens of a chat, `tokenizer` needs the model's `chat_template`")


def _refuse_twice(where: str, names: list[str]) -> None:
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ValueError(f"`{where}` names {doubled[0]} twice")
