"""GPUs and the machine as rows, and what is wrong with them in words. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from appliance.domain.results import GpuList, GpuStatus, ModelDetail, Pulse
from tui.gpus.memory import Memory, bar_text, of_gpu, of_machine
from tui.parts.cells import Cell, cell, size, state
from tui.parts.rows import Row
from tui.parts.widths import Column

COLUMNS: Final = (
    Column("GPU", 3),
    Column("MEMORY", 14),
    Column("FREE", 9, right=True),
    Column("BUSY", 5, right=True, from_width=52),
    Column("TEMP", 5, right=True, from_width=64),
    Column("POWER", 9, right=True, from_width=88),
    Column("STATE", 13),
    Column("WHO", share=1, least=6, from_width=58),
)
_BAR: Final = 14
_HOT_C: Final = 85
MACHINE: Final = "cpu"
"""The key of the machine's row."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The processor and its memory, for whoever looks at that row."""

    memory: Memory
    cores: int
    processor_percent: float | None


def rows_of(found: GpuList, machine: Machine, *, ascii_only: bool) -> list[Row]:
    """The GPUs, then the machine."""
    return [*(_gpu_row(one, ascii_only=ascii_only) for one in found.gpus), _machine_row(machine, ascii_only)]


def machine_of(found: GpuList, pulse: Pulse | None, models: Iterable[ModelDetail]) -> Machine:
    """As far as it is known."""
    busy = pulse.processor_percent[-1] if pulse is not None and pulse.processor_percent else None
    return Machine(of_machine(found, models), found.cores, busy)


def _gpu_row(gpu: GpuStatus, *, ascii_only: bool) -> Row:
    foreign = any(not one.ours for one in gpu.processes)
    hot = gpu.temperature_c is not None and gpu.temperature_c >= _HOT_C
    cells = (
        cell(gpu.index, "strong"),
        cell(bar_text(of_gpu(gpu), _BAR, ascii_only=ascii_only), "warn" if foreign else ""),
        cell(size(gpu.memory_free_bytes)),
        cell(_told(gpu.utilization_percent, " %")),
        cell(_told(gpu.temperature_c, " C"), "warn" if hot else ""),
        cell(power(gpu)),
        state(gpu.state.replace("_", " "), ascii_only=ascii_only),
        _who(gpu),
    )
    return Row(str(gpu.index), cells, gpu)


def _machine_row(machine: Machine, ascii_only: bool) -> Row:
    memory = machine.memory
    busy = None if machine.processor_percent is None else round(machine.processor_percent)
    cells = (
        cell(MACHINE, "strong"),
        cell(bar_text(memory, _BAR, ascii_only=ascii_only)),
        cell(size(memory.free)),
        cell(_told(busy, " %")),
        cell("-"),
        cell("-"),
        state("ok", ascii_only=ascii_only),
        cell(f"{machine.cores} cores"),
    )
    return Row(MACHINE, cells, machine)


def _told(value: int | None, unit: str) -> str:
    return "-" if value is None else f"{value}{unit}"


def power(gpu: GpuStatus) -> str:
    """What it draws, of what it may."""
    if gpu.power_w is None:
        return "-"
    return f"{gpu.power_w:.0f} W" if gpu.limit_w is None else f"{gpu.power_w:.0f}/{gpu.limit_w:.0f} W"


def _who(gpu: GpuStatus) -> Cell:
    strangers = sorted({one.user or "others" for one in gpu.processes if not one.ours})
    if strangers:
        return cell(", ".join((*strangers, *gpu.models)), "warn")
    return cell(", ".join(gpu.models) or ("-" if gpu.state == "ok" else WHY.get(gpu.state, "-")))


WHY: Final = {
    "released": "left to others",
    "not_allowed": "not in `gpus`",
    "no_engine": "no engine for it",
    "broken": "see below",
}
"""Why no model is placed on it."""
_LONG_WHY: Final = {
    "released": "It is left to others: no model is placed on it until s takes it back.",
    "not_allowed": "The setting `gpus` leaves it out.",
    "no_engine": "No engine of this box can use it: `carrel doctor` says which one would.",
}


def troubles(gpu: GpuStatus) -> list[Cell]:
    """Faults and errors as sentences; empty where all is well."""
    made = [Cell(one, "bad") for one in gpu.faults]
    if gpu.ecc_errors:
        word = "error" if gpu.ecc_errors == 1 else "errors"
        made.append(Cell(f"{gpu.ecc_errors} {word} of its memory could not be corrected (ECC).", "bad"))
    if gpu.temperature_c is not None and gpu.temperature_c >= _HOT_C:
        made.append(Cell(f"It is hot ({gpu.temperature_c} C) and may slow itself down.", "warn"))
    if gpu.state in _LONG_WHY:
        made.append(Cell(_LONG_WHY[gpu.state], "warn"))
    return made
