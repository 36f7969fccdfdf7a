"""What a host streams, of OpenAI's shapes: the fields that are read, bounded; others may be there."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=0, lt=2**40)]
Index = Annotated[int, Meta(ge=0, lt=1024)]
Word = Annotated[str, Meta(max_length=64)]
Logprob = float | None

DONE: Final = b"[DONE]"


class Function(msgspec.Struct, frozen=True):
    """A part of a call."""

    name: Annotated[str, Meta(max_length=256)] | None = None
    arguments: str | None = None


class CallDelta(msgspec.Struct, frozen=True):
    """A part of the call with this index."""

    index: Index = 0
    function: Function | None = None


class Delta(msgspec.Struct, frozen=True):
    """A part of a turn. Hosts call thoughts by either name."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: Annotated[tuple[CallDelta, ...], Meta(max_length=128)] | None = None


class Top(msgspec.Struct, frozen=True):
    """A token that could have stood in a place. ``bytes`` are exact, where they are told."""

    token: Annotated[str, Meta(max_length=4096)]
    logprob: Logprob = None
    bytes: Annotated[tuple[Annotated[int, Meta(ge=0, le=255)], ...], Meta(max_length=4096)] | None = None


class Token(Top, frozen=True):
    """The token that stands there, with the most probable ones."""

    top_logprobs: Annotated[tuple[Top, ...], Meta(max_length=64)] = ()


class Logprobs(msgspec.Struct, frozen=True):
    """Of chats in ``content``, of completions in lists of equal length."""

    content: Annotated[tuple[Token, ...], Meta(max_length=65_536)] | None = None
    tokens: Annotated[tuple[str, ...], Meta(max_length=65_536)] | None = None
    token_logprobs: tuple[Logprob, ...] | None = None
    top_logprobs: tuple[dict[str, Logprob] | None, ...] | None = None


class ChunkChoice(msgspec.Struct, frozen=True):
    """More of one choice."""

    index: Index = 0
    delta: Delta | None = None
    text: str | None = None
    logprobs: Logprobs | None = None
    finish_reason: Word | None = None
    stop_reason: str | int | None = None
    """Which stop text ended it, where a host tells."""


class CachedTokens(msgspec.Struct, frozen=True):
    """Part of ``Usage``."""

    cached_tokens: Count | None = None


class Usage(msgspec.Struct, frozen=True):
    """What the host says that it counted. Cached tokens are among those of the prompt."""

    prompt_tokens: Count
    completion_tokens: Count = 0
    prompt_tokens_details: CachedTokens | None = None

    @property
    def cached_tokens(self) -> int:
        """0 where it says nothing of them."""
        details = self.prompt_tokens_details
        return min((details.cached_tokens if details else None) or 0, self.prompt_tokens)


class Fault(msgspec.Struct, frozen=True):
    """Why it goes no further. Only words of the API are read, never a sentence."""

    code: str | int | None = None
    type: str | None = None


class Chunk(msgspec.Struct, frozen=True):
    """One event."""

    choices: Annotated[tuple[ChunkChoice, ...], Meta(max_length=1024)] = ()
    usage: Usage | None = None
    error: Fault | None = None


class Refusal(msgspec.Struct, frozen=True):
    """The body of a refusal."""

    error: Fault | None = None
