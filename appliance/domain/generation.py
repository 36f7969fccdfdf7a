"""A request for text and what comes back, between the HTTP shapes above and the engine below."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from appliance.domain.model import ModelIdentity

Role = Literal["system", "developer", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. ``temperature`` 0 is greedy; ``top_k`` 0 and ``min_p`` 0 are off.

    ``seed`` is always set: drawn by the gateway where the client gave none, so that a run can be repeated.
    """

    temperature: float
    top_p: float
    top_k: int
    min_p: float
    seed: int


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class ChatPrompt:
    """A conversation, rendered by the recipe's own template."""

    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class TextPrompt:
    """Plain text to go on from; special tokens in it are text, not control."""

    text: str


Prompt = ChatPrompt | TextPrompt


@dataclass(frozen=True, slots=True)
class SamplingWishes:
    """Sampling as the client asked for it; None takes the recipe's default."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    seed: int | None = None


class ServiceClass(StrEnum):
    """How urgent a request is."""

    INTERACTIVE = "interactive"
    """A person waits for it."""
    BATCH = "batch"
    """It may wait until no interactive request does."""


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One request as the API understood it. ``max_tokens`` None takes the recipe's default."""

    id: str
    model: str
    prompt: Prompt
    sampling: SamplingWishes = SamplingWishes()
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    service_class: ServiceClass = ServiceClass.INTERACTIVE


class FinishReason(StrEnum):
    """Why a choice ended."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The request still waits. ``position`` 1 is next; ``eta_s`` None where nobody can tell yet."""

    position: int
    eta_s: int | None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text of one choice: whole UTF-8 characters, stop strings removed."""

    choice: int
    text: str


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """The counts that a client is told."""

    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class ChoiceFinished:
    """A choice has all its text. The request is not acknowledged yet."""

    choice: int
    reason: FinishReason


@dataclass(frozen=True, slots=True)
class Settled:
    """The ledger has committed the request: only now may a final body or ``[DONE]`` be sent."""

    usage: TokenUsage


GenerationEvent = Waiting | TextDelta | ChoiceFinished | Settled


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is known of a request once it is prepared, held and queued."""

    model: ModelIdentity
    prompt_tokens: int
    seed: int
    created_ms: int
    service_class: ServiceClass = ServiceClass.INTERACTIVE
    queue_position: int = 0
    """In the line when it joined; 0: it began at once."""
