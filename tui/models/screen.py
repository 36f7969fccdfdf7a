"""The screen MODELS: the whole catalog, what each model lacks, and what can be done about it."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final

import msgspec
from textual import on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.widget import Widget

from appliance.domain.results import (
    DownloadList,
    DownloadStatus,
    LicenseDetail,
    ModelDetail,
    ModelList,
    ModelSummary,
)
from appliance.domain.watching import Topic
from appliance.errors import CarrelError
from tui.deeds import ActionKey, Deed
from tui.models.accepting import Accepting
from tui.models.details import ModelDialog
from tui.models.facts import brief
from tui.models.planner import Planner
from tui.models.standing import same_model, standing
from tui.models.table import COLUMNS, counted, rows_of
from tui.parts.facts import Facts
from tui.parts.lines import Lines
from tui.parts.rows import Rows
from tui.screen import BoxScreen

LIST: Final = Topic("model.list", (("all", True),), 2000)
DOWNLOADS: Final = Topic("download.list", (), 1000)


class ModelsScreen(BoxScreen):
    """What is chosen is one model in one form."""

    NAME = "models"
    TITLE_IN_TABS = "MODELS"
    COPIES = "model.show"
    EXPLAINS = (
        "Every model that this box knows: first those that run, then those on the disk, those on their way "
        "here, those that could be fetched. A model that another host computes is marked with that host: its "
        "prompts leave this box. Before a model is run or fetched, f draws what it would take of each GPU."
    )
    KEYS: ClassVar[Sequence[ActionKey]] = (
        ActionKey("s", "model.run", "run", within="models"),
        ActionKey("f", "model.fit", "fit", within="models"),
        ActionKey("p", "model.pull", "fetch", within="models"),
        ActionKey("x", "model.stop", "stop", within="models"),
        ActionKey("v", "model.verify", "verify", within="models"),
        ActionKey("a", "license.accept", "accept", within="models"),
        ActionKey("w", "fed.lease", "want a lease", within="models", shown=False),
        ActionKey("n", "recipe.approve", "approve a recipe", form=True, shown=False),
        ActionKey("ctrl+d", "model.remove", "remove", within="models"),
    )
    DEFAULT_CSS = """
    ModelsScreen #counts { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    ModelsScreen #pane {
        display: none; width: 40%; padding: 0 1; border-left: solid $border; scrollbar-size-vertical: 1;
    }
    ModelsScreen.-wide #pane { display: block; }
    """

    _models: tuple[ModelSummary, ...] = ()
    _downloads: Mapping[str, DownloadStatus] = {}
    _detail: ModelDetail | None = None
    _followed = ""

    # ---- drawing ----

    def body(self) -> Widget:
        """The list, and where there is room what is known of one beside it."""
        rows = Rows(COLUMNS, id="models", empty="asking the box …")
        return Vertical(Lines(id="counts"), Horizontal(rows, VerticalScroll(Facts(id="facts"), id="pane")))

    def on_mount(self) -> None:
        """Keys go to the list."""
        super().on_mount()
        self.query_one("#pane").can_focus = False

    def topics(self) -> Sequence[Topic]:
        """The catalog, what is on its way, and the model under the cursor."""
        chosen = self._chosen
        self._followed = chosen.id if chosen else ""
        one = (Topic("model.show", (("model", self._followed),), 2000),) if self._followed else ()
        return (LIST, DOWNLOADS, *one)

    def show(self, _topic: Topic, result: msgspec.Struct) -> None:
        """The list again, or the one that is chosen."""
        if isinstance(result, ModelList):
            self._models = result.models
            self._draw()
        elif isinstance(result, DownloadList):
            self._downloads = {one.model: one for one in result.downloads}
            self._draw()
        elif isinstance(result, ModelDetail):
            self._detail = result
            self._draw_pane()
            above = self.app.screen
            if isinstance(above, ModelDialog):
                self._tell(above, result)

    def _draw(self) -> None:
        rows = self.query_one("#models", Rows)
        rows.say_when_empty("This box knows no model. n approves a recipe; `carrel help recipes` says how.")
        rows.show(rows_of(self._models, self._downloads, ascii_only=self.app.ascii_only))
        self.query_one("#counts", Lines).show([counted(self._models, self._downloads)])
        self._draw_pane()

    def _draw_pane(self) -> None:
        model = self._chosen
        facts = self.query_one("#facts", Facts)
        if model is None:
            facts.state([])
            return
        detail = self._detail if self._detail and self._detail.id == model.id else None
        stands = standing(model, self._downloads.get(model.id))
        facts.state(brief(model, stands, detail, self.app.box.now_ms(), ascii_only=self.app.ascii_only))

    def _tell(self, dialog: ModelDialog, detail: ModelDetail) -> None:
        model = next((one for one in self._models if one.id == detail.id), None)
        if model is not None:
            dialog.take(model, detail)

    # ---- what is chosen ----

    @property
    def _chosen(self) -> ModelSummary | None:
        row = self.query_one("#models", Rows).chosen
        return row.data if row and isinstance(row.data, ModelSummary) else None

    def chosen(self) -> Mapping[str, object]:
        """The model under the cursor."""
        return {"model": self._chosen.id} if self._chosen else {}

    @on(Rows.Chosen, "#models")
    def _moved(self) -> None:
        self.query_one("#pane").scroll_to(y=0, animate=False)
        self._draw_pane()
        if (self._chosen.id if self._chosen else "") != self._followed:
            self.follow_anew()

    @on(Rows.Opened, "#models")
    def _opened(self) -> None:
        if self._chosen is not None:
            self.app.push_screen(ModelDialog(self._chosen), self._begin_named)

    # ---- keys ----

    def action_begin(self, number: int) -> None:
        """Some keys ask by a dialog of their own."""
        self._begin(self.KEYS[number])

    def _begin_named(self, action: str | None) -> None:
        key = next((one for one in self.KEYS if one.action == action), None)
        if key is not None:
            self._begin(key)

    def _begin(self, key: ActionKey) -> None:
        own: dict[str, Callable[[ModelSummary], None]] = {
            "model.run": lambda model: self._plan(model, look=False),
            "model.fit": lambda model: self._plan(model, look=True),
            "model.pull": lambda model: self._fetch(model, pull=True),
            "license.accept": lambda model: self._fetch(model, pull=False),
        }
        if key.action in own and self._chosen is not None:
            own[key.action](self._chosen)
        elif self._chosen is not None or not key.within:
            self.app.act(self.deed(key))

    def _plan(self, model: ModelSummary, *, look: bool) -> None:
        others = [one for one in self._models if same_model(one.id, model.id) and one.id != model.id]
        detail = self._detail if self._detail and self._detail.id == model.id else None
        run = detail.run if detail else None
        planner = Planner([model, *others], look=look, run=run, readonly=self.app.box.readonly)
        self.app.push_screen(planner, self._planned)

    def _planned(self, deed: Deed | None) -> None:
        if deed is None:
            return
        model = next((one for one in self._models if one.id == deed.arguments["model"]), None)
        if deed.action == "model.pull" and model is not None:
            self._fetch(model, pull=True)
        else:
            self.app.act(deed)

    def _fetch(self, model: ModelSummary, *, pull: bool) -> None:
        """Its license first, where that has to be accepted."""
        if pull and (model.lacks != "acceptance" or self.app.box.readonly):
            self.app.act(Deed("model.pull", {"model": model.id}, subject=model.id))
        else:
            self.run_worker(self._accept(model, pull=pull), group="loading", exclusive=True)

    async def _accept(self, model: ModelSummary, *, pull: bool) -> None:
        try:
            shown = await self.app.box.run("license.show", {"model": model.id, "text": True})
        except CarrelError as error:
            self.app.notify(error.message, severity="error", markup=False)
            return
        if not isinstance(shown, LicenseDetail):
            return
        if shown.terms is not None and shown.terms.acceptance == "none":
            words = f"The license of {model.id} asks for no acceptance."
            self.app.notify(words, markup=False)
            return
        dialog: Screen[Deed | None] = Accepting(model.id, shown, pull=pull)
        self.app.push_screen(dialog, self._act)

    def _act(self, deed: Deed | None) -> None:
        if deed is not None:
            self.app.act(deed)
