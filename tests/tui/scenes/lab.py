"""A made-up lab, and what each picture shows of it: a screen, or a dialog that some keys open."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

from textual.pilot import Pilot
from textual.widgets import Input

from appliance.domain.results import ClassList, Inbox, QueueStatus, Status
from tests.tui.fake_box import Answer, FakeBox
from tui.app import CarrelApp

MODULES = ("now", "models", "jobs", "gpus", "people", "classes", "usage", "logs", "acting")
AnswerRow = tuple[str, Mapping[str, object], Answer]
"""Action, the arguments that it is for, what it answers."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What to look at: the keys are pressed from the first screen on."""

    name: str
    keys: tuple[str, ...]


HEAD: list[AnswerRow] = [
    (
        "status",
        {},
        Status(
            state="ready",
            version="0.10.0",
            url="http://10.0.4.7:7411/v1",
            pid=4711,
            uptime_s=86_400 * 3,
            models=(),
            queue=QueueStatus(waiting=0, running=0, limit=512),
            storage="ok",
            federation="in step with registry.example.org, 12 min ago",
        ),
    ),
    ("inbox", {}, Inbox(rows=(), left_out=0)),
    ("class.list", {}, ClassList(classes=())),
]


def _modules() -> list[object]:
    found = []
    for name in MODULES:
        try:
            found.append(importlib.import_module(f"tests.tui.scenes.{name}"))
        except ModuleNotFoundError as error:
            if error.name != f"tests.tui.scenes.{name}":
                raise
    return found


def answers() -> list[AnswerRow]:
    """Those of all screens; later ones replace earlier ones. What the dialogs need gives way to what a screen
    shows.
    """
    ordered = sorted(_modules(), key=lambda one: not getattr(one, "__name__", "").endswith(".acting"))
    return [*HEAD, *(row for module in ordered for row in getattr(module, "ANSWERS", ()))]


def scenes() -> tuple[Scene, ...]:
    """All of them: each screen, then its dialogs, then those of actions."""
    modules = {str(getattr(one, "__name__", "")).rpartition(".")[2]: one for one in _modules()}
    made = []
    for number, mode in enumerate(MODULES[:8], 1):
        made.append(Scene(mode, (str(number),)))
        dialogs = getattr(modules.get(mode), "DIALOGS", ())
        made += [Scene(f"{mode}-{name}", (str(number), *keys)) for name, keys in dialogs]
    acting = getattr(modules.get("acting"), "DIALOGS", ())
    return (*made, *(Scene(f"acting-{name}", tuple(keys)) for name, keys in acting))


async def go_to(scene: Scene, app: CarrelApp, pilot: Pilot[None]) -> None:
    """Press the keys of the scene, and let come what comes after each."""
    for key in scene.keys:
        await pilot.press(key)
        # Of no workers it would wait for all: a form's go on as long as it is open.
        if loading := [one for one in app.workers if one.group == "loading"]:
            await app.workers.wait_for_complete(loading)
        await pilot.pause(0.25)
    for one in app.screen.query(Input):
        one.cursor_blink = False
    await still(app, pilot)


async def still(app: CarrelApp, pilot: Pilot[None]) -> None:
    """Until nothing is drawn anew for half a second: what is asked while somebody types comes late."""
    same, before = 0, ""
    while same < 5:
        await pilot.pause(0.1)
        now = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        same, before = (same + 1 if now == before else 0), now


def app_of(scene: Scene, kind: type[CarrelApp] = CarrelApp) -> CarrelApp:
    """The viewer on the made-up lab."""
    return kind(FakeBox(*answers(), name="lab-01"))
