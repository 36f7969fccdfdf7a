"""What actions on duties answer. Amounts in units of 10^9 FLOP, times in ms since 1970 UTC."""

from appliance.domain.results.base import Result


class DutyStanding(Result, frozen=True):
    """One duty of a project. ``level`` is the one from which it is owed.

    ``state`` is ``fulfilled``, ``submitted`` (it waits for a reviewer), ``owed`` or ``overdue`` (nothing is
    computed for the project). ``since_ms`` and ``due_ms`` are None where no use made it owed, only what is
    asked for; ``until_ms`` is when what was done runs out. ``waits_for`` is ``lead``, ``operator``,
    ``reviewer`` or empty.
    """

    duty: str
    level: str
    state: str
    since_ms: int | None
    due_ms: int | None
    until_ms: int | None
    waits_for: str
    next_step: str


class ProjectDuties(Result, frozen=True):
    """How a project stands. Use is that of its year, which began at ``year_ms``; ``requested_gflop`` is what
    it used and may still spend, 0 without a limit; ``model_gflop`` what the training of the largest model
    that it used took. ``because`` says what made the level so high.
    """

    project: str
    kind: str
    tags: tuple[str, ...]
    level: str
    because: str
    inference_gflop: int
    training_gflop: int
    requested_gflop: int
    model_gflop: int
    year_ms: int
    duties: tuple[DutyStanding, ...]


class DutyList(Result, frozen=True):
    """Every project, or one."""

    projects: tuple[ProjectDuties, ...]


class ChecklistAnswer(Result, frozen=True):
    """A question of the checklist, and what was answered."""

    id: str
    function: str
    category: str
    question: str
    answer: str


class DutyRecordSummary(Result, frozen=True):
    """Something that was done. ``state`` is ``submitted``, ``counts``, ``run out`` or ``taken back``."""

    id: str
    project: str
    duty: str
    state: str
    who: str
    submitted_by: str
    submitted_ms: int
    evidence: str
    sha256: str
    version: int
    accepted_by: str
    accepted_ms: int | None
    until_ms: int | None
    self_approved: bool
    withdrawn_by: str
    withdrawn_ms: int | None
    reason: str
    answers: tuple[ChecklistAnswer, ...]


class TrainingSummary(Result, frozen=True):
    """Training that was recorded for a project."""

    id: str
    project: str
    gflop: int
    what: str
    recorded_by: str
    recorded_ms: int
    withdrawn_ms: int | None


class DutyDetail(Result, frozen=True):
    """One project: how it stands, what was done, newest first, and what was trained."""

    standing: ProjectDuties
    records: tuple[DutyRecordSummary, ...]
    trainings: tuple[TrainingSummary, ...]


class DutyLevelRow(Result, frozen=True):
    """A level is reached above any of the first two; of a model above the third, a tenth of them suffices."""

    level: str
    inference_gflop: int
    training_gflop: int
    model_gflop: int


class DutyRow(Result, frozen=True):
    """A duty and the level from which projects of each kind owe it; empty: never."""

    duty: str
    words: str
    research: str
    course: str
    evaluation: str
    signed_off: bool


class DomainRow(Result, frozen=True):
    """A tag, and what is meant by it."""

    tag: str
    words: str


class DutyTableShown(Result, frozen=True):
    """The table that every project is held against."""

    levels: tuple[DutyLevelRow, ...]
    duties: tuple[DutyRow, ...]
    domains: tuple[DomainRow, ...]
    tagged_divisor: int
    model_divisor: int
    grace_days: int
    counts_days: int


class ChecklistQuestion(Result, frozen=True):
    """One question, and where in the framework it comes from."""

    id: str
    function: str
    category: str
    question: str


class Checklist(Result, frozen=True):
    """The questions of an extended review; ``form`` is the text that is filled in."""

    version: int
    questions: tuple[ChecklistQuestion, ...]
    form: str
