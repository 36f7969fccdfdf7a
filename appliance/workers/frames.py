"""What the gateway and its children say to each other.

A frame is a 4-byte big-endian length and that many bytes of msgpack, at most ``MAX_FRAME_BYTES``, over an
inherited socket pair. The structs are closed: a frame that does not decode is the end of the child that sent
it.
"""

import struct
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.domain.prompts import AnswerFormat, ChatPrompt
from appliance.domain.shapes import ModelShapes
from appliance.engines.base import (
    Count,
    EngineFacts,
    EngineSpec,
    Event,
    Free,
    Milliseconds,
    TokenId,
    Work,
    WorkId,
)
from appliance.engines.work import Grammar
from appliance.workers.dropping import ChildUser

MAX_FRAME_BYTES: Final = 16 * 2**20
HEADER: Final = struct.Struct(">I")


class FrameError(Exception):
    """The bytes are not a frame of this protocol."""


class _Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, tag=str.lower):
    pass


class Load(_Frame, frozen=True):
    """First frame to a child: open this model, as this kind of child."""

    role: Literal["preparer", "worker"]
    spec: EngineSpec
    beat_s: Annotated[float, Meta(gt=0, le=60)] = 1.0
    """How often a worker says that it lives."""
    user: ChildUser | None = None
    """Whom the child is to become before it opens anything."""
    libraries: tuple[str, ...] = ()
    """Folders of the dynamic linker beside those of the system."""

    @property
    def networked(self) -> bool:
        """Whether the child keeps the network. Never a preparer: it reads what strangers wrote."""
        return self.role == "worker" and self.spec.networked


class Submit(_Frame, frozen=True):
    """To a worker: take this work on."""

    work: Work


class Cancel(_Frame, frozen=True):
    """To a worker: end this work."""

    id: WorkId


class PrepareChat(_Frame, frozen=True):
    """To a preparer: render and tokenize a conversation, and compile what its answer has to keep to. One at a
    time, answered by ``Prepared`` or ``Refused``.
    """

    id: WorkId
    prompt: ChatPrompt
    answer_format: AnswerFormat | None = None


class PrepareText(_Frame, frozen=True):
    """To a preparer: the same for plain text."""

    id: WorkId
    text: str
    answer_format: AnswerFormat | None = None


class PrepareTokens(_Frame, frozen=True):
    """To a preparer: the same for what is tokens already."""

    id: WorkId
    tokens: Annotated[tuple[TokenId, ...], Meta(max_length=2**22)]
    answer_format: AnswerFormat | None = None


class Detokenize(_Frame, frozen=True):
    """To a preparer: the text of tokens. Answered by ``Text`` or ``Refused``."""

    id: WorkId
    tokens: Annotated[tuple[TokenId, ...], Meta(max_length=2**22)]


class Stop(_Frame, frozen=True):
    """To a child: finish nothing more, close the model, exit 0."""


ToChild = Load | Submit | Cancel | PrepareChat | PrepareText | PrepareTokens | Detokenize | Stop


class PreparerReady(_Frame, frozen=True):
    """A preparer has its vocabulary; ``shapes`` come from the model's file."""

    shapes: ModelShapes
    confinement: tuple[str, ...]
    """Which protections took hold, e.g. ``no-new-privileges``, ``no-network``."""


class Loading(_Frame, frozen=True):
    """A worker reads its weights; any number of these come before ``WorkerReady``."""

    part: Annotated[float, Meta(ge=0, le=1)]


class Heartbeat(_Frame, frozen=True):
    """A worker lives: sent by a thread of its own, about once a second, while it loads, works or waits.

    ``step_age_ms`` is how long the present step has lasted, None between two; ``expected_step_ms`` what it
    was expected to take.
    """

    step_age_ms: Milliseconds | None
    expected_step_ms: Milliseconds
    memory_bytes: Count
    """Resident memory of the process and those that it has started."""


class WorkerReady(_Frame, frozen=True):
    """A worker has its weights and takes work."""

    facts: EngineFacts
    free: Free
    confinement: tuple[str, ...]
    peak_bytes: Count = 0
    """The most resident memory that the process has had, with those that it has started; 0: not known."""


class Step(_Frame, frozen=True):
    """One engine step, all sequences."""

    events: tuple[Event, ...]
    free: Free


class Prepared(_Frame, frozen=True):
    """The exact prompt tokens, and what else ``domain.generation.PreparedPrompt`` has."""

    id: WorkId
    tokens: Annotated[tuple[TokenId, ...], Meta(max_length=2**22)]
    constraint: Grammar = ""
    thinks_at_once: bool = False


class Text(_Frame, frozen=True):
    """What tokens say; bytes that are no UTF-8 have become U+FFFD."""

    id: WorkId
    text: str


class Refused(_Frame, frozen=True):
    """This prompt cannot be prepared; ``code`` is a code of ``appliance.errors``."""

    id: WorkId
    code: str
    message: str


class Fatal(_Frame, frozen=True):
    """The child could not load or go on; it exits after this frame."""

    message: str


FromChild = PreparerReady | Loading | Heartbeat | WorkerReady | Step | Prepared | Text | Refused | Fatal
