"""Before a model is run or fetched: which form, how many seats, where; what of the machine that takes, live;
and the command that does the same.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Input
from textual.worker import WorkType

from appliance.domain.actions import action as action_of
from appliance.domain.arguments import check_arguments
from appliance.domain.command_line import command_of
from appliance.domain.results import Fit, ModelRun, ModelSummary
from appliance.errors import CarrelError
from tui.deeds import Deed
from tui.models.fields import Choice, Field, Switched
from tui.models.fitting import FitView
from tui.models.standing import leaving
from tui.parts.cells import Cell, cell, size
from tui.parts.dialogs import Dialog
from tui.parts.lines import Lines
from tui.parts.rows import Row, Rows
from tui.parts.widths import Column
from tui.viewer import Viewer

_ASK_AFTER_S: Final = 0.2
"""Of the last letter that was typed."""
_FORMS: Final = (Column("FORM", share=3), Column("SIZE", width=9, right=True), Column("FILES", width=10))


class Planner(Dialog[Deed]):
    """Answers the deed that was chosen: ``model.run``, or ``model.pull`` for a form whose files are not
    here. ``look`` only plans. ``forms`` are those of one recipe, ``run`` is how the first of them runs now.
    """

    app: Viewer
    DEFAULT_CSS = """
    Planner > #frame > #forms { height: auto; max-height: 5; background: $surface; }
    Planner.-short > #frame > #forms { max-height: 3; }
    Planner > #frame > .pair { height: 1; }
    Planner > #frame > #leaves, Planner > #frame > #command { height: auto; max-height: 2; }
    Planner > #frame > #plan {
        height: 1fr; min-height: 3; background: $surface; scrollbar-size-vertical: 1;
    }
    Planner > #frame > #plan:focus { background: $background; }
    Planner > #frame > #choices { height: 1; }
    """

    def __init__(
        self,
        forms: Sequence[ModelSummary],
        *,
        look: bool,
        run: ModelRun | None = None,
        readonly: bool = False,
    ) -> None:
        verb = "Plan" if look else "Run"
        super().__init__(f"{verb} {forms[0].id}", full=True)
        self._forms = {one.id: one for one in forms}
        self._model = forms[0].id
        self._look = look
        self._run = run
        self._readonly = readonly

    # ---- what is on it ----

    def contents(self) -> ComposeResult:
        """Form, numbers, the plan, the command, what to do."""
        rows = Rows(_FORMS, id="forms")
        rows.display = len(self._forms) > 1
        yield rows
        yield Lines(id="leaves")
        yield Horizontal(self._field("seats", "seats"), self._field("context", "context"), classes="pair")
        yield Horizontal(self._field("replicas", "replicas"), self._field("gpus", "GPUs"), classes="pair")
        same = Switched(
            "same question, same answer (slower)",
            on=self._run.deterministic if self._run else False,
            id="deterministic",
        )
        same.display = not self._look
        yield same
        yield VerticalScroll(FitView(id="fit"), id="plan")
        yield Lines(id="command")
        yield Horizontal(
            Choice("Run", id="run"), Choice("Fetch files", id="pull"), Choice("Close", id="no"), id="choices"
        )

    def _field(self, name: str, title: str) -> Field:
        value, run = "", self._run
        if run is not None:
            value = {
                "seats": str(run.seats),
                "context": str(run.context_tokens),
                "replicas": str(run.replicas),
                "gpus": "" if run.gpus is None else ",".join(map(str, run.gpus)) or "none",
            }[name]
        hint = "as in the recipe"
        if name == "gpus":
            hint = "0-3, 8xA100-80GB" if self._look else "0-1,3 or none"
        return Field(name, title, hint=hint, value=value, most=200 if name == "gpus" else 9)

    def on_mount(self) -> None:
        """Begin with the form that was chosen."""
        self.query_one("#frame").can_focus = False
        self.query_one("#forms", Rows).show(map(_form_row, self._forms.values()))
        self.query_one("#field-seats", Input).focus()
        self._choose(self._model)

    # ---- what was chosen ----

    @property
    def arguments(self) -> dict[str, object]:
        """Those that are typed in. A number that is none stays text, so that it is refused with words."""
        given: dict[str, object] = {"model": self._model}
        for name in ("seats", "context", "replicas", "gpus"):
            text = self.query_one(f"#field-{name}", Input).value.strip()
            if text:
                whole = name != "gpus" and text.isascii() and text.isdigit()
                given[name] = int(text) if whole else text
        if not self._look and self.query_one("#deterministic", Switched).on:
            given["deterministic"] = True
        return given

    def _choose(self, model: str) -> None:
        self._model = model
        form = self._forms[model]
        here = form.on_disk or form.leaves_box is not None
        host = form.leaves_box
        leaves = self.query_one("#leaves", Lines)
        leaves.display = bool(host)
        leaves.say(leaving(host) if host else "", "warn")
        self.query_one("#run").display = here and not self._readonly and not self._look
        self.query_one("#pull").display = not here and not self._readonly
        self._ask(at_once=True)

    def _ask(self, *, at_once: bool = False) -> None:
        """Draw the command now, and the plan as soon as it is known."""
        action = action_of("model.fit" if self._look else "model.run")
        words = command_of(action, self.arguments)
        self.query_one("#command", Lines).show([[Cell("$ ", "quiet"), Cell(words, "strong")]])

        async def answer() -> None:
            await self._answer(0 if at_once else _ASK_AFTER_S)

        # Not a coroutine: one that is replaced before it began would never be awaited.
        work: WorkType[None] = answer
        self.run_worker(work, group="loading", exclusive=True)

    async def _answer(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        view = self.query_one(FitView)
        try:
            given = {name: value for name, value in self.arguments.items() if name != "deterministic"}
            check_arguments(action_of("model.fit"), given)
            found = await self.app.box.run("model.fit", given)
        except CarrelError as error:
            view.refuse(error.message)
            return
        if isinstance(found, Fit):
            view.show_fit(found)
            self._hint(found)

    def _hint(self, found: Fit) -> None:
        """What holds where nothing is typed."""
        told = {"seats": found.seats, "context": found.context_tokens, "replicas": found.replicas}
        for name, value in told.items():
            self.query_one(f"#field-{name}", Input).placeholder = str(value)

    # ---- keys ----

    @on(Rows.Chosen, "#forms")
    def _form_chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        if event.row is not None and event.row.key != self._model:
            self._choose(event.row.key)

    @on(Rows.Opened, "#forms")
    @on(Input.Submitted)
    def _entered(self, event: Rows.Opened | Input.Submitted) -> None:
        event.stop()
        if self.query_one("#run").display:
            self._decide("run")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._ask()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if isinstance(event.button, Switched):
            event.button.turn()
            self._ask()
        else:
            self._decide(event.button.id or "no")

    def _decide(self, what: str) -> None:
        if what == "no":
            self.dismiss(None)
        elif what == "pull":
            self.dismiss(Deed("model.pull", {"model": self._model}, subject=self._model))
        else:
            self._begin()

    def _begin(self) -> None:
        """Run it, unless something that was typed is wrong: then that is said here."""
        try:
            check_arguments(action_of("model.run"), self.arguments)
        except CarrelError as error:
            self.query_one(FitView).refuse(error.message)
            return
        self.dismiss(Deed("model.run", self.arguments, subject=self._model))


def _form_row(form: ModelSummary) -> Row:
    files = "elsewhere" if form.leaves_box else "here" if form.on_disk else "not here"
    return Row(form.id, (cell(form.id), cell(size(form.size_bytes), "quiet"), cell(files)), form)
