"""The shapes of OpenAI's streamed chat: what is sent, and the fields of what comes back."""

import msgspec


class Message(msgspec.Struct, frozen=True):
    """One turn."""

    role: str
    content: str


class StreamOptions(msgspec.Struct, frozen=True):
    """Ask for the token counts at the end."""

    include_usage: bool = True


class Sampling(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sent only where it is set: not every server knows every field."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None


class ChatRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request body."""

    model: str
    messages: tuple[Message, ...]
    max_tokens: int
    stream: bool
    stream_options: StreamOptions
    seed: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None


class Delta(msgspec.Struct, frozen=True):
    """What a chunk adds; models that think aloud have their own field for it."""

    content: str | None = None
    reasoning_content: str | None = None

    @property
    def has_text(self) -> bool:
        """Whether a reader saw something."""
        return bool(self.content or self.reasoning_content)


class Choice(msgspec.Struct, frozen=True):
    """One of the answers; only one is asked for."""

    delta: Delta = Delta()
    finish_reason: str | None = None


class Usage(msgspec.Struct, frozen=True):
    """The server's own counts."""

    prompt_tokens: int
    completion_tokens: int


class Failure(msgspec.Struct, frozen=True):
    """Why the server gave up."""

    message: str = "no message"


class Chunk(msgspec.Struct, frozen=True):
    """One event of the stream, or an error body."""

    choices: tuple[Choice, ...] = ()
    usage: Usage | None = None
    error: Failure | None = None

    @property
    def has_text(self) -> bool:
        """Whether a reader saw something."""
        return bool(self.choices) and self.choices[0].delta.has_text

    @property
    def is_cut(self) -> bool:
        """Whether the answer ends here because it is as long as was asked for."""
        return bool(self.choices) and self.choices[0].finish_reason == "length"
