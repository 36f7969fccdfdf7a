"""Asking back before something is lost: a dialog that counts what runs, and one that wants the name typed."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Button, Input

from tui.acting.frames import Framed, buttons, keys_line
from tui.acting.ladder import Asks, Step, confirmed
from tui.parts.cells import Cell
from tui.parts.lines import Lines


class Confirm(Framed[bool]):
    """One step of the ladder. Cancel has the focus; where data would be gone the frame says so, and nothing
    but the name leads on.
    """

    DEFAULT_CSS = """
    Confirm .typed { height: 1; border: none; padding: 0; background: $background; }
    Confirm .typed:focus { border: none; background: $chosen; }
    """

    def __init__(self, does: str, step: Step, command: str) -> None:
        grave = step.asks is Asks.TYPES
        super().__init__(f"{does}: {'cannot be undone' if grave else 'ends work in flight'}", grave=grave)
        self._step = step
        self._command = command

    def contents(self) -> ComposeResult:
        """What can be lost, and the command that would do it."""
        yield Lines(id="loss")
        yield Lines(id="command")

    def below(self) -> Sequence[Widget]:
        """The name, where it has to be typed, and the way out before the way on."""
        last = (Lines(id="keys"), buttons(("cancel", "Cancel"), ("go", "Do it")))
        if self._step.asks is not Asks.TYPES:
            return last
        return (Lines(id="ask"), Input(compact=True, classes="typed"), *last)

    def on_mount(self) -> None:
        """Fill it; the focus is where a hasty enter does nothing."""
        sentences = [[Cell(one)] for one in self._step.sentences]
        self.query_one("#loss", Lines).show([*sentences, [""]])
        self.query_one("#command", Lines).show([[Cell("$ ", "quiet"), Cell(self._command, "quiet")]])
        width = max(20, self.app.size.width * 9 // 10 - 4)
        texts = [*self._step.sentences, f"$ {self._command}"]
        lines = sum(-(-len(one) // width) for one in texts) + 1
        if self._step.asks is Asks.TYPES:
            self.fit(lines + 4)
            self.query_one("#ask", Lines).show([["Type ", Cell(self._step.word, "bad"), " to go on:"]])
            self.query_one("#keys", Lines).show([keys_line(("enter", "does it"), ("esc", "cancels"))])
            self.query_one("#go", Button).disabled = True
            self.query_one(".typed", Input).focus()
        else:
            self.fit(lines + 2)
            self.query_one("#keys", Lines).show(
                [keys_line(("tab", "to the other button"), ("esc", "cancels"))]
            )
            self.query_one("#cancel", Button).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """The way on opens with the whole name."""
        event.stop()
        self.query_one("#go", Button).disabled = not confirmed(self._step, event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter behind the name."""
        event.stop()
        if confirmed(self._step, event.value):
            self.dismiss(True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Out, or on."""
        event.stop()
        self.dismiss(event.button.id == "go")


class Consent(Framed[bool]):
    """A text that somebody is about to accept or sign, whole."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__(title)
        self._text = text

    def contents(self) -> ComposeResult:
        """All of it."""
        yield Lines(id="text")

    def below(self) -> Sequence[Widget]:
        """The way out before the way on."""
        return (Lines(id="keys"), buttons(("cancel", "Cancel"), ("go", "I accept this text")))

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one("#text", Lines).say(self._text)
        self.query_one("#keys", Lines).show([keys_line(("pageup, pagedown", "scroll"), ("esc", "cancels"))])
        self.fit(self._text.count("\n") + 20)
        self.query_one("#inside").can_focus = False
        self.query_one("#cancel", Button).focus()

    def key_pagedown(self) -> None:
        """On in the text."""
        self.query_one("#inside").scroll_page_down(animate=False)

    def key_pageup(self) -> None:
        """Back in the text."""
        self.query_one("#inside").scroll_page_up(animate=False)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Out, or on."""
        event.stop()
        self.dismiss(event.button.id == "go")
