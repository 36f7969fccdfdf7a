"""What was used: the numbers as a table, and over time as a plot above it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical

from appliance.client.presenting.budgets import amount
from appliance.domain.results import UsageLine, UsageReport
from tui.parts.bars import gauge
from tui.parts.cells import Cell, cell, short_number
from tui.parts.facts import Fact
from tui.parts.lines import Line, Lines
from tui.parts.plots import Axes, Curve, Plot
from tui.parts.rows import Row, Rows
from tui.parts.widths import Column

BY: Final = ("model", "project", "person", "key", "day", "hour")
DAYS: Final = (1, 7, 30, 90, 365)
TIMES: Final = ("day", "hour")
_BAR: Final = 16
COLUMNS: Final = (
    Column("WHAT", share=1, least=12),
    Column("REQUESTS", width=8, right=True),
    Column("IN", width=7, right=True),
    Column("CACHED", width=7, right=True, from_width=90),
    Column("OUT", width=7, right=True),
    Column("GPU S", width=8, right=True, from_width=60),
    Column("CREDITS", width=11, right=True),
    Column("SHARE OF CREDITS", width=_BAR + 6, from_width=100),
)


class Use(Vertical):
    """A line that says of what, a plot where that is over time, the numbers."""

    DEFAULT_CSS = """
    Use > #words-use { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Use > #plot { height: 40%; min-height: 6; display: none; }
    Use.-over-time > #plot { display: block; }
    """

    def compose(self) -> ComposeResult:
        """The plot is above, since time goes to the right."""
        yield Lines(id="words-use")
        yield Plot(id="plot")
        yield Rows(COLUMNS, id="use", empty="asking the box …")

    def show(self, report: UsageReport, project: str, days: int, *, ascii_only: bool) -> None:
        """Draw it."""
        rows = self.query_one("#use", Rows)
        rows.say_when_empty("Nothing was used in this time.")
        rows.show(rows_of(report, ascii_only=ascii_only))
        self.query_one("#words-use", Lines).show([words(report, project, days)])
        over_time = report.by in TIMES and bool(report.lines)
        self.set_class(over_time, "-over-time")
        if over_time:
            draw(self.query_one("#plot", Plot), report.lines)


def draw(plot: Plot, lines: Sequence[UsageLine]) -> None:
    """Tokens over time, the oldest at the left."""
    values = [float(one.prompt_tokens + one.completion_tokens) for one in lines]
    axes = Axes(left=lines[0].group, right=lines[-1].group, bars=len(values) <= 62)
    plot.show([Curve(values)], axes, "tokens, in and out")


def rows_of(report: UsageReport, *, ascii_only: bool) -> list[Row]:
    """Most used first; times in their order, the newest first."""
    lines = list(report.lines)
    if report.by in TIMES:
        lines.reverse()
    else:
        lines.sort(key=lambda one: (-one.gflop, -one.requests, one.group))
    most = sum(one.gflop for one in lines) or 1
    return [Row(one.group, _cells(one, one.gflop / most, ascii_only), one) for one in lines]


def words(report: UsageReport, project: str, days: int) -> Line:
    """Of what and since when, with the sums."""
    since = datetime.fromtimestamp(report.since_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
    of = f" of project {project}" if project else ""
    requests = sum(one.requests for one in report.lines)
    tokens = sum(one.prompt_tokens + one.completion_tokens for one in report.lines)
    spent = amount(sum(one.gflop for one in report.lines))
    return [
        Cell(f"by {report.by}{of}", "strong"),
        Cell(f", {days} d: ", "quiet"),
        f"{short_number(requests)} requests, {short_number(tokens)} tokens, {spent} credits",
        Cell(f"; since {since} UTC", "quiet"),
    ]


def facts_of(one: UsageLine, by: str) -> list[Fact]:
    """All numbers of one line, none of them shortened."""
    return [
        (by, one.group),
        ("requests", f"{one.requests:,}"),
        ("tokens in", f"{one.prompt_tokens:,}, of which {one.cached_tokens:,} were cached"),
        ("tokens out", f"{one.completion_tokens:,}"),
        ("GPU time", f"{one.gpu_ms / 1000:,.1f} s"),
        ("time", f"{one.wall_ms / 1000:,.1f} s"),
        ("credits", amount(one.gflop)),
        ("energy", "not measured" if one.energy_mj is None else f"{one.energy_mj / 3_600_000:.3f} Wh"),
        ("money", "not priced" if one.money_micro is None else f"{one.money_micro / 1_000_000:.2f}"),
    ]


def _cells(one: UsageLine, part: float, ascii_only: bool) -> tuple[Cell, ...]:
    drawn = "".join(piece.text for piece in gauge(part, _BAR, ascii_only))
    return (
        cell(one.group),
        cell(short_number(one.requests)),
        cell(short_number(one.prompt_tokens)),
        cell(short_number(one.cached_tokens), "quiet"),
        cell(short_number(one.completion_tokens)),
        cell(short_number(one.gpu_ms / 1000), "quiet"),
        cell(amount(one.gflop)),
        Cell(f"{drawn} {part * 100:3.0f} %", "strong"),
    )
