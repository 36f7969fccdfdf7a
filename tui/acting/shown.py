"""What came of an action: its result, new keys that are shown once, and a file of either."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static

from appliance.client.presenting.join_screen import qr
from appliance.client.presenting.showing import presentation
from appliance.client.private_files import check_free, write_private
from appliance.errors import CarrelError
from tui.acting.folders import home, whole
from tui.acting.frames import Framed, keys_line
from tui.acting.new_keys import NewKey, copied
from tui.acting.sheet import Sheet, rows_of
from tui.commands import Writer
from tui.parts.lines import Lines
from tui.themes import tones_of


class Shown(Framed[None]):
    """A result as the command line shows it. ``command`` is what ``c`` copies; with a ``writer`` ``s`` writes
    it into a file.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "copy", show=False),
        Binding("s", "save", "save", show=False),
        Binding("enter,q", "dismiss(None)", "close", show=False),
        Binding("j", "scroll(1)", "down", show=False),
        Binding("k", "scroll(-1)", "up", show=False),
    ]
    DEFAULT_CSS = """
    Shown > #frame { width: 100%; }
    """

    def __init__(
        self, title: str, result: msgspec.Struct, command: str, *, writer: Writer | None = None
    ) -> None:
        super().__init__(title)
        self._result = result
        self._command = command
        self._writer = writer

    def contents(self) -> ComposeResult:
        """The result."""
        yield Sheet(presentation(self._result), id="result")

    def below(self) -> Sequence[Widget]:
        """The keys."""
        return (Lines(id="keys"),)

    def on_mount(self) -> None:
        """The keys that work."""
        self._tell_keys()
        self.query_one("#inside", VerticalScroll).focus()

    def on_resize(self) -> None:
        """As high as the result is."""
        self.call_after_refresh(self._fit_result)

    def _fit_result(self) -> None:
        if self.is_mounted:
            self.fit(self.query_one("#result", Sheet).plain.count("\n") + 2)

    def _tell_keys(self) -> None:
        more = [("s", "writes a file")] if self._writer else []
        self.query_one("#keys", Lines).show(
            [keys_line(("esc", "close"), ("c", self._copies), *more, ("up, down", "scroll"))]
        )

    _copies = "copies the command"

    def action_scroll(self, by: int) -> None:
        """By a line."""
        self.query_one("#inside", VerticalScroll).scroll_relative(y=by, animate=False)

    def action_copy(self) -> None:
        """The command that shows the same."""
        self.app.copy(self._command)

    def action_save(self) -> None:
        """Ask for the file's name."""
        if self._writer is not None:
            self.app.push_screen(SaveAs(self._result, self._writer))


class ShownOnce(Shown):
    """A result with new keys in it. They are in this dialog and nowhere else."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "code", "QR code", show=False),
        # A key that was meant for a field must not take them away.
        Binding("enter,q", "keep", "stay", show=False),
    ]
    DEFAULT_CSS = """
    ShownOnce #code { display: none; width: auto; height: auto; }
    ShownOnce.-code #code { display: block; }
    ShownOnce.-code #result, ShownOnce.-code #keys { display: none; }
    """

    def __init__(
        self,
        title: str,
        result: msgspec.Struct,
        command: str,
        keys: tuple[NewKey, ...],
        *,
        writer: Writer | None = None,
    ) -> None:
        super().__init__(f"{title}: shown once", result, command, writer=writer)
        self._keys = keys
        self._copies = "copies the key" if len(keys) == 1 else f"copies all {len(keys)} keys"

    def contents(self) -> ComposeResult:
        """The result with the keys, and a code of one."""
        yield from super().contents()
        yield Static("", id="code", markup=False)

    def _tell_keys(self) -> None:
        code = [("r", "QR code")] if len(self._keys) == 1 and not self.app.ascii_only else []
        more = [("s", "writes a file")] if self._writer else []
        self.query_one("#keys", Lines).show(
            [keys_line(("c", self._copies), *code, *more, ("esc", "close for good"))]
        )

    def action_keep(self) -> None:
        """Stay."""

    def action_copy(self) -> None:
        """The keys; what is said of it does not hold them."""
        one = len(self._keys) == 1
        self.app.copy(copied(self._keys), "the key" if one else f"{len(self._keys)} keys with their owners")

    def action_code(self) -> None:
        """To a code that a telephone reads, and back."""
        if len(self._keys) != 1 or self.app.ascii_only:
            return
        drawn = rows_of(qr(self._keys[0].secret), tones_of(self.app.theme))
        self.query_one("#code", Static).update(drawn)
        self.toggle_class("-code")
        self._fit_result()

    def _fit_result(self) -> None:
        if self.has_class("-code"):
            self.fit(len(qr(self._keys[0].secret)))
        else:
            super()._fit_result()


class SaveAs(Framed[None]):
    """Asks where to, and writes a file there that only its owner reads; never over another."""

    DEFAULT_CSS = """
    SaveAs Input { height: 1; border: none; padding: 0; background: $background; }
    SaveAs Input:focus { border: none; background: $chosen; }
    """

    def __init__(self, result: msgspec.Struct, writer: Writer) -> None:
        super().__init__("Write a file on this machine")
        self._result = result
        self._writer = writer

    def contents(self) -> ComposeResult:
        """The name, and what is wrong with it."""
        yield Input(f"{home().rstrip('/')}/", compact=True, select_on_focus=False)
        yield Lines(id="wrong")

    def below(self) -> Sequence[Widget]:
        """The keys."""
        return (Lines(id="keys"),)

    def on_mount(self) -> None:
        """Ask."""
        self.query_one("#keys", Lines).show(
            [keys_line(("enter", "writes it, for you alone to read"), ("esc", "cancels"))]
        )
        self.fit(5)
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write it."""
        event.stop()
        self.run_worker(self._write(whole(event.value.strip())), group="loading", exclusive=True)

    async def _write(self, path: str) -> None:
        try:
            said = await asyncio.to_thread(_written, self._result, self._writer, path)
        except CarrelError as error:
            self.query_one("#wrong", Lines).say(error.message, "bad")
            return
        self.app.notify(said, title="written", markup=False, timeout=10)
        self.dismiss(None)


def _written(result: msgspec.Struct, writer: Writer, path: str) -> str:
    check_free(path)
    content, said = writer(result)
    write_private(path, content)
    return f"{said} {path}."
