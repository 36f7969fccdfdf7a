"""What is asked of the registry for a model of tier restricted, and what it says."""

from dataclasses import dataclass
from typing import Literal

RegistryPresence = Literal["none", "by hand", "enrolled"]
"""Whether somebody is there who could countersign. ``by hand``: an operator has put a registry's key into a
folder, and carries its files."""
AskedState = Literal["shown", "agreed", "sent", "yes", "no", "refused"]
"""``refused``: the registry did not take the message; ``no`` is its decision."""


@dataclass(frozen=True, slots=True)
class AskedOfRegistry:
    """One message about one application and model, as its applicant sees it before it leaves.

    ``payload`` is the very text that is signed, ``sha256`` that of its bytes. Times in ms since 1970 UTC.
    ``agreed_by`` says who agreed where it was not the applicant themself.
    """

    message: str
    application: str
    model: str
    grant: str
    project: str
    person: str
    payload: str
    sha256: str
    made_ms: int
    agreed_ms: int | None = None
    agreed_by: str = ""
    sent_ms: int | None = None
    answer: Literal["", "yes", "no", "refused"] = ""
    answered_ms: int | None = None
    reason: str = ""
    """Why not, in the registry's words, cleaned."""

    @property
    def state(self) -> AskedState:
        """How far it is."""
        if self.answer:
            return self.answer
        if self.sent_ms is not None:
            return "sent"
        return "shown" if self.agreed_ms is None else "agreed"
