"""What waits for a decision: applications, and requests for more budget."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll

from appliance.domain.results import (
    ApplicationList,
    ApplicationSummary,
    BudgetRequestList,
    BudgetRequestState,
    ProjectSummary,
)
from tui.deeds import Deed
from tui.parts.cells import Cell
from tui.parts.closeups import CloseUp, CloseUpKey
from tui.parts.facts import Fact, Facts
from tui.parts.rows import Row, Rows
from tui.parts.titles import Title
from tui.people import following, keys
from tui.people.approving import application_pairs, budget_pairs
from tui.people.waiting import APPLICATIONS, ASKS, application_rows, ask_rows
from tui.viewer import Viewer


class Asking(Horizontal):
    """Two tables above each other, and what is chosen beside them where there is room."""

    DEFAULT_CSS = """
    Asking > Vertical { width: 3fr; }
    Asking > #asked { display: none; width: 2fr; margin-left: 2; }
    """
    app: Viewer

    def compose(self) -> ComposeResult:
        """Applications first: they wait for the longest."""
        yield Vertical(
            Title("Applications for models", id="applications-title"),
            Rows(APPLICATIONS, id=keys.APPLICATIONS, empty="No application waits."),
            Title("Requests for more budget", id="asks-title"),
            Rows(ASKS, id=keys.ASKS, empty="Nobody asks for more budget."),
        )
        yield VerticalScroll(Facts(id="asked-facts"), id="asked", can_focus=False)

    def table(self, id: str) -> Rows:
        """One of the two."""
        return self.query_one(f"#{id}", Rows)

    @property
    def waiting(self) -> int:
        """How many wait for somebody."""
        found, asks = self.app.latest(following.QUEUE), self.app.latest(following.ASKS)
        applications = found.applications if isinstance(found, ApplicationList) else ()
        return len(applications) + (len(asks.requests) if isinstance(asks, BudgetRequestList) else 0)

    def draw(self) -> None:
        """What the viewer knows."""
        found, asks = self.app.latest(following.QUEUE), self.app.latest(following.ASKS)
        if isinstance(found, ApplicationList):
            self.table(keys.APPLICATIONS).show(application_rows(found.applications))
        if isinstance(asks, BudgetRequestList):
            self.table(keys.ASKS).show(ask_rows(asks.requests))

    def refused(self, action: str, message: str) -> None:
        """Said in the table itself: who may only read sees no requests."""
        table = self.table(keys.APPLICATIONS if action == following.QUEUE.action else keys.ASKS)
        table.show(())
        table.say_when_empty(message)

    def look_at(self, row: Row | None, project: ProjectSummary | None) -> None:
        """What is chosen, beside the tables."""
        facts = pairs_of(row, project) or [("", Cell("Nothing is chosen.", "quiet"))]
        self.query_one("#asked-facts", Facts).state(facts)


def pairs_of(row: Row | None, project: ProjectSummary | None) -> list[Fact]:
    """All of a request; nothing for no row."""
    data = row.data if row else None
    if isinstance(data, ApplicationSummary):
        return application_pairs(data, project)
    return budget_pairs(data) if isinstance(data, BudgetRequestState) else []


def close_up(row: Row, project: ProjectSummary | None) -> CloseUp:
    """The dialog of one request, where it can be decided."""
    action = "access.decide" if isinstance(row.data, ApplicationSummary) else "budget.decide"
    title = "Application" if action == "access.decide" else "Request for more budget"
    keys = [
        CloseUpKey(key, label, Deed(action, {"id": row.key, given: True}, form=True, subject=row.key))
        for key, label, given in (("a", "approve", "approve"), ("r", "refuse", "deny"))
    ]
    return CloseUp(title, pairs_of(row, project), keys)
