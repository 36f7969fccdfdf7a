"""What actions on a registry answer. Times in ms since 1970 UTC, days are UTC days."""

from appliance.domain.results.base import Result


class RegistryFounded(Result, frozen=True):
    """A new registry. ``root_sha256`` is what every box pins; ``page_token`` is what readers of its page log
    in with, empty where they need none.
    """

    folder: str
    name: str
    address: str
    root_sha256: str
    database: str
    page: str
    page_token: str


class RegistryCode(Result, frozen=True):
    """``text`` lets one box in, once. ``file`` is where it was written, empty for nowhere."""

    text: str
    institution: str
    organization: str
    until_ms: int
    file: str


class RegistryBox(Result, frozen=True):
    """``state`` is ``active`` or ``suspended``, for ``reason``. ``last_day`` is the last day that it has
    reported, ``reported_ms`` when; ``clock_off_s`` by how much its clock is wrong. ``marks`` wait for
    somebody to look at them.
    """

    id: str
    name: str
    institution: str
    organization: str
    state: str
    reason: str
    software: str
    replaces: str
    enrolled_ms: int
    seen_ms: int
    reported_ms: int | None
    last_day: str
    epoch: int
    clock_off_s: int
    marks: int


class RegistryBoxes(Result, frozen=True):
    """In the order in which they came."""

    boxes: tuple[RegistryBox, ...]


class RegistryBoxChanged(Result, frozen=True):
    """How a box stands now."""

    id: str
    name: str
    state: str
    replaces: str


class RegistryUseLine(Result, frozen=True):
    """Sums. ``most_users`` is the largest number on one day; None: fewer than ten, or nobody told it."""

    name: str
    requests: int
    failed: int
    refused: int
    input_tokens: int
    output_tokens: int
    gflop: int
    credits_micro: int
    gpu_ms: int
    most_users: int | None


class RegistryUsage(Result, frozen=True):
    """``csv`` are its lines as a spreadsheet takes them, empty where nobody asked for them."""

    by: str
    first_day: str
    last_day: str
    lines: tuple[RegistryUseLine, ...]
    csv: tuple[str, ...] = ()


class RegistryPublished(Result, frozen=True):
    """``files`` were new. Root and the registry's own list are good until then."""

    files: int
    new_keys: bool
    root_until_ms: int
    targets_until_ms: int


class RegistryExchanged(Result, frozen=True):
    """What was on the stick of ``box`` and what goes back. ``refused`` as ``id: why``."""

    box: str
    taken: int
    duplicates: int
    refused: tuple[str, ...]
    items: int
    file: str


class RegistryToldBox(Result, frozen=True):
    """Something that waits for a box's next sync."""

    box: str
    name: str


class RegistryTold(Result, frozen=True):
    """``what`` is the kind: ``notice``, ``time`` or ``statement``."""

    what: str
    boxes: tuple[RegistryToldBox, ...]


class RegistryBudget(Result, frozen=True):
    """What a box may compute on these days, and what it has reported of it, in millionths of a credit."""

    box: str
    box_name: str
    first_day: str
    last_day: str
    limit_micro: int
    reported_micro: int


class RegistryBudgets(Result, frozen=True):
    """By box."""

    budgets: tuple[RegistryBudget, ...]


class RegistryCheck(Result, frozen=True):
    """Which rows of a batch a box was asked to show. ``state`` is ``waiting``, ``fits``, ``refused`` (by an
    operator of the box) or ``wrong``, and ``words`` say why.
    """

    id: str
    box: str
    epoch: int
    seq: int
    leaves: tuple[int, ...]
    reason: str
    made_ms: int
    state: str
    words: str
    answered_ms: int | None


class RegistryChecks(Result, frozen=True):
    """Newest first."""

    checks: tuple[RegistryCheck, ...]


class RegistryMark(Result, frozen=True):
    """Something that a person should look at. ``kind`` is ``fork``, ``epoch``, ``catalog`` or ``check``."""

    id: str
    box: str
    box_name: str
    institution: str
    kind: str
    at_ms: int
    epoch: int
    seq: int
    words: str
    settled_ms: int | None
    settled_by: str


class RegistryMarks(Result, frozen=True):
    """Newest first."""

    marks: tuple[RegistryMark, ...]


class RegistryMarkSettled(Result, frozen=True):
    """Somebody has looked at it."""

    id: str
    by: str


class RegistryAct(Result, frozen=True):
    """One row of the registry's own audit: who did what about which, and why."""

    number: int
    at_ms: int
    actor: str
    act: str
    about: str
    words: str


class RegistryActs(Result, frozen=True):
    """Newest first."""

    acts: tuple[RegistryAct, ...]
