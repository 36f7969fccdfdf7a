"""Projects, people and keys: three tables beside each other where there is room, else one of them."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal

from appliance.domain.results import (
    BudgetState,
    KeyList,
    KeySummary,
    MemberList,
    MemberSummary,
    PersonList,
    PersonSummary,
    ProjectList,
    ProjectSummary,
    UsageReport,
)
from appliance.domain.watching import Topic
from tui.parts.rows import Rows
from tui.people import following, keys
from tui.people.rows import EVERYBODY, KEYS, PEOPLE, PROJECTS, key_rows, people_rows, project_rows
from tui.people.standing import Spending
from tui.viewer import Viewer

_TABLES = (keys.PROJECTS, keys.PEOPLE, keys.KEYS)


class Folk(Horizontal):
    """Draws what the viewer knows of the topics that it asks for."""

    DEFAULT_CSS = """
    Folk > Rows { display: none; width: 1fr; }
    Folk > Rows.-here { display: block; }
    """
    app: Viewer

    def __init__(self) -> None:
        super().__init__(id="folk")
        self._counted: dict[str, tuple[BudgetState, Spending]] = {}
        self._drawn: dict[str, tuple[object, ...]] = {}

    def compose(self) -> ComposeResult:
        """The first of them is where one begins."""
        first = Rows(PROJECTS, id=keys.PROJECTS, empty="No project. n makes one.")
        first.add_class("-here")
        yield first
        yield Rows(PEOPLE, id=keys.PEOPLE)
        yield Rows(KEYS, id=keys.KEYS)

    # ---- what is chosen ----

    @property
    def level(self) -> int:
        """0 for projects, 1 for people, 2 for keys."""
        return next(n for n, one in enumerate(_TABLES) if self.table(one).has_class("-here"))

    def table(self, id: str) -> Rows:
        """One of the three."""
        return self.query_one(f"#{id}", Rows)

    @property
    def project(self) -> str:
        """The chosen project; empty for everybody."""
        row = self.table(keys.PROJECTS).chosen
        return row.key if row else EVERYBODY

    @property
    def person(self) -> PersonSummary | MemberSummary | None:
        """The chosen person."""
        row = self.table(keys.PEOPLE).chosen
        return row.data if row and isinstance(row.data, PersonSummary | MemberSummary) else None

    @property
    def person_id(self) -> str:
        """Their id; empty for nobody."""
        row = self.table(keys.PEOPLE).chosen
        return row.key if row else ""

    @property
    def key(self) -> KeySummary | None:
        """The chosen key."""
        row = self.table(keys.KEYS).chosen
        return row.data if row and isinstance(row.data, KeySummary) else None

    def known_project(self, id: str) -> ProjectSummary | None:
        """What is known of a project."""
        found = self.app.latest(following.PROJECTS)
        return next(
            (one for one in found.projects if one.id == id) if isinstance(found, ProjectList) else iter(()),
            None,
        )

    def go(self, level: int) -> None:
        """To another of the tables."""
        for number, one in enumerate(_TABLES):
            self.table(one).set_class(number == level, "-here")
        self.table(_TABLES[level]).focus()

    # ---- what is followed ----

    def topics(self, *, wide: bool) -> list[Topic]:
        """Those of the tables that can be seen."""
        ids = [row.key for row in self.table(keys.PROJECTS).rows]
        made = [following.PROJECTS]
        if wide or self.level == 0:
            made += [following.budget_of(one) for one in following.around(ids, self.project)]
        if wide or self.level == 1:
            made += [following.people_of(self.project), following.asked_of(self.project)]
            made += [following.budget_of(self.project)] if self.project else []
        if self.person_id and (wide or self.level == 2):
            made.append(following.keys_of(self.project, self.person_id))
        return made

    # ---- drawing ----

    def draw(self, action: str) -> None:
        """What an answer of this action is shown in."""
        if action in {"project.list", "budget.show"}:
            self.draw_projects()
        if action in {"member.list", "person.list", "usage", "budget.show"}:
            self.draw_people()
        if action == "key.list":
            self.draw_keys()

    def draw_projects(self) -> None:
        """With their budgets, as far as they are known."""
        found = self.app.latest(following.PROJECTS)
        if not isinstance(found, ProjectList):
            return
        ordered = sorted(found.projects, key=lambda one: one.id)
        spending = {one.id: known for one in ordered if (known := self._spending(one.id)) is not None}
        if self._drawn_before(keys.PROJECTS, found, *spending.values()):
            return
        self.table(keys.PROJECTS).show(project_rows(ordered, spending, ascii_only=self.app.ascii_only))

    def draw_people(self) -> None:
        """Those of the chosen project."""
        found = self.app.latest(following.people_of(self.project))
        asked = self.app.latest(following.asked_of(self.project))
        spending = self._spending(self.project) if self.project else None
        if self._drawn_before(keys.PEOPLE, found, asked, spending):
            return
        table = self.table(keys.PEOPLE)
        table.say_when_empty("Nobody yet. a adds a person, i a class list." if found else "Loading …")
        table.show(people_rows(_people(found), spending, _requests(asked), ascii_only=self.app.ascii_only))
        self.draw_keys()

    def _drawn_before(self, table: str, *known: object) -> bool:
        """Whether a table shows these very answers: thousands of rows are not made again for nothing."""
        before = self._drawn.get(table, ())
        if len(before) == len(known) and all(a is b for a, b in zip(before, known, strict=True)):
            return True
        self._drawn[table] = known
        return False

    def draw_keys(self) -> None:
        """Those of the chosen person."""
        table = self.table(keys.KEYS)
        found = self.app.latest(following.keys_of(self.project, self.person_id)) if self.person_id else None
        table.say_when_empty(
            "No key. n makes one." if found else "Loading …" if self.person_id else "Nobody."
        )
        table.show(key_rows(found.keys if isinstance(found, KeyList) else (), ascii_only=self.app.ascii_only))

    def _spending(self, project: str) -> Spending | None:
        """Counted once for each answer."""
        found = self.app.latest(following.budget_of(project))
        if not isinstance(found, BudgetState):
            return None
        known = self._counted.get(project)
        if known is None or known[0] is not found:
            self._counted[project] = known = (found, Spending(found))
        return known[1]


def _people(found: object) -> Sequence[MemberSummary | PersonSummary]:
    if isinstance(found, MemberList):
        return found.members
    return found.people if isinstance(found, PersonList) else ()


def _requests(found: object) -> dict[str, int]:
    """Of the last 24 hours, by person."""
    return {one.group: one.requests for one in found.lines} if isinstance(found, UsageReport) else {}
