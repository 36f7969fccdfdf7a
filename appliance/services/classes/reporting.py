"""What a class used: a line for each seat, and the same as a file for spreadsheets."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from appliance.domain.classes import SchoolClass, Seat, SeatUse
from appliance.domain.clock import Clock
from appliance.domain.results import ClassReport, ReportRow, Result
from appliance.policy.classes.report import report_csv
from appliance.services.classes.book import ClassBook
from appliance.services.classes.details import frozen_lines
from appliance.services.people.directory import Directory


class Uses(Protocol):
    """What seats used."""

    async def of(self, class_id: str, since_ms: int) -> Mapping[str, SeatUse]:
        """By person, of those who used anything since then."""
        ...


class Decisions(Protocol):
    """The log of what was refused."""

    async def flush(self) -> None:
        """Bring to the disk what is only counted yet."""
        ...


class Reporting:
    """Answers ``class report``."""

    def __init__(
        self,
        *,
        book: ClassBook,
        uses: Uses,
        decisions: Decisions,
        directory: Directory,
        clock: Clock,
    ) -> None:
        self._book = book
        self._uses = uses
        self._decisions = decisions
        self._directory = directory
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"class.report": self.report}

    async def report(self, *, name: str, project: str | None = None) -> ClassReport:
        """Raises ``NotFound``."""
        lesson = self._book.require(name, project)
        await self._decisions.flush()
        used = await self._uses.of(lesson.id, lesson.created_ms)
        rows = tuple(
            self._row(seat, used.get(seat.person_id, SeatUse())) for seat in self._book.seats(lesson.id)
        )
        return self._told(lesson, rows)

    def _row(self, seat: Seat, use: SeatUse) -> ReportRow:
        person = self._directory.person(seat.person_id)
        return ReportRow(
            given=seat.given,
            name="" if person is None else person.name,
            person=seat.person_id,
            joined_ms=seat.taken_ms,
            how=seat.how,
            requests=use.requests,
            prompt_tokens=use.prompt_tokens,
            completion_tokens=use.completion_tokens,
            spent_micro=use.micro,
            refused=use.refused,
            first_ms=use.first_ms,
            last_ms=use.last_ms,
        )

    def _told(self, lesson: SchoolClass, rows: tuple[ReportRow, ...]) -> ClassReport:
        frozen, seed = frozen_lines(lesson), lesson.seed if lesson.mode == "exam" else None
        return ClassReport(
            id=lesson.id,
            title=lesson.title,
            project=lesson.project_id,
            mode=lesson.mode,
            state=lesson.state(self._clock.now_ms()),
            starts_ms=lesson.starts_ms,
            opened_ms=lesson.opened_ms,
            ends_ms=lesson.ends_ms if lesson.over_ms is None else min(lesson.ends_ms, lesson.over_ms),
            models=lesson.models,
            frozen=frozen,
            seed=seed,
            rows=rows,
            csv=report_csv(rows, frozen=frozen, seed=seed),
        )
