"""The report of a class as a file for spreadsheets, in which no cell is a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from appliance.domain.results import FrozenModelLine, ReportRow

BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By which Excel knows that it is UTF-8."""
COLUMNS: Final = (
    "given",
    "name",
    "person",
    "joined_utc",
    "how",
    "requests",
    "prompt_tokens",
    "completion_tokens",
    "tokens",
    "credits",
    "refused",
    "first_utc",
    "last_utc",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def report_csv(
    rows: Iterable[ReportRow], *, frozen: Sequence[FrozenModelLine] = (), seed: int | None = None
) -> str:
    """A line of headings and one a seat, by the ids that the teacher gave; of an exam below them the models
    as they were, and the seed.
    """
    lines = [COLUMNS, *(_cells(one) for one in rows)]
    lines += [("", "model", one.model, "revision", one.revision, "files", one.files) for one in frozen]
    lines += [] if seed is None else [("", "seed", str(seed))]
    text = io.StringIO()
    # RFC 4180, as Excel reads it.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([cell(value) for value in line] for line in lines)
    return BYTE_ORDER_MARK + text.getvalue()


def cell(value: str | int | None) -> str:
    """A value that is text wherever it is opened. A full-width form of a sign is that sign to a spreadsheet,
    so it counts as one; what shows nothing does not hide it.
    """
    if value is None or isinstance(value, int):
        return "" if value is None else str(value)
    flat = "".join(_shown(one) for one in value)
    begins = unicodedata.normalize("NFKC", flat).lstrip()[:1]
    return f"'{flat}" if begins in _FORMULA or value[:1] in _FORMULA else flat


def _shown(char: str) -> str:
    """Breaks of lines and tabs as blanks; nothing of what shows nothing or turns text around."""
    if char.isspace():
        return " "
    return char if char.isprintable() else ""


def _cells(one: ReportRow) -> tuple[str | int | None, ...]:
    return (
        one.given,
        one.name,
        one.person,
        _time(one.joined_ms),
        one.how,
        one.requests,
        one.prompt_tokens,
        one.completion_tokens,
        one.prompt_tokens + one.completion_tokens,
        f"{one.spent_micro // 10**6}.{one.spent_micro % 10**6:06d}",
        one.refused,
        _time(one.first_ms),
        _time(one.last_ms),
    )


def _time(time_ms: int | None) -> str:
    if time_ms is None:
        return ""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
