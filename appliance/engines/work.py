"""What crosses the boundary of an engine: the model to open, the work, its events, what is free.

They cross the process boundary too, inside ``workers.frames``, hence msgspec structs with bounds.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from appliance.domain.generation import FinishReason, Sampling
from appliance.domain.recipe import KvLayout, Pooling, Precision

WorkId = Annotated[int, Meta(ge=0, le=2**62)]
TokenId = Annotated[int, Meta(ge=0, lt=2**31)]
Count = Annotated[int, Meta(ge=0, lt=2**40)]
Milliseconds = Annotated[float, Meta(ge=0, le=1e12)]
StopText = Annotated[str, Meta(min_length=1, max_length=1024)]
Piece = Annotated[bytes, Meta(max_length=4096)]
"""The bytes of one token; for control tokens their name."""


TopCount = Annotated[int, Meta(ge=0, le=64)]
"""How many of the most probable tokens are told."""
Grammar = Annotated[str, Meta(max_length=2**20)]
"""A grammar of ``engines.constraint``; empty: none."""

Split = Literal["none", "layer", "row", "tensor"]


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
    kv_layout: KvLayout = "auto"
    """``auto``: the engine decides at load, by a rule that was measured."""
    deterministic: bool = False
    """Every sequence is computed by itself, so that its tokens do not depend on what runs beside it."""
    split: Split = "none"
    """How the weights lie on the GPUs that the process can see: all on the first, by layers, by rows, or a
    part of every matrix on each, in a process each.
    """
    split_layers: Annotated[tuple[Annotated[int, Meta(ge=0, le=4096)], ...], Meta(max_length=16)] = ()
    """Layers on each of those GPUs, as planned; empty: the engine divides them."""
    pooling: Pooling = ""
    """Set: the model makes vectors and does not generate."""
    add_eos: bool = False
    """The file's end token stands behind a plain text."""
    thinking: tuple[str, str] | None = None
    """What the model writes around its thoughts; an answer in a form may have them before it."""
    files: Annotated[tuple[str, ...], Meta(max_length=1024)] = ()
    """Names of all files of the form, which lie beside ``model_path`` and were verified with it: nothing else
    of that folder is opened. Empty: ``model_path`` alone."""
    precision: Precision = ""
    """What matrices are held in, where the engine can choose."""
    ranks: Annotated[int, Meta(ge=1, le=64)] = 1
    """Processes that share the weights, with the split ``tensor``."""
    networked: bool = False
    """The worker keeps the machine's network, because its engine computes on other machines too."""


class Generate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, tag="generate"):
    """Continue one prompt ``n`` times. Reserves ``len(prompt) + n * max_tokens`` KV tokens and ``n``
    sequences. ``max_tokens`` 0 (with ``n`` 1) reads the prompt for its log-probabilities only.
    """

    id: WorkId
    prompt: Annotated[tuple[TokenId, ...], Meta(min_length=1, max_length=2**22)]
    max_tokens: Annotated[int, Meta(ge=0, le=2**22)]
    sampling: Sampling
    stop: Annotated[tuple[StopText, ...], Meta(max_length=16)] = ()
    n: Annotated[int, Meta(ge=1, le=128)] = 1
    owner: str = ""
    """Isolation domain: KV cells are shared only between requests of the same one. Empty: with nobody."""
    logprobs: TopCount | None = None
    """Beside each token of the answer, so many of the most probable ones; None: no log-probabilities."""
    prompt_logprobs: TopCount | None = None
    """The same for the tokens of the prompt, from position ``score_from`` on. What is before the token in
    front of that position may come out of the KV cache.
    """
    score_from: Annotated[int, Meta(ge=0, le=2**22)] = 0
    constraint: Grammar = ""
    """Each answer keeps to it."""
    yields: bool = False
    """It is computed only in passes in which nothing else wants to be."""

    @property
    def prompt_tokens(self) -> int:
        """Tokens to read."""
        return len(self.prompt)

    @property
    def kv_tokens(self) -> int:
        """KV tokens that must be free before this may start."""
        return len(self.prompt) + self.n * self.max_tokens


class Embed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, tag="embed"):
    """Make a vector of each input. Reserves the tokens of all of them, and one sequence."""

    id: WorkId
    inputs: Annotated[
        tuple[Annotated[tuple[TokenId, ...], Meta(min_length=1, max_length=2**22)], ...],
        Meta(min_length=1, max_length=2048),
    ]
    yields: bool = False
    """As in ``Generate``."""

    n: ClassVar[int] = 1
    max_tokens: ClassVar[int] = 0
    owner: ClassVar[str] = ""
    """Nothing is left in a cache, so nothing is shared."""
    prompt: ClassVar[tuple[int, ...]] = ()

    @property
    def prompt_tokens(self) -> int:
        """Tokens of all inputs."""
        return sum([len(one) for one in self.inputs])

    @property
    def kv_tokens(self) -> int:
        """The same: nothing is added to them."""
        return self.prompt_tokens


Work = Generate | Embed


class TopToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """One of the most probable tokens of a place."""

    token: TokenId
    piece: Piece
    logprob: float


class ToldToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """A token with its log-probability; see ``domain.generation.TokenLogprob``."""

    token: TokenId
    piece: Piece
    logprob: float | None
    top: Annotated[tuple[TopToken, ...], Meta(max_length=64)] = ()


class Tokens(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, tag="tokens"):
    """Newly sampled tokens of one choice. ``text`` is what may be shown by now: whole UTF-8 characters, with
    text that may yet become a stop string held back, so it can be empty while ``ids`` is not.
    """

    id: WorkId
    choice: Count
    ids: tuple[TokenId, ...]
    text: str
    logprobs: tuple[ToldToken, ...] = ()
    """One for each of ``ids``, where they were asked for."""


class PromptLogprobs(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, tag="prompt_logprobs"
):
    """Further tokens of the prompt with their log-probabilities; the first stands at ``position``. Told in
    order, before any ``Tokens``.
    """

    id: WorkId
    position: Count
    logprobs: tuple[ToldToken, ...]


class Embedding(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, tag="embedding"):
    """The vector of one input, little-endian float32. After the last one comes ``Finished`` of choice 0."""

    id: WorkId
    index: Count
    vector: bytes


class Finished(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, tag="finished"):
    """One choice is complete; its counts are exact. ``text`` is the last held-back text, ``stop`` the stop
    string that ended it, where one did.

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
    stop: Annotated[str, Meta(max_length=1024)] = ""


class Failed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, tag="failed"):
    """The whole request ended without a result. ``code`` is a code of ``appliance.errors``."""

    id: WorkId
    code: str
    message: str
    completion_tokens: Count = 0
    compute_ms: Milliseconds = 0.0
    retry_after_s: Annotated[int, Meta(ge=0, le=3600)] = 0
    """When it may work; 0 where nobody can tell."""
    nothing_used: bool = False
    """It was refused before anything was computed, so it costs nothing."""


Event = Tokens | PromptLogprobs | Embedding | Finished | Failed


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
    kv_layout: Literal["unified", "split"] = "unified"
    deterministic: bool = False
    reuses_prefixes: bool = True
    """False where a sequence cannot be cut back or copied in part (recurrent models)."""
    token_ms: Milliseconds = 0.0
    """Measured at load: one forward pass over one token. What a step is expected to take grows from it."""
    embedding_size: Count = 0
    """Numbers in a vector, where the model makes vectors."""
    weight_bytes: Count = 0
    """Memory that the weights take, measured after loading, of all ranks together; 0 where the engine does
    not tell.
    """
    cache_bytes: Count = 0
    """The same of the KV cache."""
