"""What clients were told, and whether the books agree. Pure.

A request has three fates: acknowledged, refused, or unknown (the connection ended first), and an unknown
one may have been accounted or not.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Told:
    """What one client knows of one request; without an id where the box gives it and did not answer."""

    request_id: str | None
    fate: Fate
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What the ledger says of one request."""

    request_id: str
    outcome: str
    prompt_tokens: int
    completion_tokens: int
    gflop: int


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger of a box at rest."""

    rows: Sequence[Row]
    limit_micro: int | None
    spent_micro: int
    held_micro: int


def disagreements(history: Iterable[Told], books: Books) -> list[str]:
    """Every promise that the books break, in words; empty when all is well."""
    rows = {row.request_id: row for row in books.rows}
    told = [*history]
    return [
        *_doubles("row", [row.request_id for row in books.rows]),
        *_doubles("acknowledgement", [one.request_id for one in told if one.fate is Fate.ACKNOWLEDGED]),
        *(problem for one in told for problem in _check(one, rows.get(one.request_id or ""))),
        *_check_account(books),
    ]


def _doubles(what: str, ids: Sequence[str | None]) -> list[str]:
    return [f"{count} times {what} {name}" for name, count in Counter(ids).items() if count > 1]


def _check(told: Told, row: Row | None) -> list[str]:
    match told.fate:
        case Fate.ACKNOWLEDGED if row is None:
            return [f"{told.request_id} was acknowledged and is lost"]
        case Fate.ACKNOWLEDGED if row.outcome != "completed":
            return [f"{told.request_id} was acknowledged and is {row.outcome}"]
        case Fate.ACKNOWLEDGED:
            expected = (told.prompt_tokens, told.completion_tokens)
            stored = (row.prompt_tokens, row.completion_tokens)
            return [] if stored == expected else [f"{told.request_id}: told {expected}, stored {stored}"]
        case Fate.REFUSED if row is not None and row.gflop > 0:
            return [f"{told.request_id} was refused and charged {row.gflop}"]
    return []


def _check_account(books: Books) -> Iterable[str]:
    charged = sum(row.gflop for row in books.rows)
    held = sum(row.outcome == "held" for row in books.rows)
    if held or books.held_micro:
        yield f"at rest {held} rows are held, and {books.held_micro} micro-credits"
    if charged != books.spent_micro:
        yield f"rows sum to {charged}, the account says {books.spent_micro}"
    if books.limit_micro is not None and books.spent_micro > books.limit_micro:
        yield f"spent {books.spent_micro} of {books.limit_micro}"
