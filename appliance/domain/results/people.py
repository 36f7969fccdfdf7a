"""What actions on persons, projects and members answer."""

from appliance.domain.results.base import Result


class PersonSummary(Result, frozen=True):
    """One person. ``state`` is ``active``, ``suspended`` or ``erased``; ``email`` and ``login`` are empty
    where they are not known.
    """

    id: str
    name: str
    state: str
    role: str
    email: str
    login: str
    projects: tuple[str, ...]
    created_ms: int
    ended_ms: int | None


class PersonList(Result, frozen=True):
    """Persons."""

    people: tuple[PersonSummary, ...]


class MemberSummary(Result, frozen=True):
    """Somebody in a project. ``part`` is ``lead`` or ``member``, ``state`` as in ``PersonSummary``."""

    project: str
    person: str
    name: str
    part: str
    state: str
    since_ms: int


class MemberList(Result, frozen=True):
    """Who belongs to a project, in the order in which they joined."""

    project: str
    members: tuple[MemberSummary, ...]


class PersonShown(Result, frozen=True):
    """One person with everything that is known of them here. ``keys_in_use`` counts those that still work or
    would, were the person not suspended.
    """

    person: PersonSummary
    memberships: tuple[MemberSummary, ...]
    keys_in_use: int


class ProjectSummary(Result, frozen=True):
    """One project. ``weight`` is its share of busy models relative to the others'. ``state`` is ``open``,
    ``not_begun``, ``ended`` or ``closed``; ``ends_ms`` is the first moment after its last day.
    """

    id: str
    name: str
    created_ms: int
    weight: int
    shares_prefixes: bool
    kind: str
    purpose: str
    tags: tuple[str, ...]
    state: str
    starts_ms: int | None
    ends_ms: int | None
    leads: tuple[str, ...]
    members: int


class ProjectList(Result, frozen=True):
    """Projects. ``warnings`` are sentences about what was made or changed: a class that ends after a lease
    that it needs.
    """

    projects: tuple[ProjectSummary, ...]
    warnings: tuple[str, ...] = ()


class ProjectShown(Result, frozen=True):
    """One project, and who belongs to it. ``warnings`` as in ``ProjectList``."""

    project: ProjectSummary
    members: tuple[MemberSummary, ...]
    warnings: tuple[str, ...] = ()


class RosterLine(Result, frozen=True):
    """What becomes of one line of a class list. ``line`` counts the lines of the file, from 1.

    ``outcome`` is ``new`` (a person was added), ``joins`` (a person of the box joins the project),
    ``changed``, ``present`` (nothing to do), ``skipped`` (no student) or ``problem``; ``why`` says more
    where there is more. ``key`` is the new key's secret, shown in this answer only; empty where none was
    made.
    """

    line: int
    outcome: str
    person: str
    name: str
    why: str
    key: str
    key_id: str


class RosterImport(Result, frozen=True):
    """A class list that was read. ``form`` names what exported it. With ``dry_run`` nothing was changed. It
    is ``whole`` where no line has a problem.
    """

    project: str
    form: str
    dry_run: bool
    whole: bool
    lines: tuple[RosterLine, ...]
    new: int
    joined: int
    changed: int
    present: int
    skipped: int
    problems: int
    keys: int
