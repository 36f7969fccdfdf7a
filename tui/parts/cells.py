"""Cells of tables and lines: foreign text made safe, states as words, numbers for people."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from rich.text import Text

from appliance.domain.amounts import duration, size
from appliance.domain.plain_text import one_line
from tui.themes import Tones

__all__ = ("Cell", "cell", "clock", "duration", "short_number", "size", "state", "tone_of")

_TONE_OF_WORD: Final = {
    **dict.fromkeys(
        ("ready", "ok", "active", "done", "open", "approved", "online", "holds", "delivered", "sent", "read"),
        "ok",
    ),
    **dict.fromkeys(("valid", "granted", "listed"), "ok"),
    **dict.fromkeys(
        (
            *(
                "loading",
                "starting",
                "restarting",
                "stopping",
                "warn",
                "warning",
                "degraded",
                "paused",
                "pending",
            ),
            *(
                "waiting",
                "waits",
                "checking",
                "running",
                "planned",
                "limit",
                "soon",
                "stale",
                "offline",
                "review",
                "fetching",
                "elsewhere",
                "grace",
                "asked",
                "not yet",
                "clock-suspect",
            ),
        ),
        "warn",
    ),
    **dict.fromkeys(
        (
            *(
                "failed",
                "fail",
                "revoked",
                "expired",
                "error",
                "broken",
                "critical",
                "refused",
                "denied",
                "down",
                "now",
            ),
            *("suspended", "lost", "damaged", "exam", "lapsed"),
        ),
        "bad",
    ),
}
_GLYPHS: Final = {"ok": ("●", "*"), "warn": ("◐", "~"), "bad": ("▲", "!"), "": ("○", "-")}
"""Each as it is, and for terminals without such letters."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One piece of text with the tone that it is shown in. It may hold anything: it is made safe where it is
    drawn.
    """

    text: str
    tone: str = ""

    def drawn(self, tones: Tones) -> Text:
        """As one line of plain text in the tone's color."""
        return Text(one_line(self.text), style=tones.color(self.tone), no_wrap=True, overflow="ellipsis")


def cell(value: object, tone: str = "") -> Cell:
    """Any value; nothing for None."""
    return Cell("" if value is None else str(value), tone)


def state(word: str, more: str = "", *, ascii_only: bool = False) -> Cell:
    """A state as a word in capitals, a sign before it and what there is to say after it: ``● READY``."""
    tone = tone_of(word)
    sign = _GLYPHS[tone][1 if ascii_only else 0]
    return Cell(f"{sign} {word.upper()}{f' {more}' if more else ''}", tone)


def tone_of(word: str) -> str:
    """The tone of a state; plain for one that is neither good nor bad."""
    return _TONE_OF_WORD.get(word.lower(), "")


def clock(time_ms: int | None, now_ms: int | None = None) -> str:
    """Hour and minute in UTC, with the day where it is not that of ``now_ms``; ``-`` for None."""
    if time_ms is None:
        return "-"
    try:
        then = datetime.fromtimestamp(time_ms / 1000, UTC)
        now = None if now_ms is None else datetime.fromtimestamp(now_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return f"{time_ms} ms"
    same_day = now is not None and then.date() == now.date()
    return then.strftime("%H:%M" if same_day else "%Y-%m-%d %H:%M")


def short_number(value: float) -> str:
    """In at most five characters: ``0``, ``3.2``, ``410``, ``12k``, ``1.5M``."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            number = value / limit
            return f"{number:.0f}{unit}" if number >= 10 else f"{number:.1f}{unit}"
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
