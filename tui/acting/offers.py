"""The list under a form of what there is for a field."""

from collections.abc import Sequence
from typing import Final

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.acting.sources import Offer
from tui.parts.cells import Cell
from tui.themes import tones_of

MOST_LINES: Final = 4


class Offers(OptionList):
    """Not there while it has nothing to offer."""

    DEFAULT_CSS = """
    Offers {
        height: auto; max-height: 4; display: none; border: none; padding: 0;
        background: $surface; scrollbar-size-vertical: 1;
    }
    Offers:focus { border: none; background: $surface; }
    Offers.-there { display: block; }
    """

    def show(self, offers: Sequence[Offer]) -> None:
        """These, each by its id and what a person knows it by."""
        self.set_class(bool(offers), "-there")
        self.set_options(Option(self._drawn(one), one.id) for one in offers)

    def _drawn(self, offer: Offer) -> Text:
        tones = tones_of(self.app.theme)
        known_as = Cell(offer.known_as, "quiet").drawn(tones)
        return Text.assemble(Cell(f"{offer.id:<16}").drawn(tones), "  ", known_as, no_wrap=True)
