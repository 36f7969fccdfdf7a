"""The grid of a class's seats as a teacher sees it: each state as a word, a sign and a tone. Pure."""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

from appliance.domain.results import ClassSeats, SeatLine
from appliance.web.class_times import ago, left, moment

Tone = Literal["free", "idle", "good", "wait", "bad", "limit"]

_SIGNS: Final[dict[str, tuple[Tone, str]]] = {
    "free": ("free", "○"),
    "idle": ("idle", "●"),
    "ok": ("good", "✓"),
    "waits": ("wait", "…"),
    "error": ("bad", "✕"),
    "limit": ("limit", "■"),
}
_HOW: Final = {"card": "with a card", "list": "from the list", "guest": "as a guest"}
_MENDS: Final = {"reissue": "Make a new key", "top-up": "Top up", "release": "Release the seat"}


@dataclass(frozen=True, slots=True)
class SeatCell:
    """One seat in the grid. ``share`` is the percentage of its tokens that is used."""

    number: int
    person: str
    initials: str
    name: str
    tone: Tone
    sign: str
    word: str
    tokens: str
    share: int | None
    running: int
    waiting: int


@dataclass(frozen=True, slots=True)
class SeatView:
    """One seat looked at closely. ``mend`` is the verb that helps."""

    cell: SeatCell
    given: str
    how: str
    taken: str
    last: str
    requests: int
    trouble: str
    trouble_code: str
    trouble_ago: str
    trouble_request: str
    mend: str
    mend_words: str


@dataclass(frozen=True, slots=True)
class GridView:
    """All seats now. ``left`` and ``first_word`` are empty where there is nothing to say."""

    id: str
    state: str
    cells: tuple[SeatCell, ...]
    taken: int
    seats: int
    left: str
    ends: str
    first_word: str
    over: bool
    troubled: int


def grid_of(seats: ClassSeats) -> GridView:
    """As of ``seats.now_ms``."""
    return GridView(
        id=seats.id,
        state=seats.state,
        cells=tuple(_cell(one) for one in seats.seats),
        taken=seats.taken,
        seats=len(seats.seats),
        left=left(seats.ends_ms, seats.now_ms),
        ends=moment(seats.ends_ms, seats.now_ms),
        first_word=seconds(seats.first_word_ms),
        over=seats.state == "over",
        troubled=sum(one.state == "error" for one in seats.seats),
    )


def mark_of(view: object) -> str:
    """Another one whenever anything that is shown is another: a page that asks again and again keeps what it
    has, and the focus with it, while nothing changes.
    """
    return hashlib.sha256(repr(view).encode()).hexdigest()[:16]


def seconds(span_ms: int | None) -> str:
    """``0.8 s``, ``12 s``; empty where nothing was measured."""
    if span_ms is None:
        return ""
    return f"{span_ms / 1000:.1f} s" if span_ms < 10_000 else f"{span_ms // 1000} s"


def seat_of(seats: ClassSeats, person: str) -> SeatView | None:
    """That person's, closely; None where there is no such seat."""
    line = next((one for one in seats.seats if one.person == person), None)
    if line is None:
        return None
    return SeatView(
        cell=_cell(line),
        given=line.given,
        how=_HOW.get(line.how, ""),
        taken=ago(line.taken_ms, seats.now_ms),
        last=ago(line.last_ms, seats.now_ms),
        requests=line.requests,
        trouble=line.trouble,
        trouble_code=line.trouble_code,
        trouble_ago=ago(line.trouble_ms, seats.now_ms),
        trouble_request=line.trouble_request,
        mend=line.mend,
        mend_words=_MENDS.get(line.mend, ""),
    )


def _cell(line: SeatLine) -> SeatCell:
    tone, sign = _SIGNS.get(line.state, ("bad", "?"))
    word = f"waits {line.waits_s} s" if line.state == "waits" else line.state
    return SeatCell(
        number=line.number,
        person=line.person,
        initials=line.initials,
        name=line.name,
        tone=tone,
        sign=sign,
        word=word,
        tokens=_tokens(line),
        share=_share(line),
        running=line.running,
        waiting=line.waiting,
    )


def _tokens(line: SeatLine) -> str:
    if not line.limit_tokens:
        return f"{_short(line.tokens)} tokens"
    return f"{_short(line.tokens)} of {_short(line.limit_tokens)} tokens"


def _share(line: SeatLine) -> int | None:
    """Percent of its tokens."""
    return min(100, line.tokens * 100 // line.limit_tokens) if line.limit_tokens else None


def _short(tokens: int) -> str:
    if tokens < 1000:
        return str(tokens)
    return f"{tokens / 1000:.1f}k" if tokens < 10_000 else f"{tokens // 1000}k"
