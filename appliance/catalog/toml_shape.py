"""The shape of a recipe's TOML and its one conversion to ``domain.recipe.Recipe``. Reads no file.

Ids and file names become parts of paths later, so neither may start with a dot or hold a separator.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.catalog.architecture_shape import ArchitectureToml
from appliance.catalog.file_shape import FileToml, refuse_two_meanings, refuse_unknown
from appliance.catalog.form_shape import FormToml
from appliance.catalog.license_shape import LicenseToml, refuse_unsaid, terms_of
from appliance.catalog.sharing_shape import SharingToml, refuse_strange
from appliance.catalog.source_shape import Sources, refuse_moving
from appliance.catalog.upstream_shape import UpstreamToml
from appliance.domain.recipe import Recipe, RecipeForm, SamplingDefaults

Line = Annotated[str, Meta(min_length=1, max_length=500)]
ThoughtMark = Annotated[str, Meta(pattern=r"^[!-~]{2,64}\Z")]
"""Printable, so that it can be told from what is around it."""
UPSTREAM_THINKING: Final = ("<think>", "</think>")
"""Around the thoughts of a model hosted elsewhere, whose host tells them apart."""


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
    what is to come: it can be listed and planned for, and not run; it may leave out what is not known yet.
    """

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}\Z")]
    revision: Annotated[int, Meta(ge=1, le=2**31)]
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    summary: Line
    license: Annotated[str, Meta(min_length=1, max_length=120)] | LicenseToml
    tier: Literal["open", "registered", "approved", "restricted"]
    context_tokens: Annotated[int, Meta(ge=16, le=2**24)]
    max_sequences: Annotated[int, Meta(ge=1, le=256)]
    forms: Annotated[tuple[FormToml, ...], Meta(max_length=32)] = ()
    sources: Sources = ()
    architecture: ArchitectureToml | None = None
    training_gflop: Annotated[int, Meta(ge=0, le=2**53)] = 0
    upstream: UpstreamToml | None = None
    chat_template: Annotated[str, Meta(min_length=1, max_length=65_536)] | None = None
    add_bos: bool = False
    defaults: DefaultsToml = DefaultsToml()
    known_limits: Annotated[tuple[Line, ...], Meta(max_length=32)] = ()
    unserved_files: Annotated[tuple[FileToml, ...], Meta(max_length=1024)] = ()
    pooling: Literal["mean", "cls", "last"] | None = None
    add_eos: bool = False
    thinking: tuple[ThoughtMark, ThoughtMark] | None = None
    guard: Literal["llama-guard-3", "qwen3guard"] | None = None
    draft: bool = False
    sharing: SharingToml | None = None

    def __post_init__(self) -> None:
        """Refuse what the single fields cannot: the decoder turns ``ValueError`` into a validation error."""
        if bool(self.forms) == (self.upstream is not None):
            raise ValueError("it must have either `forms` or `upstream`")
        if self.upstream is not None:
            _check_upstream(self, self.upstream)
        _refuse_twice("forms", [form.name for form in self.forms])
        for form in self.forms:
            _refuse_twice(f"files of form {form.name}", [file.name for file in form.files])
        _refuse_twice("unserved_files", [file.name for file in self.unserved_files])
        refuse_two_meanings((*(file for form in self.forms for file in form.files), *self.unserved_files))
        if not self.draft:
            _refuse_unfinished(self)
        refuse_strange(self.id, self.sharing, elsewhere=self.upstream is not None, draft=self.draft)
        if self.pooling and self.chat_template is not None:
            raise ValueError("`chat_template` is for models that answer; one with `pooling` makes vectors")
        if self.guard and (self.pooling or (self.upstream is None and self.chat_template is None)):
            raise ValueError("`guard` is for models that answer in a chat: it needs `chat_template`")
        if self.defaults.max_tokens >= self.context_tokens and not self.pooling:
            raise ValueError("`defaults.max_tokens` must be less than `context_tokens`")

    def value(self) -> Recipe:
        """The recipe as the rest of Carrel knows it."""
        return Recipe(
            id=self.id,
            revision=self.revision,
            title=self.title,
            summary=self.summary,
            terms=terms_of(self.license),
            tier=self.tier,
            context_tokens=self.context_tokens,
            max_sequences=self.max_sequences,
            chat_template=self.chat_template,
            add_bos=self.add_bos,
            forms=self._forms(),
            defaults=self.defaults.value(),
            known_limits=self.known_limits,
            pooling=self.pooling or "",
            guard=self.guard or "",
            add_eos=self.add_eos,
            thinking=self.thinking or (UPSTREAM_THINKING if self.upstream else None),
            draft=self.draft,
            upstream=self.upstream.value() if self.upstream else None,
            shapes=self.architecture.value() if self.architecture else None,
            training_gflop=self.training_gflop,
            sharing=self.sharing.value() if self.sharing else None,
        )

    def _forms(self) -> tuple[RecipeForm, ...]:
        if self.upstream is not None:
            return (self.upstream.form,)
        sources = tuple(source.value() for source in self.sources)
        return tuple(form.value(sources) for form in self.forms)


def _refuse_unfinished(recipe: RecipeToml) -> None:
    """What runs here is known to the last byte, and its terms to the last word."""
    for form in recipe.forms:
        if not form.files:
            raise ValueError(f"`files` of form {form.name} are missing, and the recipe is no draft")
        refuse_unknown(f"form {form.name}", form.files)
        refuse_moving(f"form {form.name}", form.sources)
    refuse_unknown("unserved_files", recipe.unserved_files)
    refuse_moving("sources", recipe.sources)
    if recipe.upstream is None:
        refuse_unsaid(recipe.license)
    else:
        refuse_unknown("tokenizer", recipe.upstream.tokenizer)


def _check_upstream(recipe: RecipeToml, upstream: UpstreamToml) -> None:
    if recipe.draft or recipe.pooling or recipe.unserved_files or recipe.sources:
        raise ValueError("`draft`, `pooling`, `sources` and `unserved_files` are for models of this box")
    if upstream.tokenizer and "chat" in upstream.features and recipe.chat_template is None:
        raise ValueError("to count the tokens of a chat, `tokenizer` needs the model's `chat_template`")


def _refuse_twice(where: str, names: list[str]) -> None:
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ValueError(f"`{where}` names {doubled[0]} twice")
