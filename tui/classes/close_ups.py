"""A seat looked at closely: how it fares, its last error in plain words, and what mends it. Pure."""

from typing import Final

from appliance.domain.results import ClassSeats, SeatLine
from tui.classes.seats import word
from tui.classes.times import ago
from tui.deeds import Deed
from tui.parts.cells import Cell, tone_of
from tui.parts.closeups import CloseUpKey
from tui.parts.facts import Fact

_HOW: Final = {"card": "with a card", "list": "from the list", "guest": "as a guest"}
_MENDS: Final = {"reissue": "r new key", "top-up": "t top up", "release": "l release the seat"}


def seat_title(seat: SeatLine) -> str:
    """Of its dialog."""
    return f"Seat {seat.number}: {seat.name or seat.given or seat.person}"[:60]


def seat_facts(seat: SeatLine, seats: ClassSeats) -> list[Fact]:
    """As of now."""
    limit = f" of {seat.limit_tokens:,}" if seat.limit_tokens else ""
    joined = f"{_HOW.get(seat.how, seat.how)}, {ago(seat.taken_ms, seats.now_ms)}"
    facts: list[Fact] = [
        ("state", Cell(word(seat), tone_of(seat.state))),
        ("name", seat.name or "not known"),
        ("in the list", seat.given or "not in it"),
        ("person", seat.person),
        ("joined", joined if seat.taken_ms is not None else "not yet"),
        ("tokens", f"{seat.tokens:,}{limit} in {seat.requests} requests"),
        ("now", f"{seat.running} running, {seat.waiting} waiting"),
        ("last answer", ago(seat.last_ms, seats.now_ms)),
    ]
    if seat.trouble:
        facts += [
            ("last error", Cell(seat.trouble, "bad")),
            (
                "",
                f"{seat.trouble_code}, {ago(seat.trouble_ms, seats.now_ms)}, request {seat.trouble_request}",
            ),
        ]
    if seat.mend in _MENDS:
        facts.append(("what helps", Cell(_MENDS[seat.mend], "ok")))
    return facts


def seat_keys(seat: SeatLine, seats: ClassSeats) -> list[CloseUpKey]:
    """What can be done; that which helps comes first."""
    if seats.state == "over":
        return _request_key(seat)
    fixes = [
        ("r", "new key", "class.reissue"),
        ("t", "top up", "class.top-up"),
        ("l", "release", "class.release"),
    ]
    fixes.sort(key=lambda one: one[2] != f"class.{seat.mend}")
    arguments = {"name": seats.id, "seat": seat.person}
    keys = [
        CloseUpKey(
            key, label, Deed(action, arguments, form=action == "class.top-up", subject=seat.person), False
        )
        for key, label, action in fixes
    ]
    return [*keys, *_request_key(seat)]


def _request_key(seat: SeatLine) -> list[CloseUpKey]:
    if not seat.trouble_request:
        return []
    return [CloseUpKey("d", "why", Deed("request.show", {"id": seat.trouble_request}), False)]
