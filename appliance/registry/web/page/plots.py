"""Bars over time, one color a name, as SVG. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

from appliance.registry.web.page.facts import MEASURES, Measure, Use
from appliance.registry.web.page.markup import Markup, joined, tag
from appliance.registry.web.page.numbers import short

SERIES: Final = 6
"""Names with a color of their own; all others share one."""
OTHERS: Final = "all others"
_WIDTH, _HEIGHT = 420, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 4, 22, 24
_MOST_BARS: Final = 92
_WEEK: Final = 7
_TOPS: Final = ((1, 4), (2, 4), (3, 3), (4, 4), (5, 5), (6, 3), (8, 4))
"""Ends of an axis, with the number of steps up to them that leaves round numbers."""


@dataclass(frozen=True, slots=True)
class Series:
    """One color: a value a bar."""

    name: str
    color: str
    values: tuple[float, ...]


def plot(title: str, uses: Sequence[Use], days: Sequence[str], measure: Measure) -> Markup:
    """Stacked bars, a day each or a week each where there are many."""
    step = 1 if len(days) <= _MOST_BARS else _WEEK
    bars = [days[at : at + step] for at in range(0, len(days), step)]
    series = series_of(uses, bars, measure)
    top, ticks = nice_axis(
        max((sum(values) for values in zip(*(one.values for one in series), strict=True)), default=0)
    )
    unit = f"{MEASURES[measure]} a {'day' if step == 1 else 'week'}"
    label = tag("text", unit, x=0, y=9, class_="mark")
    return tag(
        "svg",
        tag("title", f"{title}: {unit}"),
        label,
        _axis(top, ticks),
        _bars(series, bars, top),
        _dates(bars),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=f"{title}: {unit}",
    )


def series_of(uses: Sequence[Use], bars: Sequence[Sequence[str]], measure: Measure) -> list[Series]:
    """The largest by name, then the others together."""
    named = [
        Series(use.name, color_of(at), _values([use], bars, measure)) for at, use in enumerate(uses[:SERIES])
    ]
    rest = uses[SERIES:]
    return [*named, Series(OTHERS, color_of(SERIES), _values(rest, bars, measure))] if rest else named


def color_of(place: int) -> str:
    """The class of whoever is at that place."""
    return f"s{min(place, SERIES)}"


def nice_axis(value: float) -> tuple[float, int]:
    """The end of an axis that holds ``value``, and in how many steps it is reached."""
    if value <= 0:
        return 1.0, _TOPS[0][1]
    power = 10.0 ** floor(log10(value))
    found = next(((step * power, ticks) for step, ticks in _TOPS if value <= step * power), None)
    return found or (10 * power, 5)


def _values(uses: Sequence[Use], bars: Sequence[Sequence[str]], measure: Measure) -> tuple[float, ...]:
    """Corrections can bring a day below zero, which no bar shows."""
    sums = [sum(use.days[day].of(measure) for use in uses for day in bar if day in use.days) for bar in bars]
    return tuple(max(0.0, one) for one in sums)


def _axis(top: float, ticks: int) -> Markup:
    marks = [top * step / ticks for step in range(ticks + 1)]
    return joined(
        *(
            joined(
                tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=_y(mark, top), y2=_y(mark, top), class_="grid"),
                tag("text", short(mark), x=_LEFT - 4, y=_y(mark, top) + 3, class_="mark end"),
            )
            for mark in marks
        )
    )


def _bars(series: Sequence[Series], bars: Sequence[Sequence[str]], top: float) -> Markup:
    width = (_WIDTH - _LEFT - _RIGHT) / max(1, len(bars))
    gap = min(1.0, width / 5)
    drawn: list[Markup] = []
    for at, bar in enumerate(bars):
        below = 0.0
        for one in series:
            value = one.values[at]
            if value > 0:
                high, low = _y(below + value, top), _y(below, top)
                drawn.append(
                    tag(
                        "rect",
                        tag("title", f"{bar[0]}: {one.name}, {short(value)}"),
                        x=round(_LEFT + at * width + gap / 2, 2),
                        y=high,
                        width=round(width - gap, 2),
                        height=round(max(0.2, low - high), 2),
                        class_=one.color,
                    )
                )
            below += value
    return joined(*drawn)


def _dates(bars: Sequence[Sequence[str]]) -> Markup:
    if not bars:
        return joined()
    width = (_WIDTH - _LEFT - _RIGHT) / len(bars)
    every = max(1, ceil(len(bars) / 4))
    return joined(
        *(
            tag("text", bars[at][0], x=round(_LEFT + at * width, 1), y=_HEIGHT - 8, class_="mark")
            for at in range(0, len(bars), every)
        )
    )


def _y(value: float, top: float) -> float:
    return round(_HEIGHT - _BOTTOM - value / top * (_HEIGHT - _TOP - _BOTTOM), 2)
