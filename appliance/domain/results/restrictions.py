"""What actions on restrictions and decisions answer. Times in ms since 1970 UTC."""

from appliance.domain.results.base import Result


class RestrictionLine(Result, frozen=True):
    """One version of a restriction. ``id`` is its scope, such as ``tier:restricted``; ``says`` one phrase for
    each thing that it limits, ``by`` who said so.
    """

    id: str
    version: int
    says: tuple[str, ...]
    why: str
    by: str
    since_ms: int
    removed: bool


class RestrictionList(Result, frozen=True):
    """Restrictions, or the versions of one."""

    restrictions: tuple[RestrictionLine, ...]


class RestrictionDetail(Result, frozen=True):
    """One version in full. ``toml`` is what `carrel restriction apply` takes."""

    restriction: RestrictionLine
    toml: str


class RestrictionTest(Result, frozen=True):
    """What would become of a request. ``verdict`` is ``let``, ``changed`` or ``refused``; ``applied`` the
    restrictions that hold for it, ``told`` sentences for who asked.
    """

    verdict: str
    model: str
    applied: tuple[str, ...]
    told: tuple[str, ...]


class DecisionLine(Result, frozen=True):
    """What was decided within the minute that began at ``minute_ms``, how often, and when the last time.

    ``verdict`` is ``refused`` or ``changed``; ``restriction`` is its id and version, empty where it was
    none.
    """

    minute_ms: int
    verdict: str
    gate: str
    rule: str
    restriction: str
    key: str
    person: str
    project: str
    model: str
    count: int
    last_ms: int


class DecisionList(Result, frozen=True):
    """Decisions, the latest first. ``more``: there are older ones that are not told."""

    decisions: tuple[DecisionLine, ...]
    more: bool
