"""Text as it is, letter by letter: nothing joined, wrapped at words or left out, however long it is."""

from rich.cells import chop_cells
from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip


def exactly(text: str) -> tuple[str, int]:
    """The text with each character that cannot be seen, or that turns text around, written as its code; and
    how many those are.
    """
    if text.isprintable():
        return text, 0
    hidden = sum(not one.isprintable() for one in text)
    return "".join(one if one.isprintable() else _code(one) for one in text), hidden


def _code(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number < 2**16 else f"\\U{number:08x}"


class Exact(ScrollView, can_focus=True):
    """Lines end where the room ends, and only there."""

    DEFAULT_CSS = """
    Exact {
        background: $background; scrollbar-size-vertical: 1; overflow-x: hidden;
        /* Always there: one that came later would cover the last letter of each line. */
        overflow-y: scroll;
    }
    Exact:focus { background: $surface; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._text = ""
        self._pieces: list[str] = []

    def show(self, text: str) -> None:
        """This text, from its beginning; the same one again stays where it is."""
        shown, _ = exactly(text)
        if shown != self._text:
            self._text = shown
            self.scroll_to(y=0, animate=False)
            self._lay_out()

    @property
    def plain(self) -> str:
        """All of it."""
        return self._text

    def on_resize(self, _event: events.Resize) -> None:
        """Lines are as long as there is room."""
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        self._pieces = chop_cells(self._text, width) if width else []
        self.virtual_size = Size(width, len(self._pieces))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One piece of it."""
        width = self.scrollable_content_region.width
        number = y + round(self.scroll_y)
        if number >= len(self._pieces):
            return Strip.blank(width, self.rich_style)
        return Strip([Segment(self._pieces[number], self.rich_style)]).adjust_cell_length(
            width, self.rich_style
        )
