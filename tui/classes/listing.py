"""The rows of classes, and what is said of the chosen one. Pure."""

from collections.abc import Iterable
from typing import Final

from appliance.client.presenting.classes import moment
from appliance.domain.results import ClassDetail, ClassLine, ClassSeats
from tui.classes.times import left, seconds
from tui.parts.cells import Cell, cell, short_number, state
from tui.parts.facts import Fact
from tui.parts.lines import Line
from tui.parts.rows import Row
from tui.parts.widths import Column

_ORDER: Final = {"open": 0, "paused": 0, "planned": 1}
CLASSES: Final = (
    Column("CLASS", share=2, least=8),
    Column("STATE", 10),
    Column("MODE", 7, from_width=44),
    Column("SEATS", 7, right=True),
    Column("ENDS", 16, from_width=56),
    Column("TITLE", share=3, from_width=66),
)


def class_rows(classes: Iterable[ClassLine], *, ascii_only: bool = False) -> list[Row]:
    """Those that are open first, then those to come, then those that are over."""
    return [
        Row(
            one.id,
            (
                cell(one.id),
                state(one.state, ascii_only=ascii_only),
                Cell(one.mode.upper(), "bad") if one.mode == "exam" else cell(one.mode),
                cell(f"{one.taken}/{one.seats}"),
                cell(moment(one.ends_ms)),
                cell(one.title),
            ),
            one,
        )
        for one in sorted(classes, key=lambda one: _ORDER.get(one.state, 2))
    ]


def heading(one: ClassLine, seats: ClassSeats | None, detail: ClassDetail | None) -> list[Line]:
    """Above the seats: how the lesson stands, what a seat may have, what is shown to all."""
    now: list[Cell | str] = [Cell(one.id, "strong")]
    if seats is not None:
        now += [f"  {seats.taken} of {len(seats.seats)} joined, {left(seats.ends_ms - seats.now_ms)}"]
        now += _counted(seats)
    lines: list[Line] = [now]
    warning = next(iter(detail.warnings), "") if detail is not None and one.state != "over" else ""
    if warning:
        lines.append([Cell(warning, "warn")])
    if detail is not None:
        models = ", ".join(detail.models) or "no model yet"
        lines.append([Cell("a seat ", "quiet"), caps(detail), Cell("  models ", "quiet"), models])
    if not warning and seats is not None and seats.message:
        lines.append([Cell("shown to all ", "quiet"), seats.message])
    return lines


def _counted(seats: ClassSeats) -> list[Cell | str]:
    """Who needs somebody, and how fast it is."""
    made: list[Cell | str] = []
    errors, limits = (sum(seat.state == word for seat in seats.seats) for word in ("error", "limit"))
    made += [", ", Cell(f"{errors} error{'s' * (errors > 1)}", "bad")] if errors else []
    made += [", ", Cell(f"{limits} at a limit", "warn")] if limits else []
    if seats.first_word_ms is not None:
        made += [f", first word {seconds(seats.first_word_ms)}"]
    return made


def caps(one: ClassDetail) -> str:
    """``50k tokens, 2 at once, 30 a minute``."""
    limits = (
        (one.seat_tokens, "tokens"),
        (one.seat_running, "at once"),
        (one.seat_requests_per_minute, "a minute"),
        (one.seat_tokens_per_minute, "tokens a minute"),
    )
    given = [f"{short_number(number)} {what}" for number, what in limits if number]
    return ", ".join(given) or "all that the project may"


def class_facts(one: ClassDetail) -> list[Fact]:
    """Beside the seats, where there is room."""
    return [
        ("title", one.title),
        ("project", one.project),
        ("mode", Cell("EXAM", "bad") if one.mode == "exam" else one.mode),
        ("from", "once it is opened" if one.starts_ms is None else moment(one.starts_ms)),
        ("to", moment(one.ends_ms)),
        ("keys until", moment(one.keys_end_ms)),
        ("each seat", caps(one)),
        ("guests", f"{one.guests} may come" if one.guests else "none"),
        ("address", one.plain_address or one.address or next(iter(one.addresses), "")),
        *([("networks", ", ".join(one.networks))] if one.networks else []),
        *([("seed", str(one.seed))] if one.seed is not None else []),
        *([("frozen", ", ".join(model.model for model in one.frozen))] if one.frozen else []),
        *(("warning", Cell(warning, "warn")) for warning in one.warnings),
    ]
