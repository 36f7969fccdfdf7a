"""The form of an action, made from its arguments: what is there is offered, what is wrong is said beside its
field, and the command that does the same is shown while it is filled in.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Button, OptionList

from appliance.domain.action import Action
from appliance.domain.command_line import command_of
from appliance.errors import CarrelError
from tui.acting.fields import Drawn, Field, fault_of, fields_of, hint_of, values_of
from tui.acting.folders import home, parent_of, whole
from tui.acting.frames import Framed, buttons
from tui.acting.inputs import Changed, FieldRow, Line, Submitted
from tui.acting.ladder import REHEARSAL
from tui.acting.offers import MOST_LINES, Offers
from tui.acting.picker import FilePicker
from tui.acting.sources import Offer, fitting, offers_of, question_of, taken
from tui.parts.cells import Cell
from tui.parts.lines import Lines


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form held: arguments with files by their paths, those paths again, and each field's text."""

    values: Mapping[str, object]
    files: Mapping[str, str]
    texts: Mapping[str, str]


Preview = Callable[[Filled], Awaitable[CarrelError | None]]
"""Has the action say what it would do, and shows that; or says why not."""


class Form(Framed[Filled]):
    """Of one action. ``known`` are arguments that are known; ``texts`` what its fields held before, and
    ``wrong`` why the action was not done then.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "go(1)", "next", show=False),
        Binding("up", "go(-1)", "previous", show=False),
        Binding("ctrl+o", "pick", "look for a file", show=False),
        Binding("ctrl+y", "copy", "copy the command", show=False),
    ]
    DEFAULT_CSS = """
    Form #about { height: auto; max-height: 4; }
    Form #hint { height: auto; max-height: 2; }
    Form #command { height: auto; max-height: 3; }
    Form #wrong { height: auto; max-height: 3; display: none; }
    Form #wrong.-there { display: block; }
    Form #offers { padding-left: 22; }
    Form.-narrow #offers { padding-left: 2; max-height: 2; }
    Form.-short #offers { max-height: 2; }
    Form.-short #hint { max-height: 1; }
    Form.-short #about { display: none; }
    """

    def __init__(
        self,
        action: Action,
        known: Mapping[str, object],
        *,
        texts: Mapping[str, str] | None = None,
        wrong: CarrelError | None = None,
        preview: Preview | None = None,
    ) -> None:
        super().__init__(action.name.replace(".", " "))
        self._action = action
        self._preview = preview
        self._wrong = wrong
        self._fields = fields_of(action, known)
        self._rows = {
            one.name: FieldRow(one, (texts or {}).get(one.name, one.before)) for one in self._fields
        }
        self._here = ""
        self._asked: dict[str, object] = {}
        """Of each field, the question that its offers answer."""

    # ---- what it is made of ----

    def contents(self) -> ComposeResult:
        """The fields."""
        yield from self._rows.values()

    def above(self) -> Sequence[Widget]:
        """What the action does."""
        return (Lines(id="about"),)

    def below(self) -> Sequence[Widget]:
        """What is there, what the field means, the command, the buttons."""
        named = [("go", "Do it")]
        if any(one.name == REHEARSAL for one in self._action.arguments) and self._preview:
            named.append(("preview", "Preview"))
        return (
            Offers(id="offers"),
            Lines(id="hint"),
            Lines(id="wrong"),
            Lines(id="command"),
            buttons(*named, ("cancel", "Cancel")),
        )

    def on_mount(self) -> None:
        """Begin at the first field that is needed."""
        self.query_one("#about", Lines).show([[Cell(self._action.summary, "quiet")]])
        self.fit(len(self._rows) + 8 + MOST_LINES)
        self._tell()
        needed = [one for one in self._fields if one.argument.required and not one.before]
        first = needed[0] if needed else self._fields[0]
        if self._wrong is not None:
            self._say(self._wrong)
        else:
            self._rows[first.name].part.focus()
        for field in self._fields:
            self._ask(field)

    # ---- what it holds ----

    @property
    def _texts(self) -> dict[str, str]:
        return {name: row.text for name, row in self._rows.items()}

    def _filled(self) -> Filled:
        values = values_of(self._fields, self._texts)
        files = {
            one.name: str(values[one.name])
            for one in self._fields
            if one.drawn is Drawn.FILE and one.name in values
        }
        return Filled(values, files, self._texts)

    def on_changed(self, event: Changed) -> None:
        """The command changes with it, and what is offered."""
        event.stop()
        self._say_at_foot("")
        self._tell()
        self._offer()

    def _tell(self) -> None:
        filled = self._filled()
        given = {one.name: one.exact for one in self._fields if one.drawn is Drawn.FILE}
        shown = command_of(self._action, {**given, **filled.values}, filled.files)
        self.query_one("#command", Lines).show([[Cell("$ ", "quiet"), shown]])

    # ---- where the keys go ----

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what this field means, and what is there for it."""
        row = next((one for one in self._rows.values() if one.part is event.widget), None)
        if row is None:
            return
        if self._here in self._rows:
            self._rows[self._here].mark(here=False)
        self._here = row.field.name
        row.mark(here=True)
        self.query_one("#hint", Lines).show([[Cell(hint_of(row.field), "quiet")]])
        self._ask(row.field)
        self._offer()

    def action_go(self, by: int) -> None:
        """To the next field, or into what is offered."""
        offers = self.query_one("#offers", Offers)
        if by > 0 and offers.has_class("-there") and isinstance(self.focused, Line):
            offers.focus()
            offers.highlighted = 0
        elif by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    # ---- what is there ----

    def _ask(self, field: Field) -> None:
        """Have the box say what there is, once for each question."""
        if field.source is None:
            return
        question = question_of(field.source, values_of(self._fields, self._texts))
        if question is not None and self._asked.get(field.name) != question:
            self._asked[field.name] = question
            self.run_worker(self._answered(field, question), group="loading")

    async def _answered(self, field: Field, question: Mapping[str, object]) -> None:
        source, line = field.source, self._rows[field.name].part
        if source is None or not isinstance(line, Line):
            return
        try:
            result = await self.app.box.run(source.action, question)
        except CarrelError:
            # Not everybody may see every list; ids can be typed.
            return
        if self.is_mounted and self._asked.get(field.name) == question:
            line.offers = offers_of(source, result)
            if self._here == field.name:
                self._offer()

    def _offer(self) -> None:
        """Show what is there for the field where the keys go."""
        line = self._rows[self._here].part if self._here in self._rows else None
        found = fitting(line.offers, line.value) if isinstance(line, Line) else ()
        if isinstance(line, Line) and any(one.id == line.value for one in line.offers):
            found = ()
        self.query_one("#offers", Offers).show(found)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Into the field with it."""
        event.stop()
        row = self._rows.get(self._here)
        if row is not None and isinstance(row.part, Line) and event.option_id is not None:
            row.part.value = taken(row.part.value, Offer(event.option_id), several=row.field.several)
            row.part.cursor_position = len(row.part.value)
            row.part.focus()

    # ---- files ----

    def action_pick(self) -> None:
        """Look for a file for the field where the keys go."""
        row = self._rows.get(self._here)
        if row is None or row.field.drawn is not Drawn.FILE:
            return
        typed = whole(row.text)
        start = parent_of(typed) if typed.startswith("/") else home()

        def picked(path: str | None) -> None:
            if path is not None and isinstance(row.part, Line):
                row.part.value = path
                row.part.cursor_position = len(path)

        what = f"{self._action.name.replace('.', ' ')}: {row.field.name.replace('_', ' ')}"
        self.app.push_screen(FilePicker(start, row.field.argument.most, what), picked)

    # ---- out of it ----

    def on_submitted(self, event: Submitted) -> None:
        """Enter in a field."""
        event.stop()
        self._submit()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do it, look at it first, or leave."""
        event.stop()
        match event.button.id:
            case "go":
                self._submit()
            case "preview":
                self._look_first()
            case _:
                self.dismiss(None)

    def action_copy(self) -> None:
        """The command, to the clipboard."""
        filled = self._filled()
        self.app.copy(command_of(self._action, filled.values, filled.files))

    def _submit(self) -> None:
        filled = self._checked()
        if filled is not None:
            self.dismiss(filled)

    def _look_first(self) -> None:
        filled = self._checked()
        if filled is not None and self._preview is not None:
            self.run_worker(self._previewed(filled, self._preview), group="loading", exclusive=True)

    async def _previewed(self, filled: Filled, preview: Preview) -> None:
        error = await preview(filled)
        if error is not None and self.is_mounted:
            self._say(error)

    def _checked(self) -> Filled | None:
        filled = self._filled()
        fault = fault_of(self._action, self._fields, filled.values)
        if fault is None:
            return filled
        self._say(fault)
        return None

    def _say(self, error: CarrelError) -> None:
        """Beside its field, or at the foot where it is of none."""
        row = self._rows.get(error.param or "")
        if row is not None:
            row.say(error.message)
            row.part.focus()
        else:
            self._say_at_foot(error.message)

    def _say_at_foot(self, text: str) -> None:
        line = self.query_one("#wrong", Lines)
        line.set_class(bool(text), "-there")
        line.say(text, "bad")
