"""The contracts every engine keeps: what is asked of it, what comes back, and who does which part.

* ``Vocabulary`` (preparer process): text to tokens, no weights loaded.
* ``Runner`` (worker process): one forward pass over many sequences, sampling included.
* ``Engine`` (worker process): requests to events. The shared scheduler over a Runner is its one
implementation here;
  an engine that brings its own scheduler implements ``Engine`` itself.
* ``EnginePlugin``: how a concrete engine is found (entry-point group ``carrel.engines.v1``) and opened.

Work and events cross the process boundary inside ``workers.frames``, hence msgspec structs with bounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Protocol

import msgspec
from msgspec import Meta

from appliance.domain.generation import FinishReason, Sampling
from appliance.domain.model import ModelShapes

ENTRY_POINT_GROUP: Final = "carrel.engines.v1"

WorkId = Annotated[int, Meta(ge=0, le=2**62)]
TokenId = Annotated[int, Meta(ge=0, lt=2**31)]
Count = Annotated[int, Meta(ge=0, lt=2**40)]
Milliseconds = Annotated[float, Meta(ge=0, le=1e12)]
StopText = Annotated[str, Meta(min_length=1, max_length=1024)]


class EngineSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """Everything an engine needs to open one model. ``model_path`` was verified before it is passed here."""

    engine: str
    model_path: str
    context_tokens: Annotated[int, Meta(ge=16, le=2**24)]
    """Prompt plus answer of one sequence."""
    kv_tokens: Annotated[int, Meta(ge=16, le=2**28)]
    """KV cache of the whole replica, shared by its sequences."""
    max_sequences: Annotated[int, Meta(ge=1, le=256)]
    batch_tokens: Annotated[int, Meta(ge=8, le=65536)] = 512
    """Most tokens in one forward pass."""
    threads: Annotated[int, Meta(ge=1, le=1024)] = 1
    gpu_layers: Annotated[int, Meta(ge=-1, le=4096)] = -1
    """-1: all layers, where the engine was built for a GPU."""
    chat_template: str | None = None
    """The recipe's Jinja template; used by the preparer only."""
    add_bos: bool = False
    options: dict[str, str] = {}
    """Engine-specific; the fake engine takes its delays and failures here."""


class Generate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, tag="generate"):
    """Continue one prompt ``n`` times. Reserves ``len(prompt) + n * max_tokens`` KV tokens and ``n``
    sequences.
    """

    id: WorkId
    prompt: Annotated[tuple[TokenId, ...], Meta(min_length=1, max_length=2**22)]
    max_tokens: Annotated[int, Meta(ge=1, le=2**22)]
    sampling: Sampling
    stop: Annotated[tuple[StopText, ...], Meta(max_length=16)] = ()
    n: Annotated[int, Meta(ge=1, le=128)] = 1
    owner: str = ""
    """Isolation domain: KV cells are never shared between two owners."""

    @property
    def kv_tokens(self) -> int:
        """KV tokens that must be free before this may start."""
        return len(self.prompt) + self.n * self.max_tokens


Work = Generate


class Tokens(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, tag="tokens"):
    """Newly sampled tokens of one choice. ``text`` is what may be shown by now: whole UTF-8 characters, with
    text that may yet become a stop string held back, so it can be empty while ``ids`` is not.
    """

    id: WorkId
    choice: Count
    ids: tuple[TokenId, ...]
    text: str


class Finished(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, tag="finished"):
    """One choice is complete; its counts are exact. ``text`` is the last held-back text.

    ``completion_tokens`` counts every sampled token, an end-of-text token included. ``compute_ms`` is this
    choice's share of forward-pass time: each step is divided by tokens processed.
    """

    id: WorkId
    choice: Count
    reason: FinishReason
    text: str
    prompt_tokens: Count
    cached_tokens: Count
    completion_tokens: Count
    compute_ms: Milliseconds


class Failed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, tag="failed"):
    """The whole request ended without a result. ``code`` is a code of ``appliance.errors``."""

    id: WorkId
    code: str
    message: str
    completion_tokens: Count = 0
    compute_ms: Milliseconds = 0.0


Event = Tokens | Finished | Failed


class Free(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """What a replica can still take on. The gateway dispatches only into this."""

    kv_tokens: Count
    sequences: Count


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one engine step produced."""

    events: tuple[Event, ...]
    free: Free


class EngineFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """What an opened engine says of itself."""

    engine_build: str
    """Library name and version, e.g. ``llama.cpp-0.3.36``; characters ``[A-Za-z0-9._+-]``."""
    context_tokens: Count
    kv_tokens: Count
    max_sequences: Count
    batch_tokens: Count
    vocabulary: Count


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

    def submit(self, work: Work) -> None:
        """Take a request on. Work that does not fit what is free is answered by ``Failed`` at the next
        step.
        """
        ...

    def cancel(self, work_id: int) -> None:
        """End a request; its choices finish as ``cancelled`` at the next step. Unknown ids are ignored."""
        ...

    def step(self) -> StepReport:
        """One forward pass over everything that runs. Raises ``RunnerBroken`` when the process must be
        replaced.
        """
        ...

    def close(self) -> None:
        """Free the model."""
        ...


@dataclass(frozen=True, slots=True)
class Slice:
    """Consecutive tokens of one sequence, fed at ``position``; ``sample`` asks for the token after the last
    one.
    """

    sequence: int
    tokens: Sequence[int]
    position: int
    sample: bool


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One forward pass. At most one slice a sequence; at most ``batch_tokens`` tokens in all."""

    slices: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class StepResult:
    """One token for each slice that asked to sample, in the plan's order, as ``(sequence, token)``."""

    sampled: tuple[tuple[int, int], ...]


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
        """Open an empty sequence and build its sampler, once."""
        ...

    def forward(self, plan: StepPlan) -> StepResult:
        """Feed the plan's tokens and sample. Raises ``KvExhausted`` (nothing changed) or ``RunnerBroken``."""
        ...

    def fork(self, source: int, target: int, sampling: Sampling) -> None:
        """Open ``target`` with the same KV contents as ``source`` and a sampler of its own."""
        ...

    def drop(self, sequence: int) -> None:
        """Forget a sequence and free its KV cells. An unopened sequence is fine."""
        ...

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; empty for control tokens. May be part of a UTF-8 character."""
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

    def tokenize(self, text: str, *, parse_special: bool) -> list[int]:
        """Tokens of ``text``, with no token added before or after."""
        ...


class EnginePlugin(Protocol):
    """What the entry point names: opens the parts of one engine. Importing it must not import the model
    library.
    """

    def open_runner(self, spec: EngineSpec) -> Runner:
        """Load the weights. Raises ``CarrelError``."""
        ...

    def open_vocabulary(self, spec: EngineSpec) -> Vocabulary:
        """Load the vocabulary only. Raises ``CarrelError``."""
        ...

    def read_shapes(self, spec: EngineSpec) -> ModelShapes:
        """The model's sizes, from its own file."""
        ...
