"""GPUs, and how a model would lie on them."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, sheet, state, table
from appliance.domain.amounts import size
from appliance.domain.plain_text import one_line
from appliance.domain.results import Fit, FitShare, GpuList, GpuProcessStatus, GpuStatus

_BAR_CELLS: Final = 40
_PARTS: Final = (("others_bytes", "x"), ("weight_bytes", "#"), ("kv_bytes", "="), ("buffer_bytes", "+"))
_LEGEND: Final = "x held by others   # weights   = KV cache   + buffers   . free or left free on purpose"


def gpu_list(result: GpuList) -> RenderableType:
    """One line a GPU, then what is wrong with them, then the machine."""
    made = table(
        ("GPU", "STATE", "NAME", "FREE", "OF", "BUSY", "TEMP", "POWER", "MODELS", "OTHERS"),
        [_gpu_row(gpu) for gpu in result.gpus],
        right=("GPU", "FREE", "OF", "BUSY", "TEMP", "POWER"),
    )
    faults = [cell(f"GPU {gpu.index}: {fault}") for gpu in result.gpus for fault in gpu.faults]
    machine = cell(
        f"{size(result.memory_available_bytes)} of {size(result.memory_total_bytes)} of memory is free; "
        f"{result.cores} cores."
    )
    notes = [Text(one_line(result.note), style="yellow")] if result.note else []
    return Group(made if result.gpus else Text("No NVIDIA GPU."), *faults, machine, *notes)


def fit(result: Fit) -> RenderableType:
    """The verdict, a bar a GPU, the day's work, what would fit, and every assumption."""
    return Group(
        sheet(_facts(result)),
        *_shares(result),
        *_advice(result),
        Text(""),
        Text("Taken for granted:", style="bold"),
        *(cell(f"- {one}") for one in result.assumptions),
    )


def _gpu_row(gpu: GpuStatus) -> tuple[object, ...]:
    others = [_other(one) for one in gpu.processes if not one.ours]
    return (
        gpu.index,
        state(gpu.state),
        gpu.name,
        size(gpu.memory_free_bytes),
        size(gpu.memory_total_bytes),
        "" if gpu.utilization_percent is None else f"{gpu.utilization_percent} %",
        "" if gpu.temperature_c is None else f"{gpu.temperature_c} °C",
        _power(gpu),
        ", ".join(gpu.models),
        ", ".join(others),
    )


def _other(process: GpuProcessStatus) -> str:
    owner = f" of {process.user}" if process.user else ""
    return f"{process.name or 'process'} {process.pid}{owner} ({size(process.memory_bytes)})"


def _power(gpu: GpuStatus) -> str:
    if gpu.power_w is None:
        return ""
    return f"{gpu.power_w:.0f} W" if gpu.limit_w is None else f"{gpu.power_w:.0f} of {gpu.limit_w:.0f} W"


def _facts(result: Fit) -> list[tuple[str, object]]:
    model = f"{result.model} (draft: can be planned for, not run)" if result.draft else result.model
    seats, copies = _counted(result.seats, "seat"), _counted(result.replicas, "replica")
    facts: list[tuple[str, object]] = [
        ("model", model),
        ("machine", result.machine),
        ("asked", f"{copies} with {seats} of {result.context_tokens:,} tokens"),
        ("verdict", state("fits" if result.fits else "does not fit")),
        ("how", result.reason),
    ]
    if result.day is not None:
        day = result.day
        facts += [
            ("a day", f"about {_roughly(day.tokens)} tokens, {_roughly(day.words)} words"),
            ("for", f"{day.dollars} dollars, {day.kilowatt_hours} kWh"),
        ]
    return facts


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _roughly(number: int) -> str:
    """Two digits of it: an estimate has no more."""
    return f"{round(number, 2 - len(str(number))):,}"


def _shares(result: Fit) -> list[RenderableType]:
    if not result.shares:
        return []
    columns = ("REPLICA", "GPU", "NAME", "LAYERS", "WEIGHTS", "KV", "BUFFERS", "FREE", "OF", "BAR")
    made = table(columns, [_share_row(share) for share in result.shares], right=columns[3:9])
    return [Text(""), made, Text(_LEGEND, style="dim")]


def _share_row(share: FitShare) -> tuple[object, ...]:
    return (
        share.replica,
        "" if share.gpu is None else share.gpu,
        share.name,
        share.layers,
        size(share.weight_bytes),
        size(share.kv_bytes),
        size(share.buffer_bytes),
        size(share.free_bytes),
        size(share.total_bytes),
        _bar(share),
    )


def _bar(share: FitShare) -> Text:
    """What is taken, in fortieths, rounded up: a part that is there is seen."""
    taken = "".join(
        sign * -(-_BAR_CELLS * getattr(share, part) // max(share.total_bytes, 1)) for part, sign in _PARTS
    )
    return Text(f"[{taken[:_BAR_CELLS]:.<{_BAR_CELLS}}]")


def _advice(result: Fit) -> list[RenderableType]:
    if result.fits:
        return []
    if not result.advice:
        return [Text(""), Text("Nothing smaller of it would fit.")]
    return [
        Text(""),
        Text("What would fit:", style="bold"),
        *(cell(f"- {one.text}") for one in result.advice),
    ]


PRESENTERS: Final[dict[Any, Any]] = {GpuList: gpu_list, Fit: fit}
