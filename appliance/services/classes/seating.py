"""Who sits in a class and how they fare: from the queue, the ledger and what went wrong, in one pass."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.classes import SchoolClass, Seat, SeatLeft, SeatTrouble, SeatUse
from appliance.domain.clock import Clock
from appliance.domain.me import QueueShare
from appliance.domain.people import Person
from appliance.domain.results import ClassSeats, Result, SeatLine
from appliance.policy.classes.seat_state import SeatFacts, mend, seat_state
from appliance.policy.classes.seats import initials
from appliance.services.classes.book import ClassBook

_A_PART: Final = 0.1
"""So far a limit in tokens may be from what the class says: keys of another day were given another price."""


class People(Protocol):
    """Who there is."""

    def person(self, id: str) -> Person | None:
        """Of that id."""
        ...


class Queue(Protocol):
    """Who waits and runs."""

    def share(self, person: str) -> QueueShare:
        """This person's part."""
        ...

    def waits_s(self) -> Mapping[str, int]:
        """For how long whoever waits has done so, by person."""
        ...


class Uses(Protocol):
    """What seats used."""

    async def used(self, class_id: str) -> Mapping[str, SeatUse]:
        """By person, of those who used anything."""
        ...


class Left(Protocol):
    """What seats may still spend."""

    async def of_class(self, class_id: str) -> Mapping[str, SeatLeft]:
        """By person; of those who have a limit of their own."""
        ...


@dataclass(frozen=True, slots=True)
class _Spending:
    """Of one seat. ``whole_micro`` is what the class gives each; None where nobody knows."""

    use: SeatUse
    left: SeatLeft | None
    whole_micro: int | None

    @property
    def spent(self) -> bool:
        """A hundredth is as good as nothing."""
        return self.left is not None and self.left.left_micro * 100 <= (self.whole_micro or 0)

    def limit_tokens(self, tokens: int) -> int:
        """What it may use in all, with what it was given besides; ``tokens`` is what the class gives each."""
        if not tokens or self.left is None or not self.whole_micro:
            return tokens
        has = round(tokens * (self.use.micro + self.left.left_micro) / self.whole_micro)
        return tokens if abs(has - tokens) <= _A_PART * tokens else has


class Troubles(Protocol):
    """What went wrong lately."""

    def of_key(self, key_id: str) -> Sequence[SeatTrouble]:
        """The newest first."""
        ...


class Answers(Protocol):
    """What the class was answered."""

    def median_ms(self, class_id: str) -> int | None:
        """Of its last first words."""
        ...

    def answered_ms(self, class_id: str, person_id: str) -> int | None:
        """When a seat last had a whole answer."""
        ...


class Seating:
    """Answers ``class seats``."""

    def __init__(
        self,
        book: ClassBook,
        *,
        people: People,
        queue: Queue,
        uses: Uses,
        left: Left,
        troubles: Troubles,
        answers: Answers,
        clock: Clock,
    ) -> None:
        self._book = book
        self._people = people
        self._queue = queue
        self._uses = uses
        self._left = left
        self._troubles = troubles
        self._answers = answers
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"class.seats": self.seats}

    async def seats(self, *, name: str, project: str | None = None) -> ClassSeats:
        """Raises ``NotFound``."""
        return await self.of(self._book.require(name, project))

    async def of(self, lesson: SchoolClass) -> ClassSeats:
        """All seats of a class as they are now, by their numbers."""
        used = await self._uses.used(lesson.id)
        left = await self._left.of_class(lesson.id)
        whole_micro, waits_s = _whole_micro(used, left), self._queue.waits_s()
        now_ms, seats = self._clock.now_ms(), self._book.seats(lesson.id)
        return ClassSeats(
            id=lesson.id,
            state=lesson.state(now_ms),
            mode=lesson.mode,
            message=lesson.message,
            now_ms=now_ms,
            ends_ms=lesson.ends_ms,
            taken=sum(seat.taken_ms is not None for seat in seats),
            seats=tuple(
                self._line(
                    lesson,
                    seat,
                    _Spending(used.get(one, SeatUse()), left.get(one), whole_micro),
                    waits_s.get(one, 0),
                )
                for seat in seats
                for one in [seat.person_id]
            ),
            first_word_ms=self._answers.median_ms(lesson.id),
        )

    def _line(self, lesson: SchoolClass, seat: Seat, spending: _Spending, waits_s: int) -> SeatLine:
        person = self._people.person(seat.person_id)
        name = "" if person is None else person.name
        share = self._queue.share(seat.person_id)
        trouble, use = self._trouble(seat), spending.use
        facts = SeatFacts(
            taken=seat.taken_ms is not None,
            running=share.running,
            waiting=share.waiting,
            answered_ms=self._answers.answered_ms(lesson.id, seat.person_id),
            trouble=trouble,
            spent=spending.spent,
        )
        return SeatLine(
            number=seat.number,
            person=seat.person_id,
            given=seat.given,
            name=name,
            initials=initials(name, seat.given),
            state=seat_state(facts, self._clock.now_ms()),
            how=seat.how,
            taken_ms=seat.taken_ms,
            running=share.running,
            waiting=share.waiting,
            waits_s=waits_s,
            tokens=use.prompt_tokens + use.completion_tokens,
            limit_tokens=spending.limit_tokens(lesson.caps.tokens),
            requests=use.requests,
            last_ms=max((one for one in (facts.answered_ms, use.last_ms) if one is not None), default=None),
            trouble="" if trouble is None else trouble.message,
            trouble_code="" if trouble is None else trouble.code,
            trouble_ms=None if trouble is None else trouble.at_ms,
            trouble_request="" if trouble is None else trouble.request_id,
            mend=mend(facts),
        )

    def _trouble(self, seat: Seat) -> SeatTrouble | None:
        return next(iter(self._troubles.of_key(seat.key_id)), None) if seat.key_id else None


def _whole_micro(used: Mapping[str, SeatUse], left: Mapping[str, SeatLeft]) -> int | None:
    """What the class gave each seat, in micro-credits: what most of them had. It is not counted anew from
    tokens, because what those cost changes as a model is used, and what seats were given does not.
    """
    had = sorted(
        one.left_micro - one.given_micro + used.get(person, SeatUse()).micro for person, one in left.items()
    )
    return had[len(had) // 2] if had else None
