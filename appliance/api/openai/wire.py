"""What the chat and completions requests have in common, and the shapes of both answers."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.domain.generation import SamplingWishes, ServiceClass, TokenUsage
from appliance.errors import BadRequest

ModelName = Annotated[str, Meta(min_length=1, max_length=128)]
TokenLimit = Annotated[int, Meta(ge=1, le=2**22)]
StopText = Annotated[str, Meta(min_length=1, max_length=256)]

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

    @property
    def wishes(self) -> SamplingWishes:
        """The sampling part; a ``top_k`` of -1 is off, which is 0 inside."""
        top_k = 0 if self.top_k == -1 else self.top_k
        return SamplingWishes(
            temperature=self.temperature, top_p=self.top_p, top_k=top_k, min_p=self.min_p, seed=self.seed
        )

    @property
    def service_class(self) -> ServiceClass:
        """How urgent it is. Raises ``BadRequest`` for a tier that there is not."""
        if self.service_tier is None:
            return ServiceClass.INTERACTIVE
        if self.service_tier not in _TIERS:
            raise BadRequest(f"`service_tier` must be one of {', '.join(_TIERS)}.", param="service_tier")
        return _TIERS[self.service_tier]

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


class CachedTokens(msgspec.Struct, frozen=True):
    """Part of ``Usage``."""

    cached_tokens: int


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Token counts of one request."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: CachedTokens

    @classmethod
    def of(cls, counts: TokenUsage) -> "Usage":
        """The wire shape of ``counts``."""
        return cls(
            prompt_tokens=counts.prompt_tokens,
            completion_tokens=counts.completion_tokens,
            total_tokens=counts.prompt_tokens + counts.completion_tokens,
            prompt_tokens_details=CachedTokens(counts.cached_tokens),
        )


class AnswerHead(msgspec.Struct, frozen=True, kw_only=True):
    """What every chunk of an answer repeats. ``created`` is in seconds since 1970 UTC."""

    id: str
    object: str
    created: int
    model: str
    system_fingerprint: str
    service_tier: str


def tier_of(service_class: ServiceClass) -> str:
    """The tier that an answer says it was served in."""
    return "flex" if service_class is ServiceClass.BATCH else "default"


def check_prompt_size(size_bytes: int, most_bytes: int, param: str) -> None:
    """Refuse a prompt before anybody tokenizes it, which is slower than linear. Raises ``BadRequest``."""
    if size_bytes > most_bytes:
        raise BadRequest(
            f"The prompt has {size_bytes} bytes; at most {most_bytes} are read. Shorten it.", param=param
        )
