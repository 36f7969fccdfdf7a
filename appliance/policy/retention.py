"""How long what is kept: one table, which the box obeys and tells everybody."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DAY_MS: Final = 86_400_000
TALLY_DAYS: Final = 30
SESSION_DAYS: Final = 1


class Record(StrEnum):
    """What is kept."""

    USAGE = "usage"
    DECISIONS = "decisions"
    INCIDENTS = "incidents"
    SAMPLES = "samples"
    SAMPLE_CONTENT = "sample-content"
    REPORTS = "reports"
    TALLIES = "tallies"
    ALERTS = "alerts"
    SESSIONS = "sessions"
    LOGS = "logs"
    FILES = "files"
    APPLICATIONS = "applications"
    PEOPLE = "people"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Periods:
    """In days, as they were set."""

    usage: int = 180
    decisions: int = 180
    incidents: int = 90
    samples: int = 90
    sample_content: int = 30
    reports: int = 90
    logs: int = 14
    files: int = 30


@dataclass(frozen=True, slots=True)
class Rule:
    """``days`` from ``since`` on; None is until somebody ends it. ``then`` says what happens, in words."""

    record: Record
    what: str
    days: int | None
    since: str
    then: str

    def before_ms(self, now_ms: int) -> int | None:
        """What began earlier is over; None for what does not end by itself. Days are whole ones of UTC, so
        that all requests of a day are summed at once.
        """
        return None if self.days is None else (now_ms // DAY_MS - self.days) * DAY_MS

    @property
    def sentence(self) -> str:
        """For whoever wants to know."""
        if self.days is None:
            return f"{self.what}: {self.then}."
        return f"{self.what}: {self.days} days {self.since}; then {self.then}."


def rules(periods: Periods) -> tuple[Rule, ...]:
    """The table."""
    return (
        Rule(
            Record.USAGE,
            "What is recorded of each request",
            periods.usage,
            "after its day",
            "only sums for each day, project, person, key and model are kept",
        ),
        Rule(
            Record.DECISIONS,
            "Which rule refused or changed a request, without its content",
            periods.decisions,
            "after its day",
            "it is deleted",
        ),
        Rule(
            Record.INCIDENTS,
            "Incidents: which tripwire, how often, what was decided",
            periods.incidents,
            "after they were closed",
            "they are deleted",
        ),
        Rule(
            Record.SAMPLES,
            "Spot checks: which request was looked at, and the verdict",
            periods.samples,
            "after they were drawn",
            "they are deleted",
        ),
        Rule(
            Record.SAMPLE_CONTENT,
            "Prompts and answers that people agreed to show reviewers, or shared in a report",
            periods.sample_content,
            "after they were taken",
            "they are deleted",
        ),
        Rule(
            Record.REPORTS,
            "The words of flaw reports",
            periods.reports,
            "after they were decided",
            "they are deleted; that there was a report, and what was paid for it, stays",
        ),
        Rule(
            Record.TALLIES,
            "What single people used on a day, until that is in a report to the registry",
            TALLY_DAYS,
            "after that day, once the registry has the report",
            "it is deleted",
        ),
        Rule(Record.ALERTS, "Alerts", periods.incidents, "after the last time", "they are deleted"),
        Rule(
            Record.SESSIONS,
            "Who is signed in on the box's pages",
            SESSION_DAYS,
            "after the session ended",
            "it is deleted",
        ),
        Rule(Record.LOGS, "The box's log", periods.logs, "after its day", "it is deleted"),
        Rule(
            Record.FILES,
            "Files that people send, and those that their batches write",
            periods.files,
            "after they came, or less where their owner says so",
            "they are deleted, unless a batch needs them",
        ),
        Rule(
            Record.APPLICATIONS,
            "Signatures, applications and grants",
            None,
            "",
            "as long as the box, for they say who was let in and why; emptied when a person is erased",
        ),
        Rule(
            Record.PEOPLE,
            "Persons, memberships and keys without their secrets",
            None,
            "",
            "until a person is erased",
        ),
        Rule(
            Record.AUDIT,
            "The audit log of what operators and leads do",
            None,
            "",
            "as long as the box, since a chain with a piece cut out is no chain; ids of persons stay in it",
        ),
    )
