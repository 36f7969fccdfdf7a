"""How parts of the registry take part in what boxes say. A part that takes one kind of message is a
``Handler``; what it wants to say in return it gives to the desk, which signs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from appliance.federation.protocol.replies import Refused
from appliance.registry.store.boxes import Box
from appliance.registry.store.database import Session


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that is signed by a key of ``box`` that counts now. ``message`` has the shape of its kind
    (``federation.protocol.shapes.MESSAGES``), ``payload`` is what was signed and ``digest`` its SHA-256,
    ``key`` the thumbprint of the key that signed it, ``token`` the very bytes that came,
    ``clock_off_s`` by how much the box's clock is wrong (None: nobody knows, it came on a stick).
    """

    box: Box
    kind: str
    message: Any
    payload: bytes
    digest: str
    token: str
    key: str
    clock_off_s: int | None
    now_s: int


@dataclass(frozen=True, slots=True)
class Saying:
    """One statement, not signed yet. ``kind`` is its ``typ``."""

    kind: str
    statement: msgspec.Struct


@dataclass(frozen=True, slots=True)
class Handled:
    """What comes of a message. ``signed`` are tokens that were signed before. ``duplicate``: nothing new was
    done, since all of it had been done before. ``refusal`` is said after what was done is kept.
    """

    statements: Sequence[Saying] = ()
    signed: Sequence[str] = ()
    duplicate: bool = False
    refusal: Refused | None = None


class Handler(Protocol):
    """Takes one kind of message."""

    @property
    def kind(self) -> str:
        """Which."""
        ...

    @property
    def repeatable(self) -> bool:
        """Whether the same message again is simply handled again; else its first answer is given again."""
        ...

    def handle(self, session: Session, incoming: Incoming) -> Handled:
        """Within one transaction, which is taken back where this raises. Raises ``Refused``,
        ``StorageUnavailable``. May be called again for the same message, where two were in each other's way.
        """
        ...
