"""Letters between labs: what a box remembers of each, which is never what it says."""

from dataclasses import dataclass
from typing import Literal

LetterDirection = Literal["in", "out"]
LetterState = Literal["waiting", "sent", "new", "taken", "refused"]
"""Of one that leaves: ``waiting`` for the outbox, then ``sent``. Of one that came: ``new``, then ``taken``.
``refused``: by the registry, or by what it was for."""


@dataclass(frozen=True, slots=True)
class Letter:
    """``peer`` is the other box (a thumbprint), ``organization`` the reader where it is for all boxes of one;
    ``institution`` as the registry names the sender. ``token`` is there while it waits. Times in ms.
    """

    id: str
    direction: LetterDirection
    kind: str
    thread: str
    peer: str
    organization: str
    institution: str
    state: LetterState
    made_ms: int
    reason: str = ""
    token: str = ""
