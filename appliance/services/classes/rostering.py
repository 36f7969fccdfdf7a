"""A class list taken in, or only looked at: the same list again changes nothing."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from appliance.domain.actor import Actor
from appliance.domain.results import ClassRoster, Result, RosterSeat
from appliance.policy.classes.seats import SeatStep
from appliance.policy.classes.shape import check_lives
from appliance.services.classes.book import ClassBook
from appliance.services.classes.enrolling import Enrolling, ReadList

MOST_TOLD: Final = 20


class Rostering:
    """Answers ``class roster``."""

    def __init__(self, book: ClassBook, enrolling: Enrolling) -> None:
        self._book = book
        self._enrolling = enrolling

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"class.roster": self.take_in}

    async def take_in(
        self, *, name: str, file: str, project: str | None = None, dry_run: bool = False, actor: Actor
    ) -> ClassRoster:
        """Whoever can be seated is; each line that cannot says why. Nobody is removed.

        Raises ``BadRequest`` for what is no class list, ``NotFound``, ``Conflict``.
        """
        lesson = self._book.require(name, project)
        check_lives(lesson)
        async with self._enrolling.alone():
            read = await self._enrolling.read(lesson.id, lesson.project_id, file, actor)
            if not dry_run:
                await self._enrolling.write(read.enrolment)
        return told(lesson.id, read, dry_run=dry_run)


def told(class_id: str, read: ReadList, *, dry_run: bool) -> ClassRoster:
    """As whoever sent the list is told it."""
    outcomes = Counter(one.outcome for one in read.steps)
    return ClassRoster(
        id=class_id,
        form=read.form,
        dry_run=dry_run,
        whole=not outcomes["problem"],
        lines=tuple(_line(one) for one in read.steps),
        new=outcomes["new"],
        joined=outcomes["joins"],
        changed=outcomes["changed"],
        present=outcomes["present"],
        skipped=outcomes["skipped"],
        problems=outcomes["problem"],
        missing=outcomes["missing"],
    )


def remarks(read: ReadList) -> tuple[str, ...]:
    """What whoever makes a class with its list should know: a sentence for each line that seats nobody."""
    unseated = [one for one in read.steps if one.outcome in {"problem", "skipped"}]
    said = [f"Line {one.line} of the list was left out: {one.why}." for one in unseated[:MOST_TOLD]]
    more = len(unseated) - MOST_TOLD
    return (*said, f"{more} more lines of the list were left out.") if more > 0 else tuple(said)


def _line(step: SeatStep) -> RosterSeat:
    return RosterSeat(
        line=step.line,
        outcome=step.outcome,
        given=step.given,
        person=(step.seat.person_id if step.seat is not None else "")
        if step.person is None
        else step.person.id,
        name="" if step.person is None else step.person.name,
        why=step.why,
    )
