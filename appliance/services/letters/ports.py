"""What letters need of others, and what those who read them are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from appliance.domain.letters import Letter, LetterState
from appliance.federation.protocol.letters import AnyBody
from appliance.federation.protocol.messages import LetterKind


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a letter is: one box (a thumbprint), or every box of an organization. ``sealing_key`` is what
    it is sealed to (X25519, base64url); empty: the registry can read it.
    """

    box: str = ""
    organization: str = ""
    sealing_key: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A letter that is for this box: signed by ``box``, whose institution the registry names. ``sealed``:
    only this box could read it. ``sealing_key`` is the sender's, as the registry has it.
    """

    id: str
    thread: str
    body: AnyBody
    box: str
    institution: str
    sealing_key: str
    sealed: bool
    organization: str = ""
    """Of the sender, as the registry has it; empty: none."""


class Letters(Protocol):
    """Where they are remembered."""

    async def add(self, letter: Letter) -> None:
        """The first of an id counts."""
        ...

    async def set(self, id: str, state: LetterState, reason: str = "") -> None:
        """What became of it."""
        ...

    async def waiting(self) -> Sequence[Letter]:
        """Those that are not in the outbox yet, the oldest first."""
        ...

    async def get(self, id: str) -> Letter | None:
        """One of them."""
        ...


class Identity(Protocol):
    """Who this box is to its registry."""

    @property
    def enrolled(self) -> bool:
        """Whether it belongs to one."""
        ...

    @property
    def box_id(self) -> str:
        """Blocks at first."""
        ...

    def ids(self) -> frozenset[str]:
        """What it is or ever was called. Blocks at first."""
        ...

    def sign(self, kind: str, value: msgspec.Struct) -> str:
        """With the present key. Blocks at first."""
        ...


class Opener(Protocol):
    """The private half of the box's key for letters."""

    def public(self) -> str:
        """Its public half (``x``). Blocks."""
        ...

    def open(self, sealed: str) -> bytes:
        """What was sealed to this box; blocks. Raises ``IntegrityFailed``."""
        ...


class Taker(Protocol):
    """A part that reads letters of some kinds."""

    @property
    def kinds(self) -> frozenset[LetterKind]:
        """Which."""
        ...

    async def take(self, letter: Arrived) -> None:
        """Do what it says, or raise ``CarrelError``; the same again changes nothing."""
        ...

    async def undelivered(self, kind: LetterKind, thread: str, reason: str) -> None:
        """The registry did not take one that this part sent."""
        ...
