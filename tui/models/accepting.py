"""Accepting a license: its text, and who accepts it, in which role, for what. What is accepted is the text
that was shown: its hash is computed here, from what was drawn.
"""

import hashlib

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Input

from appliance.domain.actions import action as action_of
from appliance.domain.arguments import check_arguments
from appliance.domain.results import LicenseDetail
from appliance.errors import CarrelError
from tui.deeds import Deed
from tui.models.fields import Choice, Field
from tui.parts.cells import Cell
from tui.parts.dialogs import Dialog
from tui.parts.lines import Lines
from tui.viewer import Viewer

_ASKED = (
    ("who", "who", "your name", 100),
    ("authority", "in which role", "such as head of the lab", 100),
    ("purpose", "what for", "what the model is used for", 500),
)


class Accepting(Dialog[Deed]):
    """Answers a deed: ``model.pull`` with the acceptance, or ``license.accept`` alone."""

    app: Viewer
    DEFAULT_CSS = """
    Accepting > #frame > #intro { height: auto; max-height: 3; }
    Accepting > #frame > #text {
        height: 1fr; min-height: 3; background: $background; scrollbar-size-vertical: 1;
    }
    Accepting > #frame > #text:focus { border-left: outer $primary; }
    Accepting > #frame > #wrong { height: auto; max-height: 2; display: none; }
    Accepting > #frame > #wrong.-open { display: block; }
    Accepting > #frame > Field > Lines { width: 15; }
    Accepting > #frame > #choices { height: 1; }
    """

    def __init__(self, model: str, shown: LicenseDetail, *, pull: bool) -> None:
        super().__init__(f"License of {model}", full=True)
        self._model = model
        self._text = shown.text or ""
        self._shown = shown
        self._pull = pull

    def contents(self) -> ComposeResult:
        """The text, then what is asked."""
        yield Lines(id="intro")
        yield VerticalScroll(Lines(id="license-text"), id="text")
        for name, title, hint, most in _ASKED:
            yield Field(name, title, hint=hint, most=most)
        yield Lines(id="wrong")
        label = "Accept and fetch" if self._pull else "Accept"
        yield Horizontal(Choice(label, id="accept"), Choice("No", id="no"), id="choices")

    def on_mount(self) -> None:
        """Begin with the text."""
        self.query_one("#frame").can_focus = False
        self.query_one("#text").focus()
        terms = self._shown.terms
        title = (terms.title or terms.expression) if terms else "its license"
        self.query_one("#intro", Lines).show(
            [
                [Cell(title, "strong")],
                [Cell(f"SHA-256 {self._sha256[:24]}…", "quiet")],
                ["Read it to its end, then tab. Accepting is signed."],
            ]
        )
        self.query_one("#license-text", Lines).say(self._text or "The text is not on this box.")
        wrong = self._trouble()
        if wrong:
            self._refuse(wrong)
            self.query_one("#accept").disabled = True

    @property
    def _sha256(self) -> str:
        return hashlib.sha256(self._text.encode("utf-8", "surrogatepass")).hexdigest()

    def _trouble(self) -> str:
        """Why this text cannot be accepted here; empty where it can."""
        terms = self._shown.terms
        if terms is None or not self._text:
            return (
                "Its text is not on this box, and nobody accepts what cannot be read: `carrel help licenses`."
            )
        if terms.text_sha256 != self._sha256:
            return "This text is not the one that the recipe names, by its SHA-256. Do not accept it."
        return ""

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.name == _ASKED[-1][0]:
            self._accept()
        else:
            self.focus_next()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "accept":
            self._accept()
        else:
            self.dismiss(None)

    def _accept(self) -> None:
        deed = self._deed()
        wrong = self._trouble() or self._unsaid() or _wrong(deed)
        if wrong:
            self._refuse(wrong)
        else:
            self.dismiss(deed)

    def _deed(self) -> Deed:
        said = {one.line.name or "": one.value for one in self.query(Field)}
        given = {name: value for name, value in said.items() if value}
        if self._pull:
            return Deed("model.pull", {"model": self._model, "accept_license": self._sha256, **given})
        return Deed("license.accept", {"model": self._model, "text": self._sha256, **given})

    def _unsaid(self) -> str:
        """Say first what is missing, and go there."""
        empty = next((one for one in self.query(Field) if not one.value), None)
        if empty is None:
            return ""
        empty.line.focus()
        return "An acceptance says who accepts, in which role, and what for."

    def _refuse(self, words: str) -> None:
        line = self.query_one("#wrong", Lines)
        line.add_class("-open")
        line.say(words, "bad")


def _wrong(deed: Deed) -> str:
    try:
        check_arguments(action_of(deed.action), deed.arguments)
    except CarrelError as error:
        return error.message
    return ""
