"""What a project owes for its compute, and what it has done about that. Times in ms since 1970 UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Literal

from appliance.domain.people import Project
from appliance.domain.usage import UsageKind

DutyName = Literal[
    "conduct", "description", "review", "publication-policy", "extended-review", "external-audit"
]
DutyState = Literal["fulfilled", "submitted", "owed", "overdue"]
"""``submitted`` waits for a reviewer. ``overdue``: nothing is computed for the project until it is done."""
WaitsFor = Literal["", "lead", "operator", "reviewer"]


class Level(IntEnum):
    """How much a project owes: each level all of those below it."""

    D0 = 0
    D1 = 1
    D2 = 2
    D3 = 3
    D4 = 4


@dataclass(frozen=True, slots=True)
class Compute:
    """What a project computed in its year, in units of 10^9 FLOP; ``model_gflop`` is what the training of the
    largest model that it used took.
    """

    inference_gflop: int = 0
    training_gflop: int = 0
    model_gflop: int = 0


@dataclass(frozen=True, slots=True)
class DutyRecord:
    """Something that was done about one duty. It counts from ``accepted_ms`` until ``until_ms``.

    ``who`` did it in the project's name, ``submitted_by`` and ``accepted_by`` wrote it down here.
    ``evidence`` says where the matter itself lies, ``sha256`` is of a file that stays there; both may be
    empty. ``version`` is that of the checklist, where there is one.
    """

    id: str
    project_id: str
    duty: DutyName
    who: str
    submitted_by: str
    submitted_ms: int
    evidence: str = ""
    sha256: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    version: int = 0
    accepted_by: str = ""
    accepted_ms: int | None = None
    until_ms: int | None = None
    self_approved: bool = False
    """Whoever accepted it is of the project, or nobody else is there."""
    withdrawn_by: str = ""
    withdrawn_ms: int | None = None
    reason: str = ""
    """Why it was taken back."""

    def counts(self, now_ms: int) -> bool:
        """It was accepted, has not run out and was not taken back."""
        accepted = self.accepted_ms is not None and self.withdrawn_ms is None
        return accepted and (self.until_ms is None or now_ms < self.until_ms)


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """Training that was done elsewhere, or in a job, for a project."""

    id: str
    project_id: str
    gflop: int
    what: str
    recorded_by: str
    recorded_ms: int
    withdrawn_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ReachedLevel:
    """A project's use reached a level in the year that began at ``year_ms``, for the first time then."""

    project_id: str
    year_ms: int
    level: Level
    reached_ms: int


@dataclass(frozen=True, slots=True)
class ModelUse:
    """What one project computed with one model, in units of 10^9 FLOP."""

    project_id: str
    model_id: str
    gflop: int
    kind: UsageKind = "inference"


@dataclass(frozen=True, slots=True)
class DutyFacts:
    """All that the rule looks at, of one project.

    ``requested_gflop`` is what it asks for, or was given to spend: answers above what it has used.
    ``reached`` is when its use first reached each level in this year; one that it reached a moment ago may be
    missing. ``records`` are those of the project, oldest first.
    """

    project: Project
    compute: Compute
    requested_gflop: int = 0
    conduct_signed: bool = False
    has_lead: bool = False
    reached: Mapping[Level, int] = field(default_factory=dict)
    records: tuple[DutyRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class OwedDuty:
    """One duty of a project. ``level`` is the one from which it is owed.

    ``since_ms`` and ``due_ms`` are None where no use made it owed, only what is asked for; ``until_ms`` is
    when what was done about it runs out.
    """

    duty: DutyName
    level: Level
    state: DutyState
    since_ms: int | None = None
    due_ms: int | None = None
    until_ms: int | None = None
    waits_for: WaitsFor = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Owed:
    """What a project owes. ``because`` says what made its level so high; empty at ``D0``."""

    level: Level
    because: str = ""
    duties: tuple[OwedDuty, ...] = ()

    @property
    def open(self) -> tuple[OwedDuty, ...]:
        """Those that are not fulfilled."""
        return tuple(one for one in self.duties if one.state != "fulfilled")

    @property
    def overdue(self) -> tuple[OwedDuty, ...]:
        """Those that stop its requests."""
        return tuple(one for one in self.duties if one.state == "overdue")


NOTHING_OWED: Final = Owed(Level.D0)
