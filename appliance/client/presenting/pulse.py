"""What the box does now, and what its hardware did: the last value, and the most of all."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, sheet, table
from appliance.domain.amounts import duration, size
from appliance.domain.results import GpuHistories, GpuHistory, Pulse

Number = int | float


def pulse(result: Pulse) -> RenderableType:
    """Now and the most of it, then the models."""
    if not result.running:
        return Text("The box has just started; ask again in a few seconds.")
    span = duration(len(result.running) * result.step_s)
    measured = table(("", "NOW", f"MOST IN {span}"), _measured(result), right=("NOW", f"MOST IN {span}"))
    facts = sheet(
        [
            ("first word", _first_word(result)),
            ("people", f"{result.people_active} in 15 minutes, {result.people_limited} met a limit"),
            ("longest wait", duration(result.longest_wait_s)),
            ("disk", _disk(result)),
        ]
    )
    models = [
        (one.model, one.people, f"{one.tokens_per_s:,.1f}", one.running, one.waiting) for one in result.models
    ]
    columns = ("MODEL", "PEOPLE", "TOKENS/S", "RUNNING", "WAITING")
    shown: list[RenderableType] = [Text(""), table(columns, models, right=columns[1:])] if models else []
    return Group(measured, Text(""), facts, *shown)


def gpu_histories(result: GpuHistories) -> RenderableType:
    """One line a GPU and one for the machine, each the last value and the most."""
    if not result.processor_percent:
        return Text("The box has just started; ask again in a few seconds.")
    span = duration(len(result.processor_percent) * result.step_s)
    machine = ("machine", *_both(result.memory_used_bytes, size), *_both(result.processor_percent, _percent))
    rows = [*(_gpu_row(gpu) for gpu in result.gpus), (*machine, "", "", "", "")]
    columns = ("GPU", "MEMORY", "MOST", "BUSY", "MOST", "TEMP", "MOST", "POWER", "MOST")
    return Group(
        table(columns, rows, right=columns[1:]),
        cell(f"In the last {span}, one value each {result.step_s} s; `--json` has them all."),
    )


def _measured(result: Pulse) -> list[tuple[object, ...]]:
    series: list[tuple[str, Sequence[Number], Callable[[Any], str]]] = [
        ("requests/s", result.requests_per_s, lambda one: f"{one:,.2f}"),
        ("tokens/s", result.tokens_per_s, lambda one: f"{one:,.1f}"),
        ("running", result.running, str),
        ("waiting", result.waiting, str),
        ("processor", result.processor_percent, lambda one: f"{one:.0f} % of {result.cores} cores"),
        (
            "memory",
            result.memory_used_bytes,
            lambda one: f"{size(one)} of {size(result.memory_total_bytes)}",
        ),
    ]
    return [(name, *_both(values, show)) for name, values, show in series]


def _first_word(result: Pulse) -> str:
    median, late = result.first_word_median_ms, result.first_word_p95_ms
    if median is None or late is None:
        return "no answer in 5 minutes"
    return f"{median / 1000:.2f} s (95 % within {late / 1000:.2f} s)"


def _disk(result: Pulse) -> str:
    if not result.disk_total_bytes:
        return "does not answer"
    needed = f", downloads need {size(result.disk_needed_bytes)}" if result.disk_needed_bytes else ""
    return f"{size(result.disk_free_bytes)} of {size(result.disk_total_bytes)} free{needed}"


def _gpu_row(gpu: GpuHistory) -> tuple[object, ...]:
    return (
        gpu.index,
        *_both(gpu.memory_used_bytes, size),
        *_both(gpu.utilization_percent, _percent),
        *_both(gpu.temperature_c, lambda one: f"{one} °C"),
        *_both(gpu.power_w, lambda one: f"{one:.0f} W"),
    )


def _both(values: Sequence[Number | None], show: Callable[[Any], str]) -> tuple[str, str]:
    """The last and the most, each empty where it is not known."""
    known = [one for one in values if one is not None]
    last = values[-1] if values else None
    return "" if last is None else show(last), show(max(known)) if known else ""


def _percent(value: Number) -> str:
    return f"{value:.0f} %"


PRESENTERS: Final[dict[Any, Any]] = {Pulse: pulse, GpuHistories: gpu_histories}
