"""What actions on tripwires and incidents answer. Times in ms since 1970 UTC; never what was said."""

from appliance.domain.results.base import Result


class IncidentSummary(Result, frozen=True):
    """One incident. ``holder`` is a person, or a key of nobody in particular. ``score`` is in percent of what
    the wire takes, ``count`` what it counts, both at their highest. ``ends_ms`` is when it is over by itself.
    ``explained_by`` is the declared pattern that makes it a note, or empty. ``decided_by`` ends with
    ``(self)`` where somebody decided on their own.
    """

    id: str
    wire: str
    holder: str
    project: str
    level: str
    state: str
    score: int
    count: int
    trips: int
    first_ms: int
    last_ms: int
    ends_ms: int
    explained_by: str
    verdict: str
    decided_by: str
    reason: str
    appeal: str


class IncidentList(Result, frozen=True):
    """The newest first."""

    incidents: tuple[IncidentSummary, ...]


class IncidentDetail(Result, frozen=True):
    """One incident, and what there is to decide. ``title``, ``unit``, ``threshold`` and ``why`` are its
    wire's, as it is now; ``purpose`` and ``kind`` the project's, ``declared`` the patterns that it declared.
    ``waits_for`` is ``lead``, ``reviewer`` or empty; ``next_step`` what they may do.
    """

    incident: IncidentSummary
    person: str
    key: str
    title: str
    unit: str
    threshold: int
    why: str
    kind: str
    purpose: str
    declared: tuple[str, ...]
    waits_for: str
    next_step: str


class WireLine(Result, frozen=True):
    """One tripwire. ``origin`` is ``carrel``, or ``release pack 1``, ``lab pack 3`` with its version.
    ``explained_by`` are patterns that a project can declare. ``hours`` is empty for most.
    """

    wire: str
    title: str
    on: bool
    threshold: int
    unit: str
    first_level: str
    most_level: str
    hours: str
    explained_by: tuple[str, ...]
    origin: str
    why: str


class DeclaredLine(Result, frozen=True):
    """What a project declared of its use."""

    project: str
    pattern: str
    why: str
    declared_by: str
    declared_ms: int
    until_ms: int | None


class WireFault(Result, frozen=True):
    """A pack of the lab that is not used."""

    file: str
    reason: str


class TripwireList(Result, frozen=True):
    """All tripwires, what was declared, and which packs are left out."""

    wires: tuple[WireLine, ...]
    declared: tuple[DeclaredLine, ...]
    left_out: tuple[WireFault, ...]
    note: str | None = None
