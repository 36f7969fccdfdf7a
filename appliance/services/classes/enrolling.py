"""Who sits in a class: by a class list, or as a guest. One at a time, so that numbers stay whose they are."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.classes import SchoolClass, Seat
from appliance.domain.clock import Clock
from appliance.domain.enrolling import Enrolment
from appliance.domain.people import Intake, Membership, Person
from appliance.policy.classes.seats import SeatStep, next_guest, plan_seats
from appliance.policy.rosters.planning import Known, Step, plan
from appliance.policy.rosters.reading import read_roster
from appliance.services.classes.book import ClassBook
from appliance.services.classes.ports import Classes
from appliance.services.people.directory import Directory

_AS_THEY_ARE: Final = frozenset({"present", "missing"})


@dataclass(frozen=True, slots=True)
class ReadList:
    """What a list would do. ``form`` says what exported it."""

    form: str
    steps: tuple[SeatStep, ...]
    enrolment: Enrolment


NO_LIST = ReadList("", (), Enrolment(Intake([], [], [], []), ()))


class Enrolling:
    """Directory and book learn of it once it is on the disk."""

    def __init__(self, classes: Classes, directory: Directory, book: ClassBook, clock: Clock) -> None:
        self._classes = classes
        self._directory = directory
        self._book = book
        self._clock = clock
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Scope in which nobody else gives out numbers."""
        async with self._lock:
            yield

    async def read(self, class_id: str, project: str, file: str, actor: Actor) -> ReadList:
        """What a list would do, in a class that need not be there yet. For a lead people of other projects
        are not there: whoever has the id of one gets an id of their own.

        Raises ``BadRequest`` for what is no class list.
        """
        # Thousands of lines take a tenth of a second, in which streams would stand still.
        roster = await asyncio.to_thread(read_roster, file)
        now_ms = self._clock.now_ms()
        steps = plan(roster, self._known(project, actor), part="member", keep_email=False, now_ms=now_ms)
        seats = plan_seats(
            class_id,
            steps,
            self._book.seats(class_id),
            given={one.line: one.given for one in roster.students},
            leads=self._directory.leads(project),
        )
        return ReadList(roster.form, seats, self._enrolment(project, steps, seats, now_ms))

    async def write(self, enrolment: Enrolment) -> None:
        """In a class that is there. Raises ``Conflict`` where an id was taken meanwhile."""
        await self._classes.enrol(enrolment)
        self.tell(enrolment)

    def tell(self, enrolment: Enrolment) -> None:
        """It is on the disk."""
        for person in (*enrolment.intake.new, *enrolment.intake.changed):
            self._directory.put_person(person)
        for membership in enrolment.intake.members:
            self._directory.put_member(membership)
        for seat in enrolment.seats:
            # Somebody may have taken it meanwhile.
            known = self._book.seat(seat.class_id, seat.person_id)
            self._book.put_seat(seat if known is None else replace(known, given=seat.given))

    async def add(self, lesson: SchoolClass) -> Seat:
        """The free seat of one more guest. Raises ``Conflict`` where as many have come as may."""
        async with self.alone():
            now_ms = self._clock.now_ms()
            seat, name = next_guest(lesson, self._book.seats(lesson.id))
            person = Person(seat.person_id, name, now_ms)
            membership = Membership(lesson.project_id, person.id, "member", now_ms)
            await self.write(Enrolment(Intake([person], [], [membership], []), [seat]))
            return seat

    def _known(self, project: str, actor: Actor) -> Known:
        there = self._directory

        def elsewhere(person: str) -> bool:
            return any(one.project_id != project for one in there.projects_of(person))

        def foreign(person: str) -> bool:
            return there.part(project, person) is None and elsewhere(person)

        return Known(
            person=there.person,
            part=lambda person: there.part(project, person),
            elsewhere=elsewhere,
            foreign=foreign if actor.permission is Permission.LEAD else lambda _person: False,
        )

    def _enrolment(
        self, project: str, steps: Sequence[Step], seats: Sequence[SeatStep], now_ms: int
    ) -> Enrolment:
        there = self._directory
        parts = {one.line: one.part for one in steps}
        people = {one.line: one.person for one in seats if one.person is not None}
        members = [
            Membership(project, person.id, part, now_ms)
            for line, person in people.items()
            if (part := parts[line]) is not None
        ]
        intake = Intake(
            new=[one for one in people.values() if there.person(one.id) is None],
            changed=[one for one in people.values() if there.person(one.id) not in {None, one}],
            members=members,
            keys=[],
        )
        changed = [one.seat for one in seats if one.seat is not None and one.outcome not in _AS_THEY_ARE]
        return Enrolment(intake, changed)
