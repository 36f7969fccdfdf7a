"""What is somebody's own, in the words and numbers of the page that shows it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.domain.allocation import ALWAYS_MS, Account, Scope, Window
from appliance.domain.days import DAY_MS, day_text
from appliance.domain.me import Me, OwnLimit
from appliance.domain.rates import LimitLeft
from appliance.domain.usage import Meters, UsageSum
from appliance.policy.budget import credits_text
from appliance.web.filters import number

DAYS: Final = 7
_WINDOWS: Final[Mapping[Window, str]] = {
    Window.DAY: "today",
    Window.TERM: "this term",
    Window.TOTAL: "in all",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A limit on what may be spent: ``used`` of ``limit`` in micro-credits. ``about`` says what is left in
    other words, ``until_ms`` when its day or term ends.
    """

    title: str
    used: int
    limit: int
    left: str
    about: str
    until_ms: int | None

    @property
    def percent(self) -> int:
        """Of the limit; what nothing may be spent of is used up."""
        return min(100, self.used * 100 // self.limit) if self.limit > 0 else 100


@dataclass(frozen=True, slots=True)
class Day:
    """What was used on a UTC day."""

    day: str
    begins_s: int
    requests: int
    tokens: int
    spent_micro: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit per minute or day."""

    title: str
    limit: int
    left: int
    full_in_s: float


def bars(me: Me) -> Sequence[Bar]:
    """Every limit that binds them; days before terms before what is in all."""
    order = (Window.DAY, Window.TERM, Window.TOTAL)
    found = sorted(me.allocations, key=lambda one: order.index(one.account.allocation.window))
    return [_bar(one, me) for one in found]


def _bar(one: OwnLimit, me: Me) -> Bar:
    account = one.account
    limit = (account.allocation.limit_micro or 0) + account.granted_micro
    about = one.about
    words = "" if about is None else f"about {number(about.tokens)} tokens of {about.model}, by {about.basis}"
    return Bar(
        title=f"{_whose(account, me)}, {_WINDOWS[account.allocation.window]}",
        used=account.spent_micro + account.held_micro,
        limit=max(0, limit),
        left=credits_text(account.left_micro or 0),
        about=words,
        until_ms=None if account.closes_ms >= ALWAYS_MS else account.closes_ms,
    )


def _whose(account: Account, me: Me) -> str:
    match account.allocation.scope:
        case Scope.PROJECT:
            return f"The whole project {me.project.name}"
        case Scope.PERSON:
            return "You in this project"
        case Scope.KEY:
            return "This key"
        case Scope.MODEL:
            return f"The project on {account.subject}"


def week(usage: Sequence[UsageSum], now_ms: int) -> Sequence[Day]:
    """The last seven UTC days, those without use too, the oldest first."""
    by_day = {one.group: one for one in usage}
    return list(_days(by_day, now_ms))


def week_begins_ms(now_ms: int) -> int:
    """The first moment of the first of them."""
    return now_ms - now_ms % DAY_MS - (DAYS - 1) * DAY_MS


def _days(by_day: Mapping[str, UsageSum], now_ms: int) -> Iterator[Day]:
    from_ms = week_begins_ms(now_ms)
    for at_ms in range(from_ms, from_ms + DAYS * DAY_MS, DAY_MS):
        name = day_text(at_ms)
        found = by_day.get(name, UsageSum(name, 0, Meters()))
        tokens = found.meters.prompt_tokens + found.meters.completion_tokens
        yield Day(name, at_ms // 1000, found.requests, tokens, found.meters.gflop)


def rates(limits: Sequence[LimitLeft]) -> Sequence[Rate]:
    """In words."""
    return [
        Rate(
            f"{one.counted.capitalize()} a {one.window}{_by(one.by)}",
            one.left.limit,
            one.left.left,
            one.left.full_in_s,
        )
        for one in limits
    ]


def _by(by: str) -> str:
    if by == "box":
        return ""
    if by.startswith("tier:"):
        return f", for models of tier {by.removeprefix('tier:')}"
    return ", with this key" if by == "key" else f", by {by}"
