"""The fields of a form: a line to type into, one of some words, a path; each with its name and what is wrong
with it.
"""

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.acting.fields import Drawn, Field
from tui.acting.folders import completed
from tui.acting.sources import Offer, fitting
from tui.parts.cells import Cell
from tui.parts.lines import Lines, drawn
from tui.themes import tones_of


class Changed(Message):
    """A field holds something else."""


class Submitted(Message):
    """Enter in a field: all is filled in."""


class Choice(Static, can_focus=True):
    """One of some words, the chosen one in brackets; left, right and space choose another."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space", "turn(1)", "next", show=False),
        Binding("left", "turn(-1)", "previous", show=False),
        Binding("enter", "submit", "done", show=False),
    ]
    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    Choice:focus { background: $chosen; text-style: bold; }
    """

    def __init__(self, words: tuple[str, ...], chosen: str) -> None:
        super().__init__("", markup=False)
        self._words = words
        self.value = chosen

    def on_mount(self) -> None:
        """Draw it."""
        self._draw()

    def on_resize(self) -> None:
        """All words, or only the chosen one."""
        self._draw()

    def on_click(self) -> None:
        """The next one."""
        self.action_turn(1)

    def action_turn(self, by: int) -> None:
        """Choose another."""
        self.value = self._words[(self._words.index(self.value) + by) % len(self._words)]
        self._draw()
        self.post_message(Changed())

    def action_submit(self) -> None:
        """Tell the form."""
        self.post_message(Submitted())

    def _draw(self) -> None:
        words = [_said(one) for one in self._words]
        chosen = Cell(f"[{_said(self.value)}]", "strong")
        pieces = [chosen if word == _said(self.value) else Cell(f" {word} ", "quiet") for word in words]
        if sum(len(one) + 2 for one in words) > self.size.width > 0:
            pieces = [Cell("< ", "quiet"), chosen, Cell(" >", "quiet")]
        self.update(drawn([pieces], tones_of(self.app.theme)))


def _said(word: str) -> str:
    return "not given" if word == "-" else word


class Line(Input):
    """A line to type into. ``offers`` are what is there to be named."""

    DEFAULT_CSS = """
    Line { width: 1fr; height: 1; border: none; padding: 0; background: $background; }
    Line:focus { background: $chosen; border: none; }
    """

    def __init__(self, value: str, suggester: Suggester | None = None) -> None:
        super().__init__(value, compact=True, suggester=suggester)
        self.offers: tuple[Offer, ...] = ()


class OfferSuggester(Suggester):
    """Goes on with the first id that begins as what was typed."""

    def __init__(self, line: list[Line]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._line = line

    async def get_suggestion(self, value: str) -> str | None:
        """See ``Suggester``."""
        offers = self._line[0].offers if self._line else ()
        found = next((one.id for one in fitting(offers, value) if one.id.startswith(value)), None)
        return found if value else None


class PathSuggester(Suggester):
    """Goes on with the path of a file of this machine."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """See ``Suggester``."""
        return await asyncio.to_thread(completed, value)


class FieldRow(Widget):
    """A field with its name before it and what is wrong with it below."""

    DEFAULT_CSS = """
    FieldRow { height: auto; width: 100%; layout: vertical; }
    FieldRow > Horizontal { height: 1; width: 100%; }
    FieldRow .label { width: 22; height: 1; }
    FieldRow .wrong { display: none; height: auto; padding-left: 22; }
    FieldRow .wrong.-there { display: block; }
    .-narrow FieldRow .label { width: 15; }
    .-narrow FieldRow .wrong { padding-left: 2; }
    """

    def __init__(self, field: Field, text: str) -> None:
        super().__init__()
        self.field = field
        self.part: Choice | Line = self._part(field, text)
        self._last = text

    @staticmethod
    def _part(field: Field, text: str) -> Choice | Line:
        if field.drawn is Drawn.CHOICE:
            return Choice(field.choices, text if text in field.choices else field.choices[0])
        if field.drawn is Drawn.FILE:
            return Line(text, PathSuggester())
        if field.source is None:
            return Line(text)
        itself: list[Line] = []
        itself.append(Line(text, OfferSuggester(itself)))
        return itself[0]

    def compose(self) -> ComposeResult:
        """Name, field, what is wrong."""
        yield Horizontal(Static("", classes="label", markup=False), self.part)
        yield Lines(classes="wrong")

    def on_mount(self) -> None:
        """Its name."""
        self.mark(here=False)
        if self.field.drawn is Drawn.FILE and isinstance(self.part, Line):
            there = self.field.exact is not None
            self.part.placeholder = "as it was given" if there else "a path; ctrl+o looks for it"

    @property
    def text(self) -> str:
        """What it holds."""
        return self.part.value

    def mark(self, *, here: bool) -> None:
        """Whether the keys go here: said by a sign before the name."""
        name = Cell(f"{'>' if here else ' '} {self.field.label}", "strong" if here else "quiet")
        # Its size stays: a form of many fields is not laid out anew at each key.
        self.query_one(".label", Static).update(drawn([[name]], tones_of(self.app.theme)), layout=False)

    def say(self, wrong: str) -> None:
        """What is wrong with it; empty for nothing."""
        line = self.query_one(".wrong", Lines)
        line.set_class(bool(wrong), "-there")
        line.say(wrong, "bad")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Whoever mends it is not told of it any more."""
        event.stop()
        if event.value != self._last:  # it is told of what it holds from the beginning, too
            self._last = event.value
            self.say("")
            self.post_message(Changed())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.post_message(Submitted())
