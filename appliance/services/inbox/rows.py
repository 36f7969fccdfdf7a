"""One row of the inbox, made the same way by all who gather."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from appliance.domain.inbox import Kind, Urgency
from appliance.domain.plain_text import one_line
from appliance.domain.results import InboxArgument, InboxRow

MOST_TEXT: Final = 300
MOST_SAID: Final = 160
"""Characters that somebody else wrote."""
NOTHING_GIVEN: Final[Mapping[str, str]] = MappingProxyType({})


def row(
    kind: Kind,
    id: str,
    text: str,
    *,
    urgency: Urgency,
    action: str,
    given: Mapping[str, str] = NOTHING_GIVEN,
    since_ms: int | None = None,
    project: str = "",
    person: str = "",
) -> InboxRow:
    """``given`` are the arguments of ``action`` that are known."""
    return InboxRow(
        kind=kind,
        id=id,
        text=clipped(text, MOST_TEXT),
        since_ms=since_ms,
        urgency=urgency,
        action=action,
        arguments=tuple(InboxArgument(name=name, value=value) for name, value in given.items()),
        project=project,
        person=person,
    )


def said(text: str) -> str:
    """What somebody wrote, within a sentence."""
    return clipped(text, MOST_SAID)


def clipped(text: str, most: int) -> str:
    """One line of at most so many characters."""
    # Cut first: what comes from elsewhere can be long, and each character is looked at.
    line = one_line(text[: 4 * most])
    return line if len(line) <= most else f"{line[: most - 3]}..."
