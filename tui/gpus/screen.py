"""The screen GPUS: whose memory it is, what is wrong, and the machine beside them."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from textual.containers import Vertical
from textual.widget import Widget

from appliance.domain.actions import action as action_of
from appliance.domain.command_line import command_of
from appliance.domain.results import GpuList, GpuStatus, ModelDetail, Pulse, Status
from appliance.domain.watching import Topic
from tui.deeds import ActionKey
from tui.gpus import memory, table
from tui.gpus.history import History
from tui.parts.cells import Cell, size
from tui.parts.lines import Lines
from tui.parts.rows import Rows
from tui.parts.titles import Title
from tui.screen import BoxScreen

GPUS: Final = Topic("gpu.list", (), 2000)
PULSE: Final = Topic("pulse", (("seconds", 3),), 2000)
STATUS: Final = Topic("status", (), 1000)
_MODELS: Final = 12
"""Models whose processes are looked at."""
_EVERY_MS: Final = 5000


class GpusScreen(BoxScreen):
    """A table of GPUs, and below it the map of the chosen one."""

    NAME = "gpus"
    TITLE_IN_TABS = "GPUS"
    EXPLAINS = (
        "GPUs of this machine and the machine itself: whose memory it is, how busy and how warm they are, "
        "what is wrong. Enter shows the last ten minutes. Release leaves a GPU to others; take uses it again."
    )
    KEYS = (
        ActionKey("x", "gpu.release", "release", within="gpus", quiet=True),
        ActionKey("s", "gpu.take", "take", within="gpus", quiet=True),
    )
    DEFAULT_CSS = """
    GpusScreen #gpus { height: 6; margin: 0 1; }
    GpusScreen #map { height: 1fr; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._models: tuple[str, ...] = ()

    def body(self) -> Widget:
        """The table and the map."""
        return Vertical(
            Rows(table.COLUMNS, id="gpus", empty="Nobody knows yet."),
            Title("", id="map-title"),
            Lines(id="map"),
        )

    def topics(self) -> Sequence[Topic]:
        """Also each model that runs: its processes say whose memory it is."""
        return (GPUS, PULSE, STATUS, *(_shown(one) for one in self._models))

    def show(self, topic: Topic, result: msgspec.Struct) -> None:
        """Whatever came, all is drawn."""
        if isinstance(result, Status) and topic == STATUS:
            running = tuple(
                one.id for one in result.models if one.state != "available" and not one.leaves_box
            )
            if running[:_MODELS] != self._models:
                self._models = running[:_MODELS]
                self.call_after_refresh(self.follow_anew)
        elif isinstance(result, GpuList | Pulse | ModelDetail):
            self._draw()

    def on_resize(self) -> None:
        """The map is as wide as there is room."""
        self._draw()

    @property
    def _details(self) -> list[ModelDetail]:
        found = (self.app.latest(_shown(one)) for one in self._models)
        return [one for one in found if isinstance(one, ModelDetail)]

    def _draw(self) -> None:
        found, pulse = self.app.latest(GPUS), self.app.latest(PULSE)
        if not isinstance(found, GpuList):
            return
        machine = table.machine_of(found, pulse if isinstance(pulse, Pulse) else None, self._details)
        rows = table.rows_of(found, machine, ascii_only=self.app.ascii_only)
        shown = self.query_one("#gpus", Rows)
        shown.styles.height = 1 + max(1, min(len(rows), (self.size.height - 4) // 2))
        shown.show(rows)
        self._draw_map()

    def on_rows_chosen(self) -> None:
        """The map is of the chosen one."""
        self._draw_map()

    def _draw_map(self) -> None:
        row = self.query_one("#gpus", Rows).chosen
        title, lines = self.query_one("#map-title", Title), self.query_one("#map", Lines)
        if row is None:
            return
        title.show(_title(row.data))
        width, plain = max(8, self.size.width - 2), self.app.ascii_only
        if isinstance(row.data, GpuStatus):
            lines.show(self._gpu_lines(row.data, width))
        elif isinstance(row.data, table.Machine):
            drawn = memory.map_of(row.data.memory, width, ascii_only=plain, others="all else's")
            lines.show([*drawn, *self._machine_lines(row.data)])

    def _gpu_lines(self, gpu: GpuStatus, width: int) -> list[memory.Line]:
        drawn = memory.map_of(memory.of_gpu(gpu), width, ascii_only=self.app.ascii_only)
        troubles: list[memory.Line] = [[one] for one in table.troubles(gpu)]
        measured = ", ".join(_measured(gpu))
        left = self.query_one("#map", Lines).size.height - len(drawn) - len(troubles) - 1
        held = memory.holders(gpu, self._details, max(2, left))
        return [*drawn, *troubles, *held, [Cell(measured, "quiet")]]

    def _machine_lines(self, machine: table.Machine) -> list[memory.Line]:
        busy = machine.processor_percent
        made: list[memory.Line] = [
            [
                Cell(model.id, "strong"),
                f" holds {size(held)} on {threads} {'thread' if threads == 1 else 'threads'}",
            ]
            for model in self._details
            if (held := sum(one.memory_bytes for one in model.replicas if not one.gpus))
            for threads in [sum(one.threads for one in model.replicas if not one.gpus)]
        ]
        said = "" if busy is None else f", {busy:.0f} % busy"
        return [*made, [Cell(f"{machine.cores} cores{said}", "quiet")]]

    # ---- what is chosen ----

    def chosen(self) -> Mapping[str, object]:
        """The number of the GPU."""
        row = self.query_one("#gpus", Rows).chosen
        return {"gpu": row.data.index} if row and isinstance(row.data, GpuStatus) else {}

    def subject(self) -> str:
        """What it is called."""
        return f"GPU {self.chosen()['gpu']}" if self.chosen() else ""

    def copied_command(self) -> str:
        """There is one for all."""
        return command_of(action_of("gpu.list"), {})

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a released GPU can be taken, and only another one released."""
        if not super().check_action(action, parameters):
            return False
        if action != "begin" or not isinstance(parameters[0], int):
            return True
        row = self.query_one("#gpus", Rows).chosen
        if row is None or not isinstance(row.data, GpuStatus):
            return False
        return (row.data.state == "released") == (self.KEYS[parameters[0]].action == "gpu.take")

    @property
    def shown_keys(self) -> Sequence[tuple[str, str]]:
        """Enter too."""
        return [("enter", "10 minutes"), *super().shown_keys]

    def on_rows_opened(self, opened: Rows.Opened) -> None:
        """Its last ten minutes."""
        data = opened.row.data
        if isinstance(data, GpuStatus):
            self.app.push_screen(History(f"GPU {data.index}", data.index, data.memory_total_bytes))
        elif isinstance(data, table.Machine):
            self.app.push_screen(History("Processor and memory", None, data.memory.total))


def _shown(model: str) -> Topic:
    return Topic("model.show", (("model", model),), _EVERY_MS)


def _title(data: object) -> str:
    if isinstance(data, GpuStatus):
        driver = f", driver {data.driver}" if data.driver else ""
        return f"GPU {data.index}: {data.name}{driver}"
    return "Processor and memory"


def _measured(gpu: GpuStatus) -> list[str]:
    made = []
    if gpu.utilization_percent is not None:
        made.append(f"{gpu.utilization_percent} % busy")
    if gpu.temperature_c is not None:
        made.append(f"{gpu.temperature_c} C")
    if gpu.power_w is not None:
        made.append(table.power(gpu))
    return made or ["The driver does not tell how busy or warm it is."]
