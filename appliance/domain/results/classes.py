"""What actions on classes answer."""

from appliance.domain.results.base import Result


class ClassLine(Result, frozen=True):
    """One class in a list. ``state`` is ``planned``, ``open``, ``paused`` or ``over``, ``mode`` is ``open``,
    ``exam`` or ``offline``.
    """

    id: str
    project: str
    title: str
    state: str
    mode: str
    models: tuple[str, ...]
    seats: int
    taken: int
    starts_ms: int | None
    ends_ms: int


class ClassList(Result, frozen=True):
    """Classes, the newest first."""

    classes: tuple[ClassLine, ...]


class FrozenModelLine(Result, frozen=True):
    """A model as it was when an exam was opened."""

    model: str
    revision: str
    files: str


class ClassDetail(Result, frozen=True):
    """One class with all that is set of it. Numbers of a seat are its caps, 0 is none. ``warnings`` say what
    a teacher should know before the lesson, one sentence each. ``addresses`` are those that a student may
    type, the best first; ``plain_address`` is the one of plain HTTP, empty where it is not open there.
    """

    id: str
    project: str
    title: str
    state: str
    mode: str
    models: tuple[str, ...]
    seat_tokens: int
    seat_running: int
    seat_requests_per_minute: int
    seat_tokens_per_minute: int
    starts_ms: int | None
    ends_ms: int
    keys_end_ms: int
    grace_min: int
    guests: int
    networks: tuple[str, ...]
    seed: int | None
    plain: bool
    plain_address: str
    address: str
    addresses: tuple[str, ...]
    opened_ms: int | None
    paused_ms: int | None
    over_ms: int | None
    message: str
    frozen: tuple[FrozenModelLine, ...]
    seats: int
    taken: int
    warnings: tuple[str, ...] = ()


class RosterSeat(Result, frozen=True):
    """One line of a class list. ``outcome`` is ``new``, ``joins``, ``changed``, ``present``, ``skipped`` or
    ``problem``; ``missing`` of line 0 is a seat that is not in the list. ``given`` is the id that the list
    has, ``person`` the one that the box knows them by.
    """

    line: int
    outcome: str
    given: str
    person: str
    name: str
    why: str


class ClassRoster(Result, frozen=True):
    """What a class list did, or would do. ``whole``: no line was a problem."""

    id: str
    form: str
    dry_run: bool
    whole: bool
    lines: tuple[RosterSeat, ...]
    new: int
    joined: int
    changed: int
    present: int
    skipped: int
    problems: int
    missing: int = 0


class SeatLine(Result, frozen=True):
    """One seat as a teacher sees it. ``state`` is ``free``, ``idle``, ``ok``, ``waits``, ``error`` or
    ``limit``. ``trouble`` is the last error in plain words, of ``trouble_ms``; ``mend`` the verb of a class
    that helps (``reissue``, ``top-up``), or empty. ``limit_tokens`` 0 is no limit.
    """

    number: int
    person: str
    given: str
    name: str
    initials: str
    state: str
    how: str
    taken_ms: int | None
    running: int
    waiting: int
    waits_s: int
    tokens: int
    limit_tokens: int
    requests: int
    last_ms: int | None
    trouble: str
    trouble_code: str
    trouble_ms: int | None
    trouble_request: str
    mend: str


class ClassSeats(Result, frozen=True):
    """All seats of a class now. ``first_word_ms`` is the median of the last hundred first words of the class,
    None where there were none.
    """

    id: str
    state: str
    mode: str
    message: str
    now_ms: int
    ends_ms: int
    taken: int
    seats: tuple[SeatLine, ...]
    first_word_ms: int | None


class SeatCard(Result, frozen=True):
    """One printed card. ``key`` is in this answer and nowhere else."""

    number: int
    person: str
    given: str
    name: str
    key: str
    key_id: str


class ClassCards(Result, frozen=True):
    """Cards to print. ``url`` is the page's address, ``base_url`` that for clients, ``fingerprint`` the
    SHA-256 of the box's own authority where the address needs it, else empty. Seats that have a key already
    are in ``kept`` and have no card; ``--reissue`` makes theirs new.
    """

    id: str
    title: str
    url: str
    base_url: str
    name_url: str
    fingerprint: str
    model: str
    expires_ms: int
    cards: tuple[SeatCard, ...]
    kept: tuple[str, ...]


class SeatKey(Result, frozen=True):
    """A new key of one seat, shown once; the one before does not work any more."""

    id: str
    person: str
    given: str
    name: str
    key: str
    key_id: str
    expires_ms: int


class JoinScreen(Result, frozen=True):
    """What the projector shows; nothing of it is private. ``code`` is ``K7QM-2F9X``, empty where none is
    valid; ``join_url`` holds it. ``left`` is how many may still join with it. ``base_url`` is that for
    clients.
    """

    id: str
    title: str
    state: str
    mode: str
    offline: bool
    code: str
    code_ends_ms: int | None
    left: int
    url: str
    join_url: str
    base_url: str
    name_url: str
    fingerprint: str
    models: tuple[str, ...]
    joined: int
    seats: int
    ends_ms: int
    now_ms: int
    first_word_ms: int | None
    poll: "PollState | None" = None


class PollState(Result, frozen=True):
    """A blind vote between two answers. ``a`` and ``b`` are the models, empty while it is open."""

    id: str
    prompt: str
    open: bool
    votes_a: int
    votes_b: int
    ties: int
    a: str
    b: str
    seed: int


class Rehearsal(Result, frozen=True):
    """What synthetic students met on the real path. ``ready``: nobody failed, and nobody waited longer than
    ``wanted_ms`` for the first word.
    """

    id: str
    model: str
    seats: int
    answered: int
    failed: int
    first_word_median_ms: int | None
    first_word_worst_ms: int | None
    whole_median_ms: int | None
    took_ms: int
    wanted_ms: int
    ready: bool
    problems: tuple[str, ...]


class ReportRow(Result, frozen=True):
    """One seat in the report."""

    given: str
    name: str
    person: str
    joined_ms: int | None
    how: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    spent_micro: int
    refused: int
    first_ms: int | None
    last_ms: int | None


class ClassReport(Result, frozen=True):
    """What a class used. ``csv`` is the same as a file for a spreadsheet, keyed by the teacher's ids. An
    exam's has the frozen models and the seed.
    """

    id: str
    title: str
    project: str
    mode: str
    state: str
    starts_ms: int | None
    opened_ms: int | None
    ends_ms: int
    models: tuple[str, ...]
    frozen: tuple[FrozenModelLine, ...]
    seed: int | None
    rows: tuple[ReportRow, ...]
    csv: str
