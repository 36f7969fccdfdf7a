"""Models that labs give each other, and what was used of them elsewhere."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, state, table
from appliance.domain.amounts import size
from appliance.domain.results import (
    ReceivedLine,
    ReceivedStatement,
    ReceivedStatements,
    RegistryStatementIssued,
    RegistryStatements,
    ShareChecked,
    ShareDetail,
    ShareLine,
    ShareList,
    ShareSent,
)

_COLUMNS: Final = ("MODEL", "REVISION", "GIVES", "TIER", "LEASE", "STATE", "REVIEWED")
_FETCHED: Final = ("BOX", "DAY (UTC)", "REQUESTS", "BYTES")
_USED: Final = ("MODEL", "BOXES", "INSTITUTIONS", "REQUESTS", "TOKENS IN", "TOKENS OUT", "GFLOP")


def checked(result: ShareChecked) -> RenderableType:
    """What was looked at, and the next step."""
    return Group(
        cell(
            f"{result.model}, revision {result.revision}: {result.files} files ({size(result.size_bytes)}) "
            f"of {', '.join(result.forms)} are what the recipe says, and nothing in them speaks against it."
        ),
        cell(f"Others would know it as {result.shared_as}, of {result.organization}."),
        cell(f"Next: carrel share weights {result.model} --record FILE --address ADDRESS"),
    )


def sent(result: ShareSent) -> RenderableType:
    """What is true from now on."""
    models = ", ".join(result.models) or "no model"
    return Group(
        cell(f"{result.organization} shares {models} (list {result.version})."),
        cell(f"It goes to the registry with the next sync. Sign anew before {day(result.expires_ms)} UTC."),
    )


def shares(result: ShareList) -> RenderableType:
    """The list as it stands."""
    if not result.version:
        return cell("This lab shares nothing. `carrel share weights` begins; see `carrel help sharing`.")
    facts = sheet(
        [
            ("organization", result.organization),
            (
                "list",
                f"{result.version}, sent {day(result.sent_ms)}, good until {day(result.expires_ms)} UTC",
            ),
            ("gives files", "yes" if result.serves else "no: `carrel config set share_weights true`"),
            *([("refused", result.refused)] if result.refused else []),
        ]
    )
    return Group(facts, Text(""), table(_COLUMNS, map(_row, result.models), right=("REVISION",)))


def detail(result: ShareDetail) -> RenderableType:
    """Its record, then who fetched it."""
    facts = sheet([*_facts(result), *_record(result)])
    if not result.fetched:
        return facts
    rows = [(one.box, one.day, one.requests, size(one.bytes)) for one in result.fetched]
    return Group(facts, Text(""), table(_FETCHED, rows, right=("REQUESTS", "BYTES")))


def received(result: ReceivedStatements) -> RenderableType:
    """One month after the other."""
    if not result.statements:
        return cell("No statement has come from the registry yet.")
    note = f"Numbers about fewer than {result.least_users} people are not told."
    return Group(*(part for one in result.statements for part in _statement(one)), cell(note))


def issued(result: RegistryStatements) -> RenderableType:
    """What organizations are told."""
    if not result.statements:
        return cell("Nobody used an organization's models elsewhere in that month.")
    return Group(*(part for one in result.statements for part in _issued(one)))


def _issued(one: RegistryStatementIssued) -> Iterator[RenderableType]:
    yield cell(f"{one.organization}: for {one.boxes} boxes, with their next sync")
    yield _used(one.lines)
    yield Text("")


def _statement(one: ReceivedStatement) -> Iterator[RenderableType]:
    yield cell(f"{one.organization}, {one.first_day} to {one.last_day}, signed {day(one.signed_ms)} UTC")
    yield _used(one.lines)
    yield Text("")


def _used(lines: Iterable[ReceivedLine]) -> RenderableType:
    rows = [(line.model, line.boxes, line.institutions, *map(_number, _counts(line))) for line in lines]
    return table(_USED, rows, right=_USED[1:])


def _counts(line: ReceivedLine) -> tuple[int | None, ...]:
    return line.requests, line.input_tokens, line.output_tokens, line.gflop


def _number(count: int | None) -> str:
    return "few" if count is None else f"{count:,}"


def _row(one: ShareLine) -> tuple[object, ...]:
    lease = "yes" if one.lease else "no"
    return one.model, one.revision, one.kind, one.tier, lease, state(one.state), one.reviewed_on


def _facts(result: ShareDetail) -> Iterator[tuple[str, object]]:
    line = result.line
    yield "model", f"{line.model}, revision {line.revision}"
    yield "gives", line.kind
    yield "state", state(line.state)
    yield "license", result.license
    yield "tier", line.tier
    yield "lease", "needed" if line.lease else "not needed"
    for source in result.sources:
        yield "source", source


def _record(result: ShareDetail) -> Iterator[tuple[str, object]]:
    record = result.record
    yield "contact", record.contact
    for name, lines in (("benefit", record.benefits), ("harm", record.harms), ("tried", record.evaluations)):
        for line in lines:
            yield name, line
    yield "reviewed", f"by {record.reviewed_by} on {record.reviewed_on}"


PRESENTERS: Final[dict[Any, Any]] = {
    ShareChecked: checked,
    ShareSent: sent,
    ShareList: shares,
    ShareDetail: detail,
    ReceivedStatements: received,
    RegistryStatements: issued,
}
