"""Whose memory it is: of a GPU, or of the machine. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from appliance.domain.results import GpuList, GpuStatus, ModelDetail
from tui.parts.bars import Part, bar, sign
from tui.parts.cells import Cell, size
from tui.parts.short import gib

Line = list[Cell | str]


@dataclass(frozen=True, slots=True)
class Memory:
    """In bytes. ``hidden`` is held by the driver, or by whom the system does not tell."""

    total: int
    ours: int
    others: int
    hidden: int

    @property
    def free(self) -> int:
        """What nobody holds."""
        return max(0, self.total - self.ours - self.others - self.hidden)


def of_gpu(gpu: GpuStatus) -> Memory:
    """By its processes. What nobody accounts for is the models' where only they are there."""
    ours = sum(one.memory_bytes for one in gpu.processes if one.ours)
    others = sum(one.memory_bytes for one in gpu.processes if not one.ours)
    held = max(0, gpu.memory_total_bytes - gpu.memory_free_bytes)
    return Memory(gpu.memory_total_bytes, ours, others, max(0, held - ours - others))


def of_machine(machine: GpuList, models: Iterable[ModelDetail]) -> Memory:
    """What models hold that run on the processor; everything else is others'."""
    ours = sum(one.memory_bytes for model in models for one in model.replicas if not one.gpus)
    held = max(0, machine.memory_total_bytes - machine.memory_available_bytes)
    ours = min(ours, held)
    return Memory(machine.memory_total_bytes, ours, held - ours, 0)


def parts(memory: Memory) -> list[Part]:
    """For a bar."""
    total = max(memory.total, 1)
    return [
        (memory.ours / total, "ok", "#"),
        (memory.others / total, "bad", "x"),
        (memory.hidden / total, "quiet", "="),
    ]


def bar_text(memory: Memory, width: int, *, ascii_only: bool) -> str:
    """In one tone, for a table."""
    return "".join(one.text for one in bar(parts(memory), width, ascii_only))


def map_of(memory: Memory, width: int, *, ascii_only: bool, others: str = "others'") -> list[Line]:
    """The bar as wide as there is room, and what its letters mean; what matters least is last."""
    named = (
        ("#", "ok", "models'", memory.ours),
        ("x", "bad", others, memory.others),
        (".", "quiet", "free", memory.free),
        ("=", "quiet", "driver's", memory.hidden),
    )
    legend: Line = []
    for letter, tone, name, size_bytes in named:
        if size_bytes:
            legend += [Cell(sign(letter, ascii_only=ascii_only), tone), f" {name} {gib(size_bytes)}  "]
    return [list(bar(parts(memory), width, ascii_only)), legend]


def holders(gpu: GpuStatus, models: Iterable[ModelDetail], most: int = 64) -> list[Line]:
    """Who holds how much of a GPU, in so many lines: strangers first, each with their owner."""
    owners = {one.pid: model.id for model in models for one in model.replicas if one.pid is not None}
    made: list[Line] = []
    ordered = sorted(gpu.processes, key=lambda process: (process.ours, -process.memory_bytes))
    shown = ordered if len(ordered) <= most else ordered[: most - 1]
    for one in shown:
        held = size(one.memory_bytes)
        if one.ours:
            made.append([Cell(_our_name(one.pid, owners, gpu.models), "strong"), f" holds {held}"])
        else:
            owner = f" of {one.user}" if one.user else ""
            name = one.name or "a process that the system hides"
            made.append([Cell(f"{name}{owner}", "bad"), f" holds {held}, not the box's (pid {one.pid})"])
    if rest := ordered[len(shown) :]:
        made.append([f"and {len(rest)} more hold {size(sum(one.memory_bytes for one in rest))}"])
    if not gpu.processes and gpu.models:
        made.append([Cell(", ".join(gpu.models), "strong"), " is placed here"])
    return made


def _our_name(pid: int, owners: Mapping[int, str], models: Sequence[str]) -> str:
    return owners.get(pid) or ", ".join(models) or "the box"
