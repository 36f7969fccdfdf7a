"""Waits for what takes long: a dialog that can be left, while the work goes on."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from textual.app import ComposeResult
from textual.widget import Widget

from tui.acting.frames import Framed, keys_line
from tui.parts.cells import Cell
from tui.parts.lines import Lines
from tui.viewer import Viewer

_AT_ONCE_S: Final = 0.5
"""What is done by then has no dialog."""


class Waiting(Framed[None]):
    """Says what goes on. Esc leaves it to go on in the background."""

    def __init__(self, does: str, command: str, *, ends_with_viewer: bool) -> None:
        super().__init__(does)
        self.does = does
        self._command = command
        self._ends = ends_with_viewer

    def contents(self) -> ComposeResult:
        """Some sentences."""
        yield Lines(id="says")

    def below(self) -> Sequence[Widget]:
        """The key."""
        return (Lines(id="keys"),)

    def on_mount(self) -> None:
        """Fill it."""
        ends = "It ends when this viewer is closed." if self._ends else "It is carried out in any case."
        self.query_one("#says", Lines).show(
            [[Cell("$ ", "quiet"), self._command], ["Under way. ", Cell(ends, "quiet")]]
        )
        self.query_one("#keys", Lines).show([keys_line(("esc", "let it go on in the background"))])
        self.fit(6)


@dataclass(frozen=True, slots=True)
class Came:
    """What came of it, and whether somebody stayed to see it."""

    result: msgspec.Struct
    seen: bool


async def awaited(app: Viewer, work: Coroutine[Any, Any, msgspec.Struct], dialog: Waiting) -> Came:
    """The work's result; whatever it raises. Work that nobody waits for any more is ended."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=_AT_ONCE_S)
        if task.done():
            return Came(task.result(), seen=True)

        def left(_: None) -> None:
            if not task.done():
                app.notify("It goes on; what comes of it is told.", title=dialog.does, markup=False)

        await app.push_screen(dialog, left)
        await asyncio.wait({task})
        seen = dialog in app.screen_stack
        if seen:
            dialog.dismiss(None)
        return Came(task.result(), seen=seen)
    finally:
        task.cancel()
