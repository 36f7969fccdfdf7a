"""How parts of the box take part in what is said to the registry and what it answers.

A part that has something to say puts a signed message into the outbox (``Outbox``), when its ``Composer`` is
asked. Everything that leaves is a row there first, so that a preview, a stick and the network carry the same
bytes. A part that waits for statements is a ``Receiver``.
"""

from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

Shape = TypeVar("Shape", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as it leaves: ``id`` is its ``jti``, ``kind`` its ``typ``. ``summary`` is a few words for
    operators.
    """

    id: str
    kind: str
    token: str
    made_ms: int
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A statement that a key of the box's registry has signed, and that is for this box. ``re`` is the
    message that it answers, where it answers one.
    """

    kind: str
    token: str
    payload: bytes
    registry: str
    """Id of the key."""
    re: str = ""

    def read(self, shape: type[Shape]) -> Shape:
        """Raises ``msgspec.DecodeError`` for another shape; whoever hands it over refuses the item then."""
        return msgspec.json.decode(self.payload, type=shape)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The registry's no to one message."""

    id: str
    kind: str
    name: str
    """As ``federation.protocol.replies.ProblemName``, or ``unreadable``."""
    title: str
    members: dict[str, int | str]


class Identity(Protocol):
    """Who this box is to its registry."""

    @property
    def enrolled(self) -> bool:
        """Whether it belongs to one."""
        ...

    @property
    def box_id(self) -> str:
        """The thumbprint of the key that it enrolled with; its present one before that. Blocks at first."""
        ...

    def sign(self, kind: str, value: msgspec.Struct) -> str:
        """With the present key. Blocks at first."""
        ...


class Outbox(Protocol):
    """What waits to leave, in order."""

    async def put(self, message: Outgoing) -> None:
        """The first of an id counts. Raises ``StorageUnavailable``."""
        ...

    async def waiting(self, kind: str) -> int:
        """How many of a kind wait."""
        ...


class Composer(Protocol):
    """A part that has something to say."""

    async def compose(self) -> None:
        """Put what is due into the outbox, once: asked before each sync, each preview and each export, and
        only of a box that is enrolled. Raises ``CarrelError``, which is told and keeps no other from it.
        """
        ...


class Receiver(Protocol):
    """A part that takes statements."""

    @property
    def kinds(self) -> frozenset[str]:
        """Which."""
        ...

    async def take(self, item: Item) -> None:
        """Believe it, or raise ``CarrelError``; the same again changes nothing."""
        ...


class RefusalListener(Protocol):
    """A part that has to know that one of its messages was refused."""

    @property
    def kinds(self) -> frozenset[str]:
        """Of messages."""
        ...

    async def refused(self, refusal: Refusal) -> bool:
        """Whether the message is settled by that: it waits no more. False keeps it, to be tried again."""
        ...
