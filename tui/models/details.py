"""One model in full: all facts and the text of its license. Keys of the list that are about one model work
here too.
"""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from appliance.domain.results import LicenseDetail, ModelDetail, ModelSummary
from appliance.errors import CarrelError
from tui.models.facts import full
from tui.models.standing import standing
from tui.parts.cells import Cell
from tui.parts.dialogs import Dialog
from tui.parts.facts import Facts
from tui.parts.lines import Lines
from tui.viewer import Viewer


class ModelDialog(Dialog[str]):
    """Answers the action that one of its keys begins."""

    app: Viewer
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"dismiss('{action}')", show=False)
        for key, action in (
            ("s", "model.run"),
            ("x", "model.stop"),
            ("p", "model.pull"),
            ("f", "model.fit"),
            ("v", "model.verify"),
            ("a", "license.accept"),
            ("ctrl+d", "model.remove"),
        )
    ]
    DEFAULT_CSS = """
    ModelDialog > #frame { scrollbar-size-vertical: 1; }
    ModelDialog #keys { margin: 1 0 0 0; }
    ModelDialog #license { margin: 1 0 0 0; }
    """

    def __init__(self, model: ModelSummary) -> None:
        super().__init__(model.id, full=True)
        self._model = model
        self._detail: ModelDetail | None = None
        self._license: LicenseDetail | None = None

    def contents(self) -> ComposeResult:
        """Facts, keys, the license's text."""
        yield Facts(id="facts")
        yield Lines(id="keys")
        yield Lines(id="license")

    def on_mount(self) -> None:
        """Ask for both."""
        self.query_one("#facts", Facts).state([("", Cell("asking the box …", "quiet"))])
        keys = (("s", "run"), ("f", "plan"), ("p", "fetch"), ("x", "stop"), ("v", "verify"), ("a", "accept"))
        line = [piece for key, says in keys for piece in (Cell(key, "strong"), f" {says}  ")]
        self.query_one("#keys", Lines).show([[*line, Cell("esc", "strong"), " close"]])
        self.run_worker(self._load(), group="loading")

    def take(self, model: ModelSummary, detail: ModelDetail) -> None:
        """How it stands by now."""
        if detail.id == self._model.id:
            self._model, self._detail = model, detail
            self._draw()

    async def _load(self) -> None:
        facts, text = self.query_one("#facts", Facts), self.query_one("#license", Lines)
        try:
            found = await self.app.box.run("model.show", {"model": self._model.id})
        except CarrelError as error:
            facts.state([("", Cell(error.message, "bad"))])
            return
        self._detail = found if isinstance(found, ModelDetail) else None
        try:
            shown = await self.app.box.run("license.show", {"model": self._model.id, "text": True})
        except CarrelError as error:
            text.say(f"The text of its license: {error.message}", "quiet")
        else:
            self._license = shown if isinstance(shown, LicenseDetail) else None
            text.say((self._license and self._license.text) or "The text of its license is not on this box.")
        self._draw()

    def _draw(self) -> None:
        if self._detail is not None:
            ascii_only = self.app.ascii_only
            facts = full(
                self._model,
                standing(self._model),
                self._detail,
                self._license,
                self.app.box.now_ms(),
                ascii_only=ascii_only,
            )
            self.query_one("#facts", Facts).state(facts)
