"""Plots over time, drawn by plotext in our tones: braille dots, or signs of ASCII.

plotext is imported when the first plot is drawn: it takes a third of a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.text import Text
from textual.widget import Widget

from appliance.domain.plain_text import one_line
from tui.parts.cells import short_number
from tui.themes import Tones, tones_of

if TYPE_CHECKING:
    from textual_plotext.plot import Plot as Figure

_TO_ASCII: Final = str.maketrans("─│┌┐└┘├┤┬┴┼", "-|+++++++++")
_LEAST_WIDTH: Final = 16
_LEAST_HEIGHT: Final = 3
_LOW: Final = 6


@dataclass(frozen=True, slots=True)
class Curve:
    """One series, oldest first; None where nobody knows. Of several in one plot each is drawn by its letter,
    so that colors tell nothing alone; one alone is drawn by dots.
    """

    values: Sequence[float | None]
    tone: str = "strong"
    letter: str = "*"


@dataclass(frozen=True, slots=True)
class Axes:
    """What is written around a plot: ``left`` and ``right`` are the first and the last moment. ``top`` is the
    end of the upright axis, the greatest value where it is 0. ``bars`` draws columns.
    """

    left: str = ""
    right: str = "now"
    unit: str = ""
    top: float = 0
    bars: bool = False


def plotted(
    curves: Sequence[Curve], axes: Axes, size: tuple[int, int], tones: Tones, *, ascii_only: bool
) -> Text:
    """So many characters wide and high; nothing where that is too little to read."""
    width, height = size
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return Text()
    from textual_plotext.plot import Plot as Figure  # noqa: PLC0415 - it takes a third of a second

    figure = Figure()
    figure.plotsize(width, height)
    # plotsize alone is forgotten (textual-plotext, issue 5).
    figure._set_size(width, height)  # noqa: SLF001 - as textual-plotext itself does
    figure.theme("clear")
    count = max((len(one.values) for one in curves), default=0)
    for one in curves:
        marker = _marker(one, alone=len(curves) == 1, ascii_only=ascii_only)
        _draw(figure, one, _Pen(count, marker, tones.color(one.tone), axes.bars))
    _frame(figure, curves, axes, count, low=height < _LOW)
    drawn = Text.from_ansi(str(figure.build()).rstrip("\n"), no_wrap=True, end="")
    if ascii_only:
        drawn.plain = drawn.plain.translate(_TO_ASCII)
    return drawn


def _marker(curve: Curve, *, alone: bool, ascii_only: bool) -> str:
    if alone:
        return "*" if ascii_only else "braille"
    return curve.letter


@dataclass(frozen=True, slots=True)
class _Pen:
    """``count`` moments, drawn with this marker in this color."""

    count: int
    marker: str
    color: str
    bars: bool


def _draw(figure: "Figure", curve: Curve, pen: _Pen) -> None:
    """Aligned at the right: the last value of each series is of the same moment."""
    behind = pen.count - len(curve.values)
    points = [(behind + place, value) for place, value in enumerate(curve.values) if value is not None]
    if not points:
        return
    places, values = [one[0] for one in points], [one[1] for one in points]
    color = _rgb(pen.color)
    if pen.bars:
        figure.bar(places, values, marker="#" if pen.marker == "*" else "sd", color=color, width=0.8)
    else:
        figure.plot(places, values, marker=pen.marker, color=color)


def _frame(figure: "Figure", curves: Sequence[Curve], axes: Axes, count: int, *, low: bool) -> None:
    """A low plot has no room for what is around it."""
    known = [value for one in curves for value in one.values if value is not None]
    top = axes.top or max(known, default=0) or 1
    figure.ylim(0, top)
    unit = f" {one_line(axes.unit)}" if axes.unit else ""
    marks = [0, top] if low else [0, top / 2, top]
    figure.yticks(marks, [f"{short_number(one)}{unit}" for one in marks])
    figure.xlim(-0.5 if axes.bars else 0, max(1, count - 1) + (0.5 if axes.bars else 0))
    if low:
        figure.frame(False)
        figure.xticks([])
    else:
        figure.xticks([0, max(1, count - 1)], [one_line(axes.left), one_line(axes.right)])


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


class Plot(Widget):
    """A plot as large as its place."""

    DEFAULT_CSS = "Plot { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._curves: tuple[Curve, ...] = ()
        self._axes = Axes()
        self._title = ""

    def show(self, curves: Sequence[Curve], axes: Axes, title: str = "") -> None:
        """Draw these."""
        new = (tuple(curves), axes, title)
        if new != (self._curves, self._axes, self._title):
            self._curves, self._axes, self._title = new
            self.refresh()

    def render(self) -> Text:
        """The title, then the plot."""
        tones = tones_of(self.app.theme)
        ascii_only = bool(getattr(self.app, "ascii_only", False))
        title = Text(one_line(self._title), style=f"bold {tones.text}", no_wrap=True, overflow="ellipsis")
        title.truncate(self.size.width, overflow="ellipsis")
        size = (self.size.width, self.size.height - bool(self._title))
        drawn = plotted(self._curves, self._axes, size, tones, ascii_only=ascii_only)
        return Text("\n").join((title, drawn)) if self._title else drawn
