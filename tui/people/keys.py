"""The keys of PEOPLE: which action each begins, in which table. A key means the same in all of them."""

from typing import Final

from appliance.domain.results import MemberSummary
from tui.deeds import ActionKey

PROJECTS: Final = "projects"
PEOPLE: Final = "people"
KEYS: Final = "keys"
APPLICATIONS: Final = "applications"
ASKS: Final = "asks"

ACTION_KEYS: Final = (
    ActionKey("n", "project.new", "new project", PROJECTS),
    ActionKey("i", "person.import", "import", PROJECTS, form=True),
    ActionKey("a", "person.new", "add person", PROJECTS),
    ActionKey("b", "budget.set", "budget", PROJECTS, form=True),
    ActionKey("x", "project.close", "close", PROJECTS),
    ActionKey("R", "project.reopen", "reopen", PROJECTS),
    ActionKey("d", "project.show", "details", PROJECTS),
    ActionKey("m", "member.add", "member", PROJECTS, form=True),
    ActionKey("e", "project.set", "edit", PROJECTS, form=True),
    ActionKey("n", "key.new", "new key", PEOPLE, form=True),
    ActionKey("a", "person.new", "add", PEOPLE),
    ActionKey("b", "budget.set", "budget", PEOPLE, form=True),
    ActionKey("x", "person.end", "suspend", PEOPLE),
    ActionKey("R", "person.resume", "resume", PEOPLE),
    ActionKey("i", "person.import", "import", PEOPLE, form=True),
    ActionKey("d", "person.show", "details", PEOPLE),
    ActionKey("m", "member.add", "member", PEOPLE, form=True),
    ActionKey("o", "member.remove", "out of project", PEOPLE),
    ActionKey("e", "person.set", "edit", PEOPLE, form=True),
    ActionKey("n", "key.new", "new key", KEYS, form=True),
    ActionKey("x", "key.revoke", "revoke", KEYS),
    ActionKey("b", "budget.set", "budget", KEYS, form=True),
    ActionKey("e", "key.set", "limits", KEYS, form=True),
    ActionKey("a", "access.decide", "approve", APPLICATIONS, (("approve", True),), form=True),
    ActionKey("r", "access.decide", "refuse", APPLICATIONS, (("deny", True),), form=True),
    ActionKey("a", "budget.decide", "approve", ASKS, (("approve", True),), form=True),
    ActionKey("r", "budget.decide", "refuse", ASKS, (("deny", True),), form=True),
)

NEED: Final = {
    "project.close": ("open", "not_begun", "ended"),
    "project.reopen": ("closed",),
    "person.end": ("active",),
    "person.resume": ("suspended",),
    "key.revoke": ("active", "expired"),
    "key.set": ("active", "expired"),
}
"""The states in which the chosen row must be for an action."""
COPIES: Final = {
    PROJECTS: "project.show",
    PEOPLE: "person.show",
    KEYS: "key.list",
    APPLICATIONS: "access.show",
    ASKS: "budget.requests",
}
"""The action whose command ``c`` copies, by the table that has the focus."""
_OF_ROWS: Final = frozenset(
    {"access.decide", "budget.decide", "person.show", "person.set", "project.show", "project.set"}
)
"""They are nothing without a row."""
_STRANGERS: Final = {
    "person.new": ("person",),
    "project.new": ("project",),
}
"""Arguments that what is chosen does not give: they are of the thing that is made."""


def left_out(action: str, within: str) -> frozenset[str]:
    """The arguments of an action that are not those of the chosen row."""
    if (action, within) == ("budget.set", KEYS):
        return frozenset({"person"})
    return frozenset(_STRANGERS.get(action, ()))


def fits(action: str, chosen: object) -> bool:
    """Whether an action can be begun with what is chosen, as far as its state tells."""
    if action in NEED:
        return getattr(chosen, "state", "") in NEED[action]
    if action == "member.remove":
        return isinstance(chosen, MemberSummary)
    return chosen is not None or action not in _OF_ROWS
