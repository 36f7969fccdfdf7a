"""What is kept, for how long and of whom."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, table
from appliance.domain.plain_text import one_line
from appliance.domain.results import (
    PersonErased,
    PersonExport,
    PolicyShown,
    RetentionRules,
    RetentionRun,
)


def policy(result: PolicyShown) -> RenderableType:
    """A heading for each question, a line for each statement."""
    parts: list[RenderableType] = []
    for section in result.sections:
        parts += [Text(one_line(section.title), style="bold")]
        parts += [Text(f"  - {one_line(one)}") for one in section.statements]
    return Group(*parts)


def retention(result: RetentionRules) -> RenderableType:
    """One line a kind of record."""
    rows = [
        (one.record, "" if one.days is None else one.days, one.oldest, one.what, one.then)
        for one in result.rules
    ]
    return table(("RECORD", "DAYS", "OLDEST DAY", "WHAT", "THEN"), rows, right=("DAYS",))


def retention_run(result: RetentionRun) -> RenderableType:
    """What has ended."""
    ended = [(one.record, one.count) for one in result.done if one.count]
    return table(("RECORD", "ENDED"), ended, right=("ENDED",)) if ended else Text("Nothing was over.")


def person_export(result: PersonExport) -> RenderableType:
    """What there is, in short; --json has all of it."""
    rows = [(one.table, len(one.rows) + one.left_out, one.about) for one in result.tables]
    made = table(("TABLE", "ROWS", "WHAT"), rows, right=("ROWS",))
    where = f" in the project {result.project}" if result.project else ""
    facts = f"Kept about {result.person}{where} on {day(result.at_ms)} UTC. --json prints the rows."
    return Group(made, cell(facts), *(cell(one) for one in result.elsewhere))


def person_erased(result: PersonErased) -> RenderableType:
    """What was done, and what stays."""
    pairs = [
        ("erased", result.person),
        ("now", result.erased_as),
        ("keys ended", result.keys_revoked),
        ("rows changed", result.rows_changed),
        ("rows deleted", result.rows_deleted),
        *(("stays", one) for one in result.kept),
    ]
    return sheet(pairs)


PRESENTERS: Final[dict[Any, Any]] = {
    PolicyShown: policy,
    RetentionRules: retention,
    RetentionRun: retention_run,
    PersonExport: person_export,
    PersonErased: person_erased,
}
