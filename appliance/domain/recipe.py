"""A recipe: how to run one approved model. The TOML shape of it belongs to ``catalog``."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from appliance.domain.approval import Approval
from appliance.domain.license import LicenseTerms
from appliance.domain.shapes import ModelShapes
from appliance.domain.sharing import Sharing
from appliance.domain.source import WeightSource
from appliance.domain.upstream import Upstream

Pooling = Literal["", "mean", "cls", "last"]
"""How the vectors of a text's tokens become its own; empty: the model generates."""

Guard = Literal["", "llama-guard-3", "qwen3guard"]
"""In which form a guard model tells its verdict: whose words it uses, and whose categories."""

Precision = Literal["", "float32", "bfloat16", "float16", "int8", "nf4"]
"""What the torch engine holds the matrices of a model in, whatever they have in its files; empty: as they
have it there, which is all that GGUF knows.
"""


KvLayout = Literal["auto", "unified", "split"]
"""One pool of KV cells for all sequences, or an equal part for each; ``auto``: the engine decides."""


@dataclass(frozen=True, slots=True)
class RecipeFile:
    """One file of a model, named as it lies in the model's folder.

    In a draft ``size_bytes`` may be 0 and ``sha256`` empty: nobody has said them yet.
    """

    name: str
    size_bytes: int
    sha256: str
    path: str = ""
    """Where it lies at its sources, with slashes; empty: under its name."""

    @property
    def source_path(self) -> str:
        """Where it lies at its sources."""
        return self.path or self.name


@dataclass(frozen=True, slots=True)
class MemoryFacts:
    """What a form needs of memory, so that it can be planned without its files. Sizes in bytes.

    ``kv_bytes_per_token`` is of the whole model at 16 bits a value; ``layers`` bounds how it can be split.
    """

    weight_bytes: int
    kv_bytes_per_token: int
    layers: int
    width: int
    vocabulary: int
    parameters: int
    kv_heads: int = 0
    """Heads with keys and values of their own, which bounds over how many processes a layer can be split; 0
    where the recipe does not say."""


@dataclass(frozen=True, slots=True)
class FidelityFigures:
    """How a form compares with a fuller one, as whoever wrote the recipe measured it."""

    reference: str
    """The form it was compared with."""
    nats_more: float
    """Mean loss per token above the reference's, in nats."""
    top1_agreement: float
    """The part of tokens, 0 to 1, where both find the same one likeliest."""
    text: str
    """What was read."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What a form asks of its engine, beside what the box decides."""

    kv_layout: KvLayout = "auto"
    deterministic: bool = False
    """It always runs so that an answer does not depend on what is computed beside it."""


@dataclass(frozen=True, slots=True)
class RecipeForm:
    """One way of holding the weights (``q8``, ``f16``, ``bf16`` …), run by one engine.

    ``files[0]`` is what the engine opens; every file is verified before it does.
    """

    name: str
    engine: str
    files: tuple[RecipeFile, ...]
    memory: MemoryFacts | None = None
    """None where the recipe does not say; then it is read from the files."""
    precision: Precision = ""
    networked: bool = False
    """Its workers keep the network: they compute together with other machines."""
    sources: tuple[WeightSource, ...] = ()
    """Where its files can be had, in the order in which they are tried; none: they come with Carrel, or an
    operator puts them there."""
    figures: FidelityFigures | None = None
    """What the recipe says of its faithfulness; the box's own measurement is another matter."""
    options: EngineOptions = EngineOptions()

    @property
    def sha256(self) -> str:
        """Of all its files together: the file's own where it is only one."""
        if len(self.files) == 1:
            return self.files[0].sha256
        lines = (f"{file.sha256}  {file.name}\n" for file in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SamplingDefaults:
    """What applies where a request is silent."""

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    max_tokens: int = 256


@dataclass(frozen=True, slots=True)
class Recipe:
    """One model with all its forms. ``forms[0]`` is the default form.

    ``context_tokens`` bounds prompt plus answer of one sequence. ``chat_template`` is ours (Jinja), never
    the file's; None means the model completes text and does not chat. With ``pooling`` (``mean``, ``cls``
    or ``last``) it makes vectors and does not generate. ``add_bos`` and ``add_eos`` put the file's first and
    last token around a plain text.
    """

    id: str
    revision: int
    title: str
    summary: str
    terms: LicenseTerms
    tier: str
    context_tokens: int
    max_sequences: int
    chat_template: str | None
    add_bos: bool
    forms: tuple[RecipeForm, ...]
    defaults: SamplingDefaults
    known_limits: tuple[str, ...] = ()
    pooling: Pooling = ""
    add_eos: bool = False
    thinking: tuple[str, str] | None = None
    """What the model writes before and after its thoughts, where it has some."""
    draft: bool = False
    """True while not every hash is known: it can be planned for, and neither pulled nor run."""
    upstream: Upstream | None = None
    """Set: it is hosted elsewhere. Its only form has the files of its tokenizer, or none."""
    approval: Approval = Approval()  # noqa: RUF009 - frozen
    """By whom, and whether that word is still good."""
    shapes: ModelShapes | None = None
    """What a token costs, where the recipe says it; the files are asked anyway."""
    guard: Guard = ""
    """The form in which it judges texts; empty: it is no guard model."""
    training_gflop: int = 0
    """Arithmetic that its training took, in units of 10^9 FLOP; 0 where nobody said."""
    sharing: Sharing | None = None
    """What its owner says, where a lab gives it to others."""

    @property
    def license_expression(self) -> str:
        """Its license in one word."""
        return self.terms.expression

    @property
    def approved_by(self) -> str:
        """As it is said wherever the model is shown."""
        if self.draft:
            return "nobody yet: it is a draft"
        stale = "" if self.approval.freshness == "fresh" else f"; {self.approval.freshness}"
        return self.approval.label + stale

    @property
    def chats(self) -> bool:
        """Whether it takes conversations. A host has a template of its own."""
        if self.upstream is not None:
            return "chat" in self.upstream.features
        return self.chat_template is not None

    def form_of(self, model_id: str) -> RecipeForm | None:
        """The form that ``id`` or ``id@form`` names, or None."""
        name, _, form = model_id.partition("@")
        if name != self.id:
            return None
        if not form:
            return self.forms[0]
        return next((one for one in self.forms if one.name == form), None)

    def model_id(self, form: RecipeForm) -> str:
        """The name under which a form is served: the default form has the recipe's own name."""
        return self.id if form == self.forms[0] else f"{self.id}@{form.name}"
