"""What may be spent: by a project, a person, a key or on a model; in all, each day, or within a term.

An allocation is the rule, an account is what was taken from it within one window. Amounts in micro-credits,
times in ms since 1970 UTC; a day is a UTC day.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appliance.domain.days import DAY_MS
from appliance.domain.people import Caller

ALWAYS_MS: Final = 2**62
"""The end of a window that has none."""


class Scope(StrEnum):
    """Whose use an allocation limits, within its project."""

    PROJECT = "project"
    PERSON = "person"
    """A key that is of nobody in particular counts as a person of its own."""
    KEY = "key"
    MODEL = "model"
    """In all its forms."""


class Window(StrEnum):
    """Within which time it is counted."""

    TOTAL = "total"
    DAY = "day"
    TERM = "term"
    """From ``starts_ms`` to ``ends_ms``; outside of its terms nothing may be spent."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """``subject`` is the person, key or model that it is for; empty: each of them has as much.

    ``limit_micro`` None counts without limiting. Only a term has ``starts_ms`` and ``ends_ms``.
    """

    id: str
    project_id: str
    scope: Scope
    subject: str
    window: Window
    limit_micro: int | None
    starts_ms: int | None = None
    ends_ms: int | None = None
    created_ms: int = 0

    def opens_ms(self, at_ms: int) -> int:
        """When the window that a request of that time counts to began."""
        match self.window:
            case Window.DAY:
                return at_ms - at_ms % DAY_MS
            case Window.TERM:
                return self.starts_ms or 0
            case Window.TOTAL:
                return 0

    def closes_ms(self, opened_ms: int) -> int:
        """When that window ends."""
        match self.window:
            case Window.DAY:
                return opened_ms + DAY_MS
            case Window.TERM:
                return self.ends_ms or ALWAYS_MS
            case Window.TOTAL:
                return ALWAYS_MS

    def runs(self, at_ms: int) -> bool:
        """False for a term that has not begun or is over."""
        opened_ms = self.opens_ms(at_ms)
        return opened_ms <= at_ms < self.closes_ms(opened_ms)


@dataclass(frozen=True, slots=True)
class Account:
    """What was taken within one window. ``subject`` is whose account it is, never empty.

    ``granted_micro`` is what adjustments added to the limit, or took from it.
    """

    allocation: Allocation
    subject: str
    opened_ms: int
    spent_micro: int = 0
    held_micro: int = 0
    granted_micro: int = 0

    @property
    def unspent_micro(self) -> int | None:
        """Left once all running requests have given back what they hold; None is without limit."""
        limit = self.allocation.limit_micro
        return None if limit is None else max(limit + self.granted_micro - self.spent_micro, 0)

    @property
    def left_micro(self) -> int | None:
        """What a new request may take; None is without limit."""
        unspent = self.unspent_micro
        return None if unspent is None else max(unspent - self.held_micro, 0)

    @property
    def closes_ms(self) -> int:
        """When its window ends."""
        return self.allocation.closes_ms(self.opened_ms)

    def covers(self, micro: int, *, held_micro: int) -> bool:
        """Whether so much more may be taken while so much is held; nothing at all from one that is
        overdrawn.
        """
        limit = self.allocation.limit_micro
        return limit is None or self.spent_micro + held_micro + micro <= limit + self.granted_micro


def subjects_of(caller: Caller, model_id: str) -> Mapping[Scope, str]:
    """Whose accounts a request of that caller counts to."""
    return {
        Scope.PROJECT: caller.project_id,
        Scope.PERSON: caller.holder,
        Scope.KEY: caller.key_id,
        Scope.MODEL: model_id.partition("@")[0],
    }


def binding(concerned: Iterable[Allocation], at_ms: int) -> Iterator[Allocation]:
    """Of all allocations that concern a request, those that must have room for it.

    One for this very person, key or model goes before that for each of them. Of several terms it is the one
    that runs; where none does, the nearest is told, so that it can refuse.
    """
    groups: dict[tuple[Scope, Window], list[Allocation]] = {}
    for one in concerned:
        groups.setdefault((one.scope, one.window), []).append(one)
    for group in groups.values():
        # Running ones first, then those of this very subject, then the nearest.
        yield min(group, key=lambda one: (not one.runs(at_ms), not one.subject, _distance_ms(one, at_ms)))


def _distance_ms(allocation: Allocation, at_ms: int) -> int:
    starts_ms = allocation.starts_ms or 0
    # What is still to come is told before what is over.
    return starts_ms - at_ms if starts_ms > at_ms else ALWAYS_MS + at_ms - starts_ms
