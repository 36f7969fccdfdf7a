"""Overnight work as rows. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from appliance.domain.results import BatchSummary
from tui.jobs.downloads import bar
from tui.parts.cells import Cell, cell, clock, state
from tui.parts.rows import Row
from tui.parts.widths import Column

COLUMNS: Final = (
    Column("WHOSE", share=1, least=8),
    Column("PROJECT", share=1, least=8, from_width=90),
    Column("MODEL", share=1, least=10, from_width=66),
    Column("STATE", 12),
    Column("ANSWERED", 11),
    Column("", 5, right=True),
    Column("OF", 6, right=True, from_width=60),
    Column("ERRORS", 6, right=True, from_width=56),
    Column("SINCE", 16, right=True, from_width=100),
)
_WORDS: Final = {
    "validating": "checking",
    "in_progress": "running",
    "finalizing": "writing",
    "completed": "done",
    "cancelling": "stopping",
}
"""Of OpenAI's words those that a person would not say."""
STAND_STILL: Final = frozenset({"paused", "completed", "failed", "expired", "cancelled"})
FITS: Final[Mapping[str, frozenset[str]]] = {
    "pause": frozenset({"validating", "in_progress"}),
    "resume": frozenset({"paused"}),
    "cancel": frozenset({"validating", "in_progress", "paused"}),
}
"""In which states a key does something."""


def rows_of(batches: Iterable[BatchSummary], *, ascii_only: bool) -> list[Row]:
    """One row each, as the box orders them."""
    return [
        Row(
            one.id,
            (
                cell(one.person, "strong"),
                cell(one.project),
                cell(one.model or "-"),
                state(word_of(one), ascii_only=ascii_only),
                *bar(percent_of(one), ascii_only=ascii_only),
                cell(one.total or "-"),
                cell(one.failed, "bad" if one.failed else "quiet"),
                cell(clock(one.created_ms), "quiet"),
            ),
            one,
        )
        for one in batches
    ]


def word_of(batch: BatchSummary) -> str:
    """Its state in the words that downloads have too."""
    return _WORDS.get(batch.state, batch.state)


def percent_of(batch: BatchSummary) -> int:
    """Of its lines, how many have their end; all of them only once it is over."""
    if batch.state == "completed":
        return 100
    return min(99, (batch.completed + batch.failed) * 100 // batch.total) if batch.total else 0


def _state_of(batch: BatchSummary) -> Cell:
    """In both words, where OpenAI's is another one."""
    shown = state(word_of(batch))
    return shown if word_of(batch) == batch.state else Cell(f"{shown.text} ({batch.state})", shown.tone)


def pairs(batch: BatchSummary) -> list[tuple[str, Cell | str]]:
    """All that is known of one."""
    made: list[tuple[str, Cell | str]] = [
        ("batch", batch.id),
        ("whose", f"{batch.person}, project {batch.project}"),
        ("state", _state_of(batch)),
    ]
    if batch.reason:
        made.append(("why", Cell(batch.reason, "bad")))
    made += [
        ("lines", f"{batch.completed} answered, {batch.failed} failed, of {batch.total}"),
        ("asks", f"{batch.model or 'its models'} at {batch.endpoint}"),
        ("since", f"{clock(batch.created_ms)} UTC"),
    ]
    if batch.state == "paused":
        made.append(("ends by", f"{clock(batch.expires_ms)} UTC, and later by as long as it is paused"))
    elif batch.ended_ms is None:
        made.append(("ends by", f"{clock(batch.expires_ms)} UTC; what is answered then is kept"))
    else:
        made.append(("ended", f"{clock(batch.ended_ms)} UTC"))
    return made
