"""The pieces of tables and sheets: foreign text made safe, numbers and times in words."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from rich.table import Table
from rich.text import Text

from appliance.domain.plain_text import one_line

_STATE_STYLES: Final = {
    **dict.fromkeys(("ready", "ok", "active", "done"), "green"),
    **dict.fromkeys(
        ("loading", "starting", "restarting", "stopping", "warn", "degraded", "paused"), "yellow"
    ),
    **dict.fromkeys(("failed", "fail", "revoked", "expired"), "red"),
}


def cell(value: object) -> Text:
    """Any value as one line of plain text; nothing for None."""
    return Text("" if value is None else one_line(str(value)))


def state(word: str) -> Text:
    """A state in its color; the word alone says all."""
    return Text(one_line(word), style=_STATE_STYLES.get(word, ""))


def day(time_ms: int | None) -> str:
    """A date and time in UTC from ms since 1970; ``never`` for None, raw where no calendar reaches."""
    if time_ms is None:
        return "never"
    try:
        return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError, OSError):
        return f"{time_ms} ms"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> Table:
    """A table without lines. Cells are ``Text`` or become it; columns in ``right`` hold numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(cell(column), justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(value if isinstance(value, Text) else cell(value) for value in row))
    return made


def sheet(pairs: Iterable[tuple[str, object]]) -> Table:
    """Names and values, one pair a line."""
    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column(style="bold")
    made.add_column(overflow="fold")
    for name, value in pairs:
        made.add_row(Text(name), value if isinstance(value, Text) else cell(value))
    return made
