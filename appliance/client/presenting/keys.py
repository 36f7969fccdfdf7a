"""Keys: one that was just made, and lists without secrets."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, state, table
from appliance.domain.results import KeyIssued, KeyList, KeySummary

_LIMITS: Final = (
    ("requests_per_minute", "requests/min"),
    ("tokens_per_minute", "tokens/min"),
    ("requests_per_day", "requests/day"),
    ("running", "at once"),
)


def key_issued(result: KeyIssued) -> RenderableType:
    """The secret first, alone on its line, to be copied."""
    facts = f"Key {result.id} ({result.name}) of project {result.project}, expires {day(result.expires_ms)}."
    return Group(cell(result.key), cell(facts), Text("It is not shown again.", style="yellow"))


def keys(result: KeyList) -> RenderableType:
    """One line a key, without its secret."""
    rows = [
        (
            one.id,
            state(one.state),
            f"…{one.last4}",
            one.name,
            one.project,
            one.person,
            day(one.expires_ms),
            _limits(one),
        )
        for one in result.keys
    ]
    heads = ("ID", "STATE", "ENDS IN", "NAME", "PROJECT", "PERSON", "EXPIRES (UTC)", "LIMITS")
    return table(heads, rows)


def _limits(one: KeySummary) -> str:
    if one.canary:
        return "canary: never works"
    limits = [(getattr(one, name), words) for name, words in _LIMITS]
    return ", ".join(f"{limit} {words}" for limit, words in limits if limit)


PRESENTERS: Final[dict[Any, Any]] = {KeyIssued: key_issued, KeyList: keys}
