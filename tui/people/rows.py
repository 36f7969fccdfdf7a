"""The rows of projects, people and keys, from what the box answered. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from appliance.domain.days import day_text
from appliance.domain.results import KeySummary, MemberSummary, PersonSummary, ProjectSummary
from tui.parts.cells import Cell, cell, short_number, state
from tui.parts.rows import Row
from tui.parts.widths import Column
from tui.people.standing import WIDTH, Spending, Uses, bar_of

EVERYBODY: Final = ""
"""The key of the row that stands for all people, whatever project they belong to."""

PROJECTS: Final = (
    Column("PROJECT", share=2, least=9),
    Column("STATE", 9),
    Column("PEOPLE", 6, right=True, from_width=44),
    Column("TODAY", WIDTH, from_width=56),
    Column("TERM", WIDTH, from_width=32),
    Column("LEADS", share=1, from_width=68),
)
PEOPLE: Final = (
    Column("PERSON", share=2, least=9),
    Column("NAME", share=3, from_width=66),
    Column("PART", 8, from_width=60),
    Column("STATE", 11),
    Column("TODAY", WIDTH, from_width=36),
    Column("TERM", WIDTH, from_width=48),
    Column("24 H", 5, right=True, from_width=72),
)
"""``24 H``: requests in the last 24 hours."""
KEYS: Final = (
    Column("KEY", share=2, least=8),
    Column("LAST", 4, from_width=24),
    Column("STATE", 9),
    Column("UNTIL", 10, from_width=36),
    Column("LIMITS", share=2, from_width=60),
    Column("ID", 20, from_width=76),
)
_WORDS: Final = {"not_begun": "not yet"}


def project_rows(
    projects: Iterable[ProjectSummary],
    spending: Mapping[str, Spending],
    *,
    ascii_only: bool = False,
) -> list[Row]:
    """All people first, then one row a project."""
    every = Row(EVERYBODY, (Cell("(everybody)", "quiet"), *([Cell("")] * (len(PROJECTS) - 1))))
    return [every, *(_project(one, spending.get(one.id), ascii_only) for one in projects)]


def _project(one: ProjectSummary, spending: Spending | None, ascii_only: bool) -> Row:
    uses = Uses() if spending is None else spending.project
    cells = (
        cell(one.id),
        state(_WORDS.get(one.state, one.state), ascii_only=ascii_only),
        cell(one.members),
        bar_of(uses.today, ascii_only=ascii_only),
        bar_of(uses.term, ascii_only=ascii_only),
        cell(", ".join(one.leads)),
    )
    return Row(one.id, cells, one)


def people_rows(
    people: Iterable[PersonSummary | MemberSummary],
    spending: Spending | None,
    asked: Mapping[str, int],
    *,
    ascii_only: bool = False,
) -> list[Row]:
    """One row a person. ``asked`` is how many requests each made in the last 24 hours."""
    made = []
    for one in people:
        who = one.person if isinstance(one, MemberSummary) else one.id
        uses = Uses() if spending is None else spending.person(who)
        made.append(_person_row(one, uses, asked.get(who), ascii_only=ascii_only))
    return made


@lru_cache(maxsize=8192)
def _person_row(
    one: PersonSummary | MemberSummary, uses: Uses, requests: int | None, *, ascii_only: bool
) -> Row:
    """The same row for the same person: of thousands only those that changed are drawn anew."""
    who, part = (one.person, one.part) if isinstance(one, MemberSummary) else (one.id, one.role)
    cells = (
        cell(who),
        cell(one.name),
        cell(part),
        state(one.state, ascii_only=ascii_only),
        bar_of(uses.today, ascii_only=ascii_only),
        bar_of(uses.term, ascii_only=ascii_only),
        Cell("-", "quiet") if requests is None else cell(short_number(requests)),
    )
    return Row(who, cells, one)


def key_rows(keys: Sequence[KeySummary], *, ascii_only: bool = False) -> list[Row]:
    """One row a key; those that work first."""
    ordered = sorted(keys, key=lambda one: one.state != "active")
    return [
        Row(
            one.id,
            (
                cell(one.name),
                cell(one.last4),
                Cell("CANARY", "warn") if one.canary else state(one.state, ascii_only=ascii_only),
                cell("no end" if one.expires_ms is None else day_of(one.expires_ms)),
                cell(limits_of(one)),
                cell(one.id),
            ),
            one,
        )
        for one in ordered
    ]


def limits_of(one: KeySummary) -> str:
    """What the key may have, in words."""
    limits = (
        (one.requests_per_minute, "requests/min"),
        (one.tokens_per_minute, "tokens/min"),
        (one.requests_per_day, "requests/day"),
        (one.running, "at once"),
    )
    return (
        ", ".join(f"{short_number(number)} {what}" for number, what in limits if number) or "none of its own"
    )


def day_of(time_ms: int) -> str:
    """The day (UTC); the number where no calendar reaches."""
    try:
        return day_text(time_ms)
    except (OverflowError, ValueError, OSError):
        return f"{time_ms} ms"
