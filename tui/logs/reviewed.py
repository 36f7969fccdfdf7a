"""Incidents, spot checks and flaw reports: what waits for a reviewer, and what was decided."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

import msgspec
from textual.binding import Binding, BindingType

from appliance.domain.results import IncidentList, IncidentSummary
from appliance.domain.results.reports import ReportLine, ReportList
from appliance.domain.results.samples import SampleLine, SampleList
from appliance.domain.watching import Topic, Value
from tui.deeds import Deed
from tui.logs.sections import Section, said
from tui.parts.cells import Cell, clock
from tui.parts.lines import Line
from tui.parts.rows import Row
from tui.parts.widths import Column

MOST: Final = 200
_EVERY_MS: Final = 3000
_WAITS: Final = {"open": "warn", "waits": "warn", "appealed": "bad"}
_HEAVY: Final = {"hold": "bad", "throttle": "warn", "warn": "warn", "critical": "bad", "high": "bad"}


class Reviewed(Section):
    """One of the three. ``VIEWS`` are what ``v`` goes round: what it is called, and with which arguments."""

    VIEWS: ClassVar[Sequence[tuple[str, Mapping[str, Value]]]]
    SHOWS: ClassVar[str]
    """The action that shows one."""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("v", "view", "view")]

    _view = 0

    def topic(self) -> Topic:
        """See ``Section``."""
        given: dict[str, Value] = {**self.VIEWS[self._view][1], "limit": MOST}
        return Topic(self.ACTION, tuple(sorted(given.items())), _EVERY_MS)

    def says(self) -> Line:
        """See ``Section``."""
        here, _ = self.VIEWS[self._view]
        return [Cell(f"{here}: {len(self.table.rows)}", "quiet"), Cell(f"   {self.more()}", "quiet")]

    def more(self) -> str:
        """What else there is to say of the list."""
        return ""

    def chosen(self) -> Mapping[str, object]:
        """See ``Section``."""
        row = self.table.chosen
        return {"id": row.key} if row else {}

    def opened(self, row: Row) -> Deed | None:
        """See ``Section``."""
        return Deed(self.SHOWS, {"id": row.key}, subject=row.key)

    def fill(self, rows: Iterable[Row]) -> None:
        """Draw these."""
        self.table.show(rows)
        self.draw_aside(self.table.chosen)

    def action_view(self) -> None:
        """The next view."""
        self._view = (self._view + 1) % len(self.VIEWS)
        self.draw_line()
        self.post_message(self.Anew())


class Incidents(Reviewed):
    """What tripwires have noticed, and what people say against it."""

    NAME = "incidents"
    TITLE = "Incidents"
    ACTION = "incident.list"
    SHOWS = "incident.show"
    COPIES = "incident.show"
    EMPTY = "No incident here. Tripwires count what is odd; they read nothing."
    VIEWS: ClassVar[Sequence[tuple[str, Mapping[str, Value]]]] = (
        ("all incidents", {}),
        ("open", {"state": "open"}),
        ("appealed", {"state": "appealed"}),
        ("reviewed", {"state": "reviewed"}),
        ("expired", {"state": "expired"}),
    )
    COLUMNS = (
        Column("STATE", 8),
        Column("WIRE", 15),
        Column("HOLDER", share=2),
        Column("PROJECT", share=2),
        Column("LEVEL", 8, from_width=56),
        Column("SCORE", 5, right=True, from_width=64),
        Column("LAST", 5, from_width=50),
    )

    def take(self, result: msgspec.Struct) -> None:
        """See ``Section``."""
        if isinstance(result, IncidentList):
            wanted = self.VIEWS[self._view][1].get("state")
            self.fill(
                _incident(one, self.app.box.now_ms())
                for one in result.incidents
                if wanted in {None, one.state}
            )

    def aside(self, row: Row) -> Sequence[Line]:
        """See ``Section``."""
        one = row.data
        if not isinstance(one, IncidentSummary):
            return ()
        now = self.app.box.now_ms()
        return said(
            ("incident", one.id),
            ("wire", one.wire),
            ("holder", one.holder),
            ("project", one.project),
            ("leads to", f"{one.level}, until {clock(one.ends_ms, now)}"),
            ("counted", f"{one.count}, {one.score}% of what it takes, {one.trips} times"),
            ("seen", f"{clock(one.first_ms, now)} to {clock(one.last_ms, now)}"),
            ("explained by", one.explained_by),
            ("decided", f"{one.verdict} by {one.decided_by}: {one.reason}" if one.verdict else ""),
            ("appeal", one.appeal),
        )


class Samples(Reviewed):
    """Requests that were drawn, beside the purpose that was declared."""

    NAME = "samples"
    TITLE = "Spot checks"
    ACTION = "sample.list"
    SHOWS = "sample.show"
    COPIES = "sample.show"
    EMPTY = "No spot check waits for a verdict."
    VIEWS: ClassVar[Sequence[tuple[str, Mapping[str, Value]]]] = (
        ("waiting for a verdict", {}),
        ("all spot checks", {"all": True}),
    )
    COLUMNS = (
        Column("VERDICT", 12),
        Column("BEGAN", 5),
        Column("PROJECT", share=1),
        Column("MODEL", share=1, from_width=60),
        Column("CONTENT", 10, from_width=90),
        Column("DECLARED PURPOSE", share=2),
    )
    _rates = ""

    def take(self, result: msgspec.Struct) -> None:
        """See ``Section``."""
        if isinstance(result, SampleList):
            self._rates = ", ".join(f"{one.tier} {one.rate}" for one in result.rates)
            every = "all" in self.VIEWS[self._view][1]
            self.fill(
                _sample(one, self.app.box.now_ms()) for one in result.samples if every or not one.verdict
            )

    def more(self) -> str:
        """See ``Reviewed``."""
        return f"drawn by tier: {self._rates}" if self._rates else ""

    def aside(self, row: Row) -> Sequence[Line]:
        """See ``Section``."""
        one = row.data
        if not isinstance(one, SampleLine):
            return ()
        return said(
            ("sample", one.id),
            ("purpose", one.purpose or "none was declared"),
            ("person", one.person),
            ("project", one.project),
            ("model", f"{one.model}, tier {one.tier}"),
            ("request", f"{one.request_id}, {one.kind}, {one.outcome}"),
            ("tokens", f"{one.prompt_tokens} + {one.completion_tokens}"),
            ("content", one.content),
            ("verdict", f"{one.verdict} by {one.decided_by}: {one.reason}" if one.verdict else "waits"),
        )


class Reports(Reviewed):
    """Flaws of models that people reported."""

    NAME = "reports"
    TITLE = "Reports"
    ACTION = "report.list"
    SHOWS = "report.show"
    COPIES = "report.show"
    EMPTY = "No flaw report waits for a reviewer."
    VIEWS: ClassVar[Sequence[tuple[str, Mapping[str, Value]]]] = (
        ("waiting for triage", {}),
        ("all reports", {"all": True}),
    )
    COLUMNS = (
        Column("STATE", 9),
        Column("SEVERITY", 8),
        Column("KIND", 12, from_width=70),
        Column("MODEL", share=1),
        Column("REPORTED", 8, from_width=56),
        Column("DESCRIPTION", share=2),
    )

    def take(self, result: msgspec.Struct) -> None:
        """See ``Section``."""
        if isinstance(result, ReportList):
            every = "all" in self.VIEWS[self._view][1]
            now = self.app.box.now_ms()
            self.fill(_report(one, now) for one in result.reports if every or one.state == "open")

    def aside(self, row: Row) -> Sequence[Line]:
        """See ``Section``."""
        one = row.data
        if not isinstance(one, ReportLine):
            return ()
        return said(
            ("report", one.id),
            ("by", f"{one.person} in {one.project}"),
            ("model", one.model),
            ("severity", f"{one.severity}, {one.category}, seen {one.seen} times"),
            ("drawn with", f"seed {one.seed}"),
            ("prompt", one.prompt),
            ("says", one.description),
            ("decided", f"{one.state} by {one.decided_by}: {one.reason}" if one.decided_by else ""),
            ("owner", one.owner),
        )


def _incident(one: IncidentSummary, now_ms: int) -> Row:
    cells = (
        Cell(one.state.upper(), _WAITS.get(one.state, "quiet")),
        Cell(one.wire),
        Cell(one.holder),
        Cell(one.project),
        Cell(one.level, _HEAVY.get(one.level, "")),
        Cell(f"{one.score}%"),
        Cell(clock(one.last_ms, now_ms), "quiet"),
    )
    return Row(one.id, cells, one)


def _sample(one: SampleLine, now_ms: int) -> Row:
    verdict = one.verdict or "waits"
    cells = (
        Cell(verdict.upper(), "bad" if verdict == "does-not-fit" else _WAITS.get(verdict, "quiet")),
        Cell(clock(one.started_ms, now_ms), "quiet"),
        Cell(one.project),
        Cell(one.model),
        Cell(one.content, "quiet"),
        Cell(one.purpose or "none was declared"),
    )
    return Row(one.id, cells, one)


def _report(one: ReportLine, now_ms: int) -> Row:
    cells = (
        Cell(one.state.upper(), _WAITS.get(one.state, "quiet")),
        Cell(one.severity, _HEAVY.get(one.severity, "")),
        Cell(one.category),
        Cell(one.model),
        Cell(clock(one.made_ms, now_ms), "quiet"),
        Cell(one.description),
    )
    return Row(one.id, cells, one)
