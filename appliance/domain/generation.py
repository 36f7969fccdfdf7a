"""A request for text and what comes back, between the HTTP shapes above and the engine below."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appliance.domain.model import ModelIdentity
from appliance.domain.prompts import AnswerFormat, ChatPrompt, Prompt, TextPrompt, TokenPrompt
from appliance.domain.usage import Operation


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. ``temperature`` 0 is greedy; ``top_k`` 0 and ``min_p`` 0 are off.

    ``seed`` is always set: drawn by the gateway where the client gave none, so that a run can be repeated.
    Penalties look at the answer so far, not at the prompt; ``repeat_penalty`` 1 is off. ``logit_bias`` are
    pairs of token and what is added to its logit.
    """

    temperature: float
    top_p: float
    top_k: int
    min_p: float
    seed: int
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    repeat_penalty: float = 1.0
    logit_bias: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class SamplingWishes:
    """Sampling as the client asked for it; None takes the recipe's default."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    repeat_penalty: float | None = None
    logit_bias: tuple[tuple[int, float], ...] = ()


class ServiceClass(StrEnum):
    """How urgent a request is."""

    INTERACTIVE = "interactive"
    """A person waits for it."""
    BATCH = "batch"
    """It may wait until no interactive request does."""
    OVERNIGHT = "overnight"
    """A line of a batch: it takes what nobody else wants, and gives it back when somebody does."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the lab's rules allow of what is known once a request is prepared; None: anything.

    ``prompt_tokens`` is the most of a prompt, or of all inputs together; ``answer_tokens`` that of each
    answer where the request states none. ``by`` says within a sentence who bounds the prompt, and why;
    ``restriction`` is its id and version.
    """

    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    by: str = ""
    restriction: str = ""


UNBOUNDED: Final = Bounds()


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One request as the API understood it. ``max_tokens`` None takes the recipe's default; 0 asks for
    nothing but the log-probabilities of the prompt.

    ``logprobs`` and ``prompt_logprobs`` are how many of the most probable tokens are told beside each token
    of the answer, or of the prompt; None: no log-probabilities. Those of the prompt begin at position
    ``score_from``.
    """

    id: str
    model: str
    prompt: Prompt
    sampling: SamplingWishes = SamplingWishes()
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    service_class: ServiceClass = ServiceClass.INTERACTIVE
    n: int = 1
    logprobs: int | None = None
    prompt_logprobs: int | None = None
    score_from: int = 0
    answer_format: AnswerFormat | None = None
    bounds: Bounds = UNBOUNDED


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """Texts whose vectors are asked for, all with one model.

    ``dimensions``: only so many numbers of each vector are wanted, no more than it has. Events tell whole
    vectors all the same.
    """

    id: str
    model: str
    inputs: tuple[TextPrompt | TokenPrompt, ...]
    service_class: ServiceClass = ServiceClass.INTERACTIVE
    dimensions: int | None = None
    bounds: Bounds = UNBOUNDED


AnyRequest = GenerationRequest | EmbeddingRequest


def operation(request: AnyRequest) -> Operation:
    """What it asks for, in the word of the ledger."""
    if isinstance(request, EmbeddingRequest):
        return "embedding"
    return "chat" if isinstance(request.prompt, ChatPrompt) else "completion"


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
class Alternative:
    """A token that could have stood in a place. ``piece`` are its bytes; part of a UTF-8 character, maybe."""

    token: int
    piece: bytes
    logprob: float


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token that stands in its place, with its natural log-probability under the model's own distribution
    (no temperature, penalty or mask applied). None for the first token of a prompt: nothing is before it.
    ``top`` are the most probable tokens of that place, the most probable first.
    """

    token: int
    piece: bytes
    logprob: float | None
    top: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text of one choice: whole UTF-8 characters, stop strings removed.

    ``logprobs`` are those of the tokens sampled since the last delta, where they were asked for; text that is
    held back comes later than its tokens, so either can be empty.
    """

    choice: int
    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class PromptScored:
    """More tokens of the prompt with their log-probabilities, in order; the first is at ``position``."""

    position: int
    logprobs: tuple[TokenLogprob, ...]


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vector of one input: little-endian float32."""

    index: int
    vector: bytes


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """The counts that a client is told."""

    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class ChoiceFinished:
    """A choice has all its text. The request is not acknowledged yet. ``stop`` is the stop text that ended
    it, where one did.
    """

    choice: int
    reason: FinishReason
    stop: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """The ledger has committed the request: only now may a final body or ``[DONE]`` be sent."""

    usage: TokenUsage


GenerationEvent = Waiting | TextDelta | PromptScored | Embedded | ChoiceFinished | Settled


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
    prompt: tuple[int, ...] = ()
    """The exact tokens."""
    thinking: tuple[str, str] | None = None
    """What the model writes before and after its thoughts, where its recipe says that it has some; nothing
    before them where the prompt has begun them.
    """
    leaves_box: str = ""
    """The host that the prompt is sent to; empty: it stays on this box."""
    notices: tuple[str, ...] = ()
    """Sentences that the caller is told beside the answer."""
