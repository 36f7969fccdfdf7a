"""What the chat and completions requests have in common, and the shapes of both answers."""

from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from appliance.domain.generation import SamplingWishes, ServiceClass, TokenUsage
from appliance.errors import BadRequest

ModelName = Annotated[str, Meta(min_length=1, max_length=128)]
TokenLimit = Annotated[int, Meta(ge=1, le=2**22)]
StopText = Annotated[str, Meta(min_length=1, max_length=256)]
Penalty = Annotated[float, Meta(ge=-2, le=2)]
RepeatPenalty = Annotated[float, Meta(gt=0, le=2)]
TokenBias = dict[Annotated[int, Meta(ge=0, lt=2**31)], Annotated[float, Meta(ge=-100, le=100)]]
"""Token id, which JSON can only write as a text, to what is added to its logit."""

_TIERS: Final = {
    "auto": ServiceClass.INTERACTIVE,
    "default": ServiceClass.INTERACTIVE,
    "priority": ServiceClass.INTERACTIVE,
    "flex": ServiceClass.BATCH,
}
"""OpenAI's ``service_tier``. There is nothing above interactive to give."""


class StreamOptions(msgspec.Struct, frozen=True):
    """How a stream ends."""

    include_usage: bool | None = None


class GenerationBody(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of both endpoints. What is not here was refused or named as ignored by ``fields``."""

    model: ModelName
    max_tokens: TokenLimit | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=-1, le=1_000_000)] | None = None
    min_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    stop: StopText | Annotated[list[StopText], Meta(max_length=16)] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    service_tier: str | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    repeat_penalty: RepeatPenalty | None = None
    repetition_penalty: RepeatPenalty | None = None
    logit_bias: Annotated[TokenBias, Meta(max_length=300)] | None = None

    @property
    def wishes(self) -> SamplingWishes:
        """The sampling part; a ``top_k`` of -1 is off, which is 0 inside. Raises ``BadRequest``."""
        return SamplingWishes(
            temperature=self.temperature,
            top_p=self.top_p,
            top_k=0 if self.top_k == -1 else self.top_k,
            min_p=self.min_p,
            seed=self.seed,
            frequency_penalty=self.frequency_penalty,
            presence_penalty=self.presence_penalty,
            repeat_penalty=same(
                repeat_penalty=self.repeat_penalty, repetition_penalty=self.repetition_penalty
            ),
            logit_bias=tuple((self.logit_bias or {}).items()),
        )

    @property
    def choices(self) -> int:
        """How many answers."""
        return 1 if self.n is None else self.n

    @property
    def service_class(self) -> ServiceClass:
        """How urgent it is. Raises ``BadRequest`` for a tier that there is not."""
        return class_of(self.service_tier)

    @property
    def stops(self) -> tuple[str, ...]:
        """The stop texts."""
        if self.stop is None:
            return ()
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop)

    @property
    def includes_usage(self) -> bool:
        """Whether a stream shall end with its counts."""
        return bool(self.stream_options and self.stream_options.include_usage)


Number = TypeVar("Number", int, float)


def same(**fields: Number | None) -> Number | None:
    """The value of two fields that mean the same. Raises ``BadRequest`` where they differ."""
    given = {value for value in fields.values() if value is not None}
    if len(given) > 1:
        names = " and ".join(f"`{name}`" for name in fields)
        raise BadRequest(f"{names} mean the same; send one of them.", param=next(iter(fields)))
    return next(iter(given), None)


class CachedTokens(msgspec.Struct, frozen=True):
    """Part of ``Usage``."""

    cached_tokens: int


class ReasoningTokens(msgspec.Struct, frozen=True):
    """Part of ``Usage``. Thoughts are not counted apart: all tokens of an answer are completion tokens."""

    reasoning_tokens: int = 0


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Token counts of one request."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: CachedTokens
    completion_tokens_details: ReasoningTokens = ReasoningTokens()

    @classmethod
    def of(cls, counts: TokenUsage) -> "Usage":
        """The wire shape of ``counts``."""
        return cls(
            prompt_tokens=counts.prompt_tokens,
            completion_tokens=counts.completion_tokens,
            total_tokens=counts.prompt_tokens + counts.completion_tokens,
            prompt_tokens_details=CachedTokens(counts.cached_tokens),
        )


def sum_of(one: TokenUsage, other: TokenUsage) -> TokenUsage:
    """The counts of two runs of one call."""
    return TokenUsage(
        one.prompt_tokens + other.prompt_tokens,
        one.cached_tokens + other.cached_tokens,
        one.completion_tokens + other.completion_tokens,
    )


class AnswerHead(msgspec.Struct, frozen=True, kw_only=True):
    """What every chunk of an answer repeats. ``created`` is in seconds since 1970 UTC."""

    id: str
    object: str
    created: int
    model: str
    system_fingerprint: str
    service_tier: str


def class_of(tier: str | None) -> ServiceClass:
    """The class that a tier asks for. Raises ``BadRequest`` for one that there is not."""
    if tier is None:
        return ServiceClass.INTERACTIVE
    if tier not in _TIERS:
        raise BadRequest(f"`service_tier` must be one of {', '.join(_TIERS)}.", param="service_tier")
    return _TIERS[tier]


def tier_of(service_class: ServiceClass) -> str:
    """The tier that an answer says it was served in."""
    return "default" if service_class is ServiceClass.INTERACTIVE else "flex"


def check_prompt_size(size_bytes: int, most_bytes: int, param: str) -> None:
    """Refuse a prompt before anybody tokenizes it, which is slower than linear. Raises ``BadRequest``."""
    if size_bytes > most_bytes:
        raise BadRequest(
            f"The prompt has {size_bytes} bytes; at most {most_bytes} are read. Shorten it.", param=param
        )
