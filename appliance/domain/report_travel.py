"""Flaw reports that leave the box for the owner of the model, and those that came from elsewhere."""

from dataclasses import dataclass
from typing import Final, Literal

TravelState = Literal["wanted", "consented", "sent", "answered"]


@dataclass(frozen=True, slots=True)
class Travel:
    """One of our reports on its way. ``sha256`` is of the very bytes that its reporter agreed to; empty: not
    yet. ``verdict`` and ``reason`` are the owner's. Times in ms since 1970 UTC.
    """

    report_id: str
    sha256: str = ""
    consented_by: str = ""
    consented_ms: int | None = None
    thread: str = ""
    sent_by: str = ""
    sent_ms: int | None = None
    verdict: str = ""
    reason: str = ""
    answered_ms: int | None = None

    @property
    def state(self) -> TravelState:
        """How far it got."""
        if self.answered_ms is not None:
            return "answered"
        if self.sent_ms is not None:
            return "sent"
        return "consented" if self.sha256 else "wanted"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a report came from: the letter's ``thread``, the ``box`` (a thumbprint), its institution as the
    registry names it. ``model`` is the id that it was told of there, ``sealing_key`` what answers are sealed
    to.
    """

    report_id: str
    thread: str
    box: str
    institution: str
    model: str
    sealing_key: str
    answered_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """Where one report goes, and where it came from; None: nowhere else."""

    travel: Travel | None = None
    origin: Origin | None = None


NO_JOURNEY: Final = Journey()
