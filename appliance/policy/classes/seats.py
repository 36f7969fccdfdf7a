"""Who sits where: seats of a class list, numbered once and for all; guests; initials."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from appliance.domain.classes import SchoolClass, Seat
from appliance.domain.people import Person
from appliance.errors import BadRequest, Conflict, NotFound
from appliance.policy.classes.shape import MOST_SEATS
from appliance.policy.rosters.planning import Step

SeatOutcome = Literal["new", "joins", "changed", "present", "skipped", "problem", "missing"]
GUEST: Final = "guest"


@dataclass(frozen=True, slots=True)
class SeatStep:
    """What becomes of one line of the list; ``missing`` of line 0 is a seat that the list has not. ``seat``
    is as it will be, None where nobody is meant.
    """

    line: int
    outcome: SeatOutcome
    why: str
    given: str = ""
    person: Person | None = None
    seat: Seat | None = None


def plan_seats(
    class_id: str,
    steps: Sequence[Step],
    seats: Sequence[Seat],
    *,
    given: Mapping[int, str],
    leads: Collection[str],
) -> tuple[SeatStep, ...]:
    """A step for each line, and one for each seat of somebody who is not in the list and is no guest.
    ``given`` is the id that each line of the list has; ``leads`` of the course sit nowhere.

    Raises ``BadRequest`` for more seats than a class has.
    """
    there = {one.person_id: one for one in seats}
    number = max((one.number for one in seats), default=0)
    planned = []
    for step in steps:
        person, theirs = step.person, given.get(step.line, "")
        if person is None or person.id in leads:
            planned.append(_nobody(step, theirs))
            continue
        known = there.get(person.id)
        number += known is None
        planned.append(_somebody(step, person, Seat(class_id, person.id, number, theirs), known))
    if len(there) + sum(one.outcome in {"new", "joins"} for one in planned) > MOST_SEATS:
        raise BadRequest(f"A class has at most {MOST_SEATS} seats. Divide the list.", param="file")
    meant = {one.seat.person_id for one in planned if one.seat is not None}
    return (*planned, *_missing(seats, meant))


def guest_id(class_id: str, number: int) -> str:
    """Of the person who is the n-th guest of a class."""
    return f"{class_id}-{GUEST}-{number}"


def is_guest(seat: Seat) -> bool:
    """Whether it was made for somebody who is in no list."""
    return seat.person_id.startswith(f"{seat.class_id}-{GUEST}-")


def next_guest(lesson: SchoolClass, seats: Sequence[Seat]) -> tuple[Seat, str]:
    """The seat of one more guest, and a name for the person. Raises ``Conflict`` where there are as many as
    may come.
    """
    guests = [one for one in seats if is_guest(one)]
    if len(guests) >= lesson.guests or len(seats) >= MOST_SEATS:
        raise Conflict("All places for guests are taken. Ask your teacher for one more.")
    number = 1 + max((int(one.person_id.rpartition("-")[2]) for one in guests), default=0)
    place = 1 + max((one.number for one in seats), default=0)
    return Seat(lesson.id, guest_id(lesson.id, number), place, f"{GUEST}-{number}"), f"Guest {number}"


def seat_of(seats: Sequence[Seat], wanted: str) -> Seat:
    """The one of that person, or of that id in the list, whatever its capitals. Raises ``NotFound``,
    ``Conflict`` where several have the id.
    """
    text = wanted.strip()
    found = [one for one in seats if one.person_id == text] or [one for one in seats if one.given == text]
    found = found or [one for one in seats if one.given.casefold() == text.casefold()]
    if not found:
        raise NotFound("No seat has this id. `carrel class seats NAME` shows them all.", param="seat")
    if len(found) > 1:
        raise Conflict("Several seats have this id. Say the person's instead.", param="seat")
    return found[0]


def initials(name: str, given: str) -> str:
    """Two letters for a name, at most three."""
    words = [word for word in name.replace("-", " ").split() if word[:1].isalnum()]
    letters = "".join(word[0] for word in (words if len(words) < 3 else (words[0], *words[-2:])))
    shown = letters if len(words) > 1 else (words[0][:2] if words else given[:2])
    return unicodedata.normalize("NFC", shown).upper()[:3]


def _nobody(step: Step, given: str) -> SeatStep:
    if step.person is not None:
        return SeatStep(step.line, "skipped", "leads the course", given)
    return SeatStep(step.line, "problem" if step.outcome == "problem" else "skipped", step.why, given)


def _somebody(step: Step, person: Person, new: Seat, known: Seat | None) -> SeatStep:
    if known is None:
        outcome: SeatOutcome = "new" if step.outcome == "new" else "joins"
        return SeatStep(step.line, outcome, step.why, new.given, person, new)
    seat = replace(known, given=new.given)
    same = seat == known and step.outcome == "present"
    return SeatStep(step.line, "present" if same else "changed", step.why, new.given, person, seat)


def _missing(seats: Sequence[Seat], meant: set[str]) -> list[SeatStep]:
    return [
        SeatStep(0, "missing", "is not in this list, and keeps the seat", one.given, None, one)
        for one in seats
        if one.person_id not in meant and one.given and not is_guest(one)
    ]
