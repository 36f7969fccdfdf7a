"""Keeps lines of the log in a file on the machine where the viewer runs."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from textual import work
from textual.app import ComposeResult
from textual.widgets import Input

from appliance.errors import BadRequest, CarrelError
from tui.acting.folders import short
from tui.parts.cells import Cell
from tui.parts.dialogs import Dialog
from tui.parts.lines import Lines


def save(path: Path, lines: Sequence[str]) -> None:
    """A new file that its owner alone can read. Raises ``BadRequest``. Blocks."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", errors="replace") as file:
            file.writelines(f"{one}\n" for one in lines)
    except FileExistsError as error:
        raise BadRequest(f"{path} is there already: choose another name.") from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no file has such a name"
        raise BadRequest(f"{path} cannot be written: {why}. Choose another place.") from error


class SaveDialog(Dialog[None]):
    """Asks where to."""

    DEFAULT_CSS = """
    SaveDialog > #frame { width: 70; }
    SaveDialog Input { padding: 0 1; background: $background; margin: 1 0; }
    """

    def __init__(self, lines: Sequence[str], name: str) -> None:
        super().__init__(f"save {len(lines)} lines")
        self._lines = tuple(lines)
        self._file_name = name

    def contents(self) -> ComposeResult:
        """What is done, the file's name, what went wrong."""
        yield Lines(id="what")
        yield Input(value=self._file_name, id="path", max_length=4096, compact=True)
        yield Lines(id="problem")

    def on_mount(self) -> None:
        """Say what happens."""
        here = short(str(Path.cwd()))
        said = f"Into a new file in {here}, or a path of its own. You alone can read it."
        self.query_one("#what", Lines).show([[Cell(said, "quiet")]])
        self.query_one("#path", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write it."""
        event.stop()
        if event.value.strip():
            self._save(Path(event.value.strip()).expanduser())

    @work(exclusive=True, group="loading")
    async def _save(self, path: Path) -> None:
        try:
            await asyncio.to_thread(save, path, self._lines)
        except CarrelError as error:
            self.query_one("#problem", Lines).show([[Cell(error.message, "bad")]])
        else:
            self.app.notify(f"{len(self._lines)} lines are in {path}", title="saved", markup=False)
            self.dismiss(None)
