"""Cards or a report into a file, as the command line writes it: it runs where the box is."""

from dataclasses import dataclass
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from appliance.domain.actions import action as action_of
from appliance.domain.command_line import words_of
from appliance.domain.plain_text import many_lines, one_line
from tui.parts.dialogs import Dialog
from tui.parts.lines import Lines
from tui.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Saved:
    """What can be written: the action whose answer it is, its title, how the file is called."""

    action: str
    title: str
    says: str
    ending: str


CARDS: Final = Saved(
    "class.cards",
    "Cards to print",
    "Makes the keys of seats that have none, and pages of ten cards. Print them from a browser. Whoever has "
    "a card can use its key.",
    "cards.html",
)
REPORT: Final = Saved(
    "class.report", "Report as CSV", "What each seat used, for a spreadsheet.", "report.csv"
)


class Saving(Dialog[str]):
    """Asks for the path of the file; dismissed with it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "close", show=False)]
    DEFAULT_CSS = """
    Saving > #frame { width: 76; }
    Saving #path { border: none; height: 1; padding: 0; margin: 1 0; background: $background; }
    """
    app: Viewer

    def __init__(self, saved: Saved, class_id: str) -> None:
        super().__init__(f"{saved.title}: {class_id}")
        self._saved = saved
        self._class_id = class_id

    def contents(self) -> ComposeResult:
        """What it is, and where it goes."""
        yield Lines(id="says")
        yield Input(f"{self._class_id}-{self._saved.ending}", id="path")
        yield Lines(id="where")

    def on_mount(self) -> None:
        """Say it."""
        self.query_one("#says", Lines).say(self._saved.says)
        self.query_one("#where", Lines).say(
            "A path on the box's machine; nobody else may read the file. enter writes it, esc does not.",
            "quiet",
        )
        self.query_one("#path", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write it there."""
        event.stop()
        if event.value.strip():
            self.dismiss(event.value.strip())


async def save(app: Viewer, saved: Saved, class_id: str, path: str) -> None:
    """Run the command, and say what it said."""
    action = action_of(saved.action)
    if app.box.readonly and saved is CARDS:
        app.notify("This viewer is read-only: open it without `--readonly`.", severity="error", markup=False)
        return
    words = words_of(action, {"name": class_id})
    split = words.index("--") if "--" in words else 2
    done = await app.commands.capture((*words[:split], f"--output={path}", *words[split:]))
    if done.code:
        said = many_lines((done.errors or done.output).decode(errors="replace").strip())
        app.notify(said[-400:] or "The file was not written.", severity="error", markup=False)
    else:
        app.notify(one_line(f"Written: {path}"), title=saved.title, markup=False)
