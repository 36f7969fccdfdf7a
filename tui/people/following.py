"""What PEOPLE follows, by what is chosen there. Pure."""

from collections.abc import Sequence
from typing import Final

from appliance.domain.watching import Topic

PROJECTS: Final = Topic("project.list", (), 5000)
QUEUE: Final = Topic("access.queue", (), 2000)
ASKS: Final = Topic("budget.requests", (), 2000)
MOST_BUDGETS: Final = 9
"""Of how many projects around the chosen one the budget is asked for."""


def people_of(project: str) -> Topic:
    """Who belongs to a project; everybody where there is none."""
    if not project:
        return Topic("person.list", (), 5000)
    return Topic("member.list", (("project", project),), 3000)


def keys_of(project: str, person: str) -> Topic:
    """A person's keys, in a project where there is one."""
    of = (("project", project),) if project else ()
    return Topic("key.list", (*of, ("person", person)), 3000)


def budget_of(project: str) -> Topic:
    """A project's."""
    return Topic("budget.show", (("project", project),), 5000)


def asked_of(project: str) -> Topic:
    """How many requests each person made in the last 24 hours."""
    of = (("project", project),) if project else ()
    return Topic("usage", (*of, ("days", 1), ("by", "person")), 15_000)


def around(projects: Sequence[str], chosen: str) -> list[str]:
    """The projects whose budgets are wanted: those beside the chosen one, and itself."""
    known = [one for one in projects if one]
    at = known.index(chosen) if chosen in known else 0
    first = max(0, min(at - MOST_BUDGETS // 2, len(known) - MOST_BUDGETS))
    return known[first : first + MOST_BUDGETS]
