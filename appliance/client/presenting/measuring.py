"""What a benchmark measured."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, table
from appliance.domain.results import BenchReport, BenchRun, Spread

_BAR_CELLS: Final = 20
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_FIRST: Final = ("OUTPUT TOKENS/S", "REQUESTS/S")
_TIMES: Final = ("TTFT", "ITL", "TPOT", "E2EL")


def bench(result: BenchReport) -> RenderableType:
    """One line a level: throughput with its bar, then the times, then what failed."""
    closed = all(run.concurrency is not None for run in result.runs)
    goodput = ("GOODPUT/S",) if result.goodput_limits else ()
    numbers = (*_FIRST, *_TIMES, *goodput, "ERRORS")
    columns = ("STREAMS" if closed else "ARRIVALS/S", _FIRST[0], "", *numbers[1:])
    most = max((run.output_tokens_per_s for run in result.runs), default=0.0)
    lines = [_line(run, most, with_goodput=bool(goodput)) for run in result.runs]
    return Group(
        table(columns, lines, right=(columns[0], *numbers)),
        cell(
            f"{result.model} at {result.url}, {result.workload}, answers of up to {result.max_tokens} tokens."
        ),
        cell("Times are p50/p95/p99 in ms."),
        *_notes(result),
    )


def _line(run: BenchRun, most: float, *, with_goodput: bool) -> tuple[object, ...]:
    level = run.concurrency if run.concurrency is not None else f"{run.rate_per_s:g}"
    times = (run.ttft_ms, run.itl_ms, run.tpot_ms, run.e2el_ms)
    return (
        level,
        f"{run.output_tokens_per_s:.1f}",
        Text(_bar(run.output_tokens_per_s, most), style="cyan"),
        f"{run.request_throughput:.2f}",
        *(_times(one) for one in times),
        *([f"{run.goodput or 0:.2f}"] if with_goodput else []),
        run.errors,
    )


def _notes(result: BenchReport) -> list[Text]:
    limits = [f"Goodput counts requests within {result.goodput_limits} ms."] if result.goodput_limits else []
    plots = [f"Plot: {result.plot}"] if result.plot else []
    notes = [cell(text) for text in (*limits, *plots)]
    error = next((run.first_error for run in result.runs if run.first_error), "")
    return [*notes, Text.assemble(("First error: ", "red"), cell(error))] if error else notes


def _times(measured: Spread | None) -> str:
    return (
        "-"
        if measured is None
        else "/".join(_short(one) for one in (measured.p50, measured.p95, measured.p99))
    )


def _short(ms: float) -> str:
    return f"{ms:.1f}" if ms < 100 else f"{ms:.0f}"


def _bar(value: float, most: float) -> str:
    """As long as the value's share of the highest one."""
    eighths = round(value / most * _BAR_CELLS * 8) if most else 0
    full, part = divmod(eighths, 8)
    return ("█" * full + _EIGHTHS[part]).rstrip()


PRESENTERS: Final[dict[Any, Any]] = {BenchReport: bench}
