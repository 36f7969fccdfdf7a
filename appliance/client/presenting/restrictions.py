"""Restrictions, and what gates decided."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, table
from appliance.domain.plain_text import many_lines
from appliance.domain.results import (
    DecisionLine,
    DecisionList,
    RestrictionDetail,
    RestrictionLine,
    RestrictionList,
    RestrictionTest,
)


def restrictions(result: RestrictionList) -> RenderableType:
    """One line a version."""
    if not result.restrictions:
        return cell("Nothing is restricted.")
    rows = [
        (one.id, one.version, _says(one), one.why, one.by, day(one.since_ms)) for one in result.restrictions
    ]
    return table(("ID", "VERSION", "SAYS", "WHY", "BY", "SINCE (UTC)"), rows, right=("VERSION",))


def restriction(result: RestrictionDetail) -> RenderableType:
    """What it says, and the text of it to be kept."""
    one = result.restriction
    pairs = [
        ("version", one.version),
        ("by", one.by),
        ("since (UTC)", day(one.since_ms)),
        ("says", _says(one)),
    ]
    return Group(sheet([("restriction", one.id), *pairs]), Text(), Text(many_lines(result.toml)))


def tested(result: RestrictionTest) -> RenderableType:
    """The verdict, then why."""
    by = ", ".join(result.applied) or "nothing"
    facts = sheet([("verdict", result.verdict), ("model", result.model), ("restricted by", by)])
    return Group(facts, *(cell(one) for one in result.told))


def decisions(result: DecisionList) -> RenderableType:
    """One line a kind of decision and minute."""
    if not result.decisions:
        return cell("Nothing was refused or changed.")
    rows = [
        (
            day(one.minute_ms),
            one.verdict,
            _rule(one),
            one.restriction,
            one.person,
            one.project,
            one.key,
            one.model,
            one.count,
        )
        for one in result.decisions
    ]
    heads = ("MINUTE (UTC)", "VERDICT", "RULE", "RESTRICTION", "PERSON", "PROJECT", "KEY", "MODEL", "COUNT")
    more = [cell("There are older ones: --limit and --days show more.")] if result.more else []
    return Group(table(heads, rows, right=("COUNT",)), *more)


def _says(one: RestrictionLine) -> str:
    return "removed" if one.removed else "; ".join(one.says)


def _rule(one: DecisionLine) -> str:
    return one.gate if one.rule in {"", one.gate} else f"{one.gate}: {one.rule}"


PRESENTERS: Final[dict[Any, Any]] = {
    RestrictionList: restrictions,
    RestrictionDetail: restriction,
    RestrictionTest: tested,
    DecisionList: decisions,
}
