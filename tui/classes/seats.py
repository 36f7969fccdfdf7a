"""A seat of the grid in two short lines: number, initials and tokens; its state as a word. Pure."""

from typing import Final

from rich.cells import set_cell_size

from appliance.domain.plain_text import one_line
from appliance.domain.results import SeatLine
from appliance.errors import CarrelError, error_for_code
from tui.parts.cells import Cell, short_number

WIDTH: Final = 12
_INITIALS: Final = 3
_SIGNS: Final = {
    "free": ("○", "-"),
    "idle": ("·", "."),
    "ok": ("●", "*"),
    "waits": ("◐", "~"),
    "limit": ("■", "#"),
    "error": ("▲", "!"),
}
_TONES: Final = {"free": "quiet", "idle": "", "ok": "ok", "waits": "warn", "limit": "warn", "error": "bad"}


def upper(seat: SeatLine) -> Cell:
    """`` 12 AK   1.5k``: exactly as wide as a seat."""
    initials = set_cell_size(one_line(seat.initials) or "?", _INITIALS)
    tokens = short_number(seat.tokens) if seat.tokens else ""
    return Cell(f"{seat.number:>3} {initials}{tokens:>5}"[:WIDTH], "quiet" if seat.state == "free" else "")


def lower(seat: SeatLine, *, ascii_only: bool = False) -> Cell:
    """``● wait 8s``: a sign and a word."""
    sign = _SIGNS.get(seat.state, ("?", "?"))[ascii_only]
    return Cell(f" {sign} {word(seat)}", _TONES.get(seat.state, "bad"))


def word(seat: SeatLine) -> str:
    """``idle``, ``ok``, ``wait 8s``, ``ERR 401``, ``limit``, ``free``."""
    if seat.state == "waits":
        return f"wait {min(seat.waits_s, 999)}s"
    if seat.state == "error":
        kind = error_for_code(seat.trouble_code)
        return "ERR" if kind is CarrelError else f"ERR {kind.status}"
    return one_line(seat.state)
