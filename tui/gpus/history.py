"""What one GPU, or the machine, did in the last ten minutes: one plot for each measure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual.app import ComposeResult
from textual.containers import Grid

from appliance.domain.results import GpuHistories
from appliance.errors import CarrelError
from tui.parts.cells import short_number
from tui.parts.dialogs import Dialog
from tui.parts.lines import Lines
from tui.parts.plots import Axes, Curve, Plot
from tui.viewer import Viewer

MINUTES: Final = 10
_AGAIN_S: Final = 5.0
"""As often as the box looks."""
_GIB: Final = 1024**3


@dataclass(frozen=True, slots=True)
class Measure:
    """One plot: its title, its values, the end of its upright axis (0: the greatest value)."""

    title: str
    values: tuple[float | None, ...]
    unit: str
    top: float = 0


def measures(found: GpuHistories, index: int | None, total_bytes: int) -> list[Measure]:
    """Of a GPU, or of the machine where ``index`` is None; empty for a GPU that is not told of."""
    if index is None:
        return [
            Measure("Memory", _gib(found.memory_used_bytes), "GiB", total_bytes / _GIB),
            Measure("Processor", found.processor_percent, "%", 100),
        ]
    gpu = next((one for one in found.gpus if one.index == index), None)
    if gpu is None:
        return []
    return [
        Measure("Memory", _gib(gpu.memory_used_bytes), "GiB", total_bytes / _GIB),
        Measure("Busy", gpu.utilization_percent, "%", 100),
        Measure("Temp", gpu.temperature_c, "C"),
        Measure("Power", gpu.power_w, "W"),
    ]


def _gib(values: Sequence[int | None]) -> tuple[float | None, ...]:
    return tuple(None if one is None else one / _GIB for one in values)


def title_of(measure: Measure) -> str:
    """With the newest value and the greatest."""
    known = [one for one in measure.values if one is not None]
    if not known:
        return f"{measure.title}: the driver does not tell"
    return f"{measure.title} {short_number(known[-1])} {measure.unit}, most {short_number(max(known))}"


class History(Dialog[None]):
    """Asks again every few seconds while it is open. ``index`` None is the machine."""

    DEFAULT_CSS = """
    History #plots { grid-size: 2; grid-gutter: 0 2; height: 1fr; }
    History #plots.-machine { grid-size: 1; }
    History #said { height: auto; display: none; }
    History #said.-open { display: block; }
    """
    app: Viewer

    def __init__(self, name: str, index: int | None, total_bytes: int) -> None:
        super().__init__(f"{name}: the last {MINUTES} minutes", full=True)
        self._index = index
        self._total_bytes = total_bytes

    def contents(self) -> ComposeResult:
        """Two plots for the machine, four for a GPU."""
        count = 2 if self._index is None else 4
        yield Lines(id="said")
        yield Grid(
            *(Plot(id=f"plot{number}") for number in range(count)),
            id="plots",
            classes="-machine" if self._index is None else "",
        )

    def on_mount(self) -> None:
        """Begin to ask."""
        self.query_one("#frame").border_subtitle = "esc close"
        self._ask()
        self.set_interval(_AGAIN_S, self._ask)

    def _ask(self) -> None:
        self.run_worker(self._load(), group="loading", exclusive=True)

    async def _load(self) -> None:
        try:
            found = await self.app.box.run("gpu.history", {"minutes": MINUTES})
        except CarrelError as error:
            self._say(error.message)
            return
        if isinstance(found, GpuHistories):
            self._draw(found)

    def _say(self, text: str) -> None:
        said = self.query_one("#said", Lines)
        said.set_class(bool(text), "-open")
        said.say(text, "bad")

    def _draw(self, found: GpuHistories) -> None:
        shown = measures(found, self._index, self._total_bytes)
        span_s = found.step_s * len(found.processor_percent)
        self._say("" if shown else "Nothing is told of it.")
        left = f"{span_s // 60} min ago" if span_s >= 120 else f"{span_s} s ago"
        for number, one in enumerate(shown):
            axes = Axes(left=left, unit=one.unit, top=one.top)
            self.query_one(f"#plot{number}", Plot).show([Curve(one.values)], axes, title_of(one))
