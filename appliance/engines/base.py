"""The contracts every engine keeps: who does which part.

* ``Vocabulary`` (preparer process): text to tokens, no weights loaded.
* ``Runner`` (worker process): one forward pass over many sequences, sampling included.
* ``Embedder`` (worker process): one forward pass over whole texts, a vector of each.
* ``Engine`` (worker process): requests to events. The shared scheduler over a Runner is its one
  implementation here; an engine that brings its own scheduler implements ``Engine`` itself.
* ``EnginePlugin``: how a concrete engine is found (entry-point group ``carrel.engines.v1``) and opened.

What is asked of an engine and what comes back are in ``work``, what a forward pass is asked and answers in
``steps``; both are named here too.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol, runtime_checkable

from appliance.domain.generation import Sampling
from appliance.domain.recipe import KvLayout
from appliance.domain.shapes import ModelShapes
from appliance.engines.steps import Logprob, Scoring, Slice, StepPlan, StepResult
from appliance.engines.work import (
    Count,
    Embed,
    Embedding,
    EngineFacts,
    EngineSpec,
    Event,
    Failed,
    Finished,
    Free,
    Generate,
    Milliseconds,
    PromptLogprobs,
    Split,
    StepReport,
    StopText,
    TokenId,
    Tokens,
    ToldToken,
    TopToken,
    Work,
    WorkId,
)

__all__ = [
    "ENTRY_POINT_GROUP",
    "BringsEngine",
    "Count",
    "Embed",
    "Embedder",
    "Embedding",
    "Engine",
    "EngineFacts",
    "EnginePlugin",
    "EngineSpec",
    "Event",
    "Failed",
    "Finished",
    "Free",
    "Generate",
    "KvExhausted",
    "KvLayout",
    "Logprob",
    "Milliseconds",
    "PromptLogprobs",
    "Runner",
    "RunnerBroken",
    "Scoring",
    "Slice",
    "Split",
    "StepPlan",
    "StepReport",
    "StepResult",
    "StopText",
    "TokenId",
    "Tokens",
    "ToldToken",
    "TopToken",
    "Vocabulary",
    "Work",
    "WorkId",
    "unheard",
]

ENTRY_POINT_GROUP: Final = "carrel.engines.v1"


def unheard(_part: float) -> None:
    """Progress of a load that nobody follows."""


class Engine(Protocol):
    """Requests in, events out, one step at a time. Not thread-safe: one owner drives it."""

    @property
    def facts(self) -> EngineFacts:
        """What the opened model can do."""
        ...

    @property
    def idle(self) -> bool:
        """True while ``step`` would have nothing to do."""
        ...

    @property
    def free(self) -> Free:
        """What may be submitted now."""
        ...

    def submit(self, work: Work) -> None:
        """Take a request on. Work that does not fit what is free is answered by ``Failed`` at the next
        step.
        """
        ...

    def cancel(self, work_id: int) -> None:
        """End a request; its choices finish as ``cancelled`` at the next step. Unknown ids are ignored."""
        ...

    @property
    def expected_step_ms(self) -> float:
        """What the step that runs now, or the next one, is expected to take; grows with its tokens."""
        ...

    def step(self) -> StepReport:
        """One forward pass over everything that runs. Raises ``RunnerBroken`` when the process must be
        replaced.
        """
        ...

    def close(self) -> None:
        """Free the model."""
        ...


class Runner(Protocol):
    """A model on one device (or one process group) and its KV cache. Sequences are numbered ``0 …
    max_sequences - 1``.
    """

    @property
    def facts(self) -> EngineFacts:
        """What the opened model can do."""
        ...

    @property
    def end_tokens(self) -> frozenset[int]:
        """Tokens that end a text."""
        ...

    def prepare(self, sequence: int, sampling: Sampling) -> None:
        """Give a sequence a new sampler, built once for its request. Its KV contents stay as they are."""
        ...

    def forward(self, plan: StepPlan) -> StepResult:
        """Feed the plan's tokens and sample. Raises ``KvExhausted`` (nothing changed) or ``RunnerBroken``."""
        ...

    def resample(self, sequence: int, allowed: bytes, top: int | None = None) -> tuple[int, Logprob | None]:
        """Another token in place of the one that the last pass sampled for this sequence, of those that are
        allowed: bit ``t % 8`` (of value ``1 << t % 8``) of byte ``t // 8`` says whether token ``t`` is. At
        least one is.
        """
        ...

    def fork(self, source: int, target: int, tokens: int) -> None:
        """Give ``target``, which is empty, what ``source`` holds at its first ``tokens`` positions."""
        ...

    def swap(self, one: int, other: int) -> None:
        """Exchange the KV contents of two sequences. Their samplers stay where they are."""
        ...

    def cut(self, sequence: int, tokens: int) -> None:
        """Keep the KV contents of the first ``tokens`` positions, forget what is behind them."""
        ...

    def drop(self, sequence: int) -> None:
        """Forget a sequence and free its KV cells. An unopened sequence is fine."""
        ...

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; empty for control tokens. May be part of a UTF-8 character."""
        ...

    def name(self, token: int) -> bytes:
        """The bytes of a token, and of a control token its name, such as ``<|im_end|>``."""
        ...

    def close(self) -> None:
        """Free the model."""
        ...


class Embedder(Protocol):
    """A model that makes vectors. It keeps nothing between two calls."""

    @property
    def facts(self) -> EngineFacts:
        """What the opened model can do; ``kv_tokens`` is how many tokens may wait in it."""
        ...

    def embed(self, inputs: Sequence[Sequence[int]]) -> Sequence[bytes]:
        """A vector of each input, little-endian float32, of length 1. At most ``max_sequences`` inputs and
        ``batch_tokens`` tokens in all, ``context_tokens`` in one. Raises ``RunnerBroken``.
        """
        ...

    def close(self) -> None:
        """Free the model."""
        ...


class KvExhausted(Exception):
    """No KV cells for this plan; the runner's state is as before the call."""


class RunnerBroken(Exception):
    """The runner's state is unknown; its process has to be replaced."""


class Vocabulary(Protocol):
    """Text to tokens, without weights."""

    @property
    def special_texts(self) -> tuple[str, ...]:
        """The texts that ``parse_special`` would turn into control tokens."""
        ...

    @property
    def bos_tokens(self) -> tuple[int, ...]:
        """Tokens to put before a prompt where the recipe says ``add_bos``; may be empty."""
        ...

    @property
    def eos_tokens(self) -> tuple[int, ...]:
        """Tokens to put behind a plain text where the recipe says ``add_eos``; may be empty."""
        ...

    @property
    def size(self) -> int:
        """How many tokens there are."""
        ...

    @property
    def end_tokens(self) -> frozenset[int]:
        """Tokens that end a text."""
        ...

    def tokenize(self, text: str, *, parse_special: bool) -> list[int]:
        """Tokens of ``text``, with no token added before or after."""
        ...

    def piece(self, token: int) -> bytes:
        """As ``Runner.piece``."""
        ...

    def name(self, token: int) -> bytes:
        """As ``Runner.name``."""
        ...


class EnginePlugin(Protocol):
    """What the entry point names: opens the parts of one engine. Importing it must not import the model
    library.
    """

    def open_runner(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> Runner:
        """Load the weights; ``on_progress`` is told the part that is done, 0 to 1. Raises ``CarrelError``."""
        ...

    def open_embedder(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> Embedder:
        """The same for a model that makes vectors: ``spec.pooling`` is set. Raises ``CarrelError``."""
        ...

    def open_vocabulary(self, spec: EngineSpec) -> Vocabulary:
        """Load the vocabulary only. Raises ``CarrelError``."""
        ...

    def read_shapes(self, spec: EngineSpec) -> ModelShapes:
        """The model's sizes, from its own file."""
        ...


@runtime_checkable
class BringsEngine(Protocol):
    """A plugin whose library has a scheduler of its own. A worker asks for this in place of ``open_runner``
    and ``open_embedder``.
    """

    def open_engine(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> Engine:
        """As ``EnginePlugin.open_runner``: all that the model takes is taken now. Raises ``CarrelError``."""
        ...
