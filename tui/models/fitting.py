"""Whether a model fits, drawn: a verdict, a bar for each GPU or for the machine's memory, what would fit
instead.
"""

from collections.abc import Iterator
from typing import Final

from textual import events

from appliance.domain.results import Fit, FitShare
from tui.parts.bars import Part, bar, sign
from tui.parts.cells import Cell, size
from tui.parts.lines import Line, Lines

_PARTS: Final = (
    ("weight_bytes", "ok", "#", "weights"),
    ("kv_bytes", "strong", "=", "KV"),
    ("buffer_bytes", "quiet", "+", "buffers"),
    ("others_bytes", "bad", "x", "others"),
)
"""Field, tone, letter, name; what is not told here is free."""
_LABEL: Final = 8
_LEAST_BAR: Final = 8
_ONE_LINE_FROM: Final = 140
"""Characters from which on the numbers have room beside the bar."""


class FitView(Lines):
    """Draws what ``model.fit`` answered, as wide as there is room."""

    DEFAULT_CSS = "FitView { height: auto; }"
    _fit: Fit | None = None

    def show_fit(self, fit: Fit) -> None:
        """Draw it."""
        self._fit = fit
        self._draw()

    def refuse(self, words: str) -> None:
        """There is no plan; say why."""
        self._fit = None
        self.say(words, "bad")

    def on_resize(self, _event: events.Resize) -> None:
        """Bars are as wide as there is room."""
        self._draw()

    def _draw(self) -> None:
        if self._fit is not None and self.size.width:
            self.show(lines_of(self._fit, self.size.width, ascii_only=getattr(self.app, "ascii_only", False)))


def lines_of(fit: Fit, room: int, *, ascii_only: bool = False) -> list[Line]:
    """Verdict, bars, legend, advice, and what was taken for granted."""
    lines: list[Line] = [_verdict(fit)]
    for share in fit.shares:
        lines += _share(share, room, ascii_only, many=fit.replicas > 1)
    if fit.shares:
        lines.append(_legend(ascii_only))
    lines += [[Cell("- "), Cell(one.text)] for one in fit.advice]
    if not fit.fits and not fit.advice:
        lines.append([Cell("Nothing smaller of it would fit.", "warn")])
    if fit.day is not None:
        words = f"A day with every seat busy: about {fit.day.words:,} words, {fit.day.kilowatt_hours} kWh."
        lines.append([Cell(words, "quiet")])
    return [*lines, *([Cell(f"Taken for granted: {one}", "quiet")] for one in fit.assumptions)]


def _verdict(fit: Fit) -> Line:
    word = Cell("FITS", "ok") if fit.fits else Cell("DOES NOT FIT", "bad")
    missing = f" Missing: {size(fit.missing_bytes)}." if fit.missing_bytes else ""
    asked = f" {fit.replicas} x {fit.seats} seats of {fit.context_tokens:,} tokens, {fit.machine}. "
    return [word, Cell(asked, "quiet"), Cell(fit.reason), Cell(missing, "warn")]


def _share(share: FitShare, room: int, ascii_only: bool, *, many: bool) -> Iterator[Line]:
    copy = f"{share.replica}: " if many else ""
    name = f"{copy}{'memory' if share.gpu is None else f'GPU {share.gpu}'}"
    label = Cell(f"{name:<{_LABEL - 1}} ")
    free = f" {size(share.free_bytes)} free of {size(share.total_bytes)}"
    numbers = ", ".join(f"{name} {size(getattr(share, field))}" for field, _, _, name in _PARTS)
    together = room >= _ONE_LINE_FROM
    beside = len(free) + (len(numbers) + 2 if together else 0)
    cells = bar(_parts(share), max(_LEAST_BAR, room - len(label.text) - beside), ascii_only)
    if together:
        yield [label, *cells, Cell(free), Cell(f": {numbers}", "quiet")]
        return
    yield [label, *cells, Cell(free)]
    yield (
        [" " * _LABEL, Cell(numbers, "quiet")] if room >= _LABEL + len(numbers) else [Cell(numbers, "quiet")]
    )


def _parts(share: FitShare) -> list[Part]:
    whole = max(share.total_bytes, 1)
    return [(getattr(share, field) / whole, tone, letter) for field, tone, letter, _ in _PARTS]


def _legend(ascii_only: bool) -> Line:
    line: list[Cell | str] = []
    for _, tone, letter, name in (*_PARTS, ("", "quiet", ".", "free")):
        line += [Cell(sign(letter, ascii_only=ascii_only), tone), Cell(f" {name}  ", "quiet")]
    return line
