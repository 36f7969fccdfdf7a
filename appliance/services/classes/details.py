"""A class as whoever runs it is shown it."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.classes import SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.results import ClassDetail, ClassLine, FrozenModelLine
from appliance.services.classes.book import ClassBook
from appliance.services.classes.door import ClassDoor


class Warnings(Protocol):
    """What should be known before a lesson."""

    async def of(self, lesson: SchoolClass) -> Sequence[str]:
        """One sentence each."""
        ...


class ClassDetails:
    """What is set of it, who sits there, under which address it is found."""

    def __init__(self, book: ClassBook, door: ClassDoor, warnings: Warnings, clock: Clock) -> None:
        self._book = book
        self._door = door
        self._warnings = warnings
        self._clock = clock

    async def of(self, lesson: SchoolClass) -> ClassDetail:
        """All that is set of it, and what speaks of it before the lesson."""
        seats = self._book.seats(lesson.id)
        caps = lesson.caps
        return ClassDetail(
            id=lesson.id,
            project=lesson.project_id,
            title=lesson.title,
            state=lesson.state(self._clock.now_ms()),
            mode=lesson.mode,
            models=lesson.models,
            seat_tokens=caps.tokens,
            seat_running=caps.running,
            seat_requests_per_minute=caps.requests_per_minute,
            seat_tokens_per_minute=caps.tokens_per_minute,
            starts_ms=lesson.starts_ms,
            ends_ms=lesson.ends_ms,
            keys_end_ms=lesson.keys_end_ms,
            grace_min=lesson.grace_min,
            guests=lesson.guests,
            networks=lesson.networks,
            seed=lesson.seed,
            plain=lesson.plain,
            plain_address=self._door.plain_address(lesson),
            address=lesson.address,
            addresses=self._door.addresses(lesson),
            opened_ms=lesson.opened_ms,
            paused_ms=lesson.paused_ms,
            over_ms=lesson.over_ms,
            message=lesson.message,
            frozen=frozen_lines(lesson),
            seats=len(seats),
            taken=sum(one.taken_ms is not None for one in seats),
            warnings=tuple(await self._warnings.of(lesson)),
        )

    def line(self, lesson: SchoolClass) -> ClassLine:
        """In a list."""
        seats = self._book.seats(lesson.id)
        return ClassLine(
            id=lesson.id,
            project=lesson.project_id,
            title=lesson.title,
            state=lesson.state(self._clock.now_ms()),
            mode=lesson.mode,
            models=lesson.models,
            seats=len(seats),
            taken=sum(one.taken_ms is not None for one in seats),
            starts_ms=lesson.starts_ms,
            ends_ms=lesson.ends_ms,
        )


def frozen_lines(lesson: SchoolClass) -> tuple[FrozenModelLine, ...]:
    """Of an exam that was opened."""
    return tuple(
        FrozenModelLine(model=one.model, revision=one.revision, files=one.files) for one in lesson.frozen
    )
