"""Who did what, and whether the record of it is whole."""

import json
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, state, table
from appliance.domain.plain_text import one_line
from appliance.domain.results import AuditExport, AuditHeadShown, AuditLine, AuditList, AuditVerification

_COLUMNS: Final = ("ROW", "TIME (UTC)", "WHO", "FROM", "DID", "WITH", "OUTCOME")


def acts(result: AuditList) -> RenderableType:
    """One line an act."""
    if not result.acts:
        return Text("Nothing of that kind was done.")
    rows = [
        (one.seq, day(one.at_ms), one.actor, one.origin, one.action, _arguments(one), state(one.outcome))
        for one in result.acts
    ]
    made = table(_COLUMNS, rows, right=("ROW",))
    return Group(made, Text("There is more; see --limit.")) if result.more else made


def head(result: AuditHeadShown) -> RenderableType:
    """The token alone on its line, to be kept."""
    facts = f"Row {result.seq}, {result.outcomes} outcomes, of the box whose key is {result.box}."
    return Group(cell(result.signed), cell(facts))


def verification(result: AuditVerification) -> RenderableType:
    """The verdict first."""
    if result.ok:
        compared = f", and {result.compared_with} kept heads" if result.compared_with else ""
        return Text(f"All {result.rows} rows are what was written{compared}.", style="green")
    bad = Text(f"Row {result.first_bad} is the first that is wrong: {one_line(result.reason)}.", style="red")
    advice = "Keep a copy of the data folder, and compare with the heads and exports that you have elsewhere."
    return Group(bad, sheet([("good rows", result.rows), ("what now", advice)]))


def export(result: AuditExport) -> RenderableType:
    """The lines as they are."""
    return Text("\n".join(one_line(line) for line in result.lines), no_wrap=True, overflow="ignore")


def _arguments(one: AuditLine) -> str:
    try:
        given = json.loads(one.arguments)
    except ValueError:
        return one.arguments
    return " ".join(f"{name}={value}" for name, value in given.items()) if isinstance(given, dict) else ""


PRESENTERS: Final[dict[Any, Any]] = {
    AuditList: acts,
    AuditHeadShown: head,
    AuditVerification: verification,
    AuditExport: export,
}
