"""What each has used since the day began: raw counts, so that a changed rule finds the same day counted.

A restart reads them back from the ledger.
"""

from collections.abc import Callable, Iterable
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.people import Caller
from appliance.domain.rates import Counted, DayUse, RateLeft, RateRule, amount_text
from appliance.errors import BadRequest, RateLimited

DAY_MS: Final = 86_400_000

_What = tuple[str, str, str]
"""Key, project, recipe."""


class DayTally:
    """Of the whole box. ``tier_of`` tells a recipe's tier, empty for one that is gone."""

    def __init__(self, clock: Clock, tier_of: Callable[[str], str] = lambda _recipe: "") -> None:
        self._clock = clock
        self._tier_of = tier_of
        self._day = clock.now_ms() // DAY_MS
        self._used: dict[str, dict[_What, tuple[int, int]]] = {}

    @property
    def day(self) -> int:
        """Its number since 1970."""
        self._turn_over()
        return self._day

    @property
    def began_ms(self) -> int:
        """The first moment of the day."""
        return self.day * DAY_MS

    def load(self, uses: Iterable[DayUse]) -> None:
        """What was used of this day before the box began to count."""
        for use in uses:
            self._add(use.holder, (use.key, use.project, use.model), use.requests, use.tokens)

    def add(self, caller: Caller, model: str, *, requests: int, tokens: int, day: int | None = None) -> None:
        """More of a recipe, or less. What was taken on another ``day`` is not given back to this one."""
        if day in {None, self.day}:
            self._add(caller.holder, (caller.key_id, caller.project_id, model), requests, tokens)

    def check(self, rule: RateRule, *, requests: int, tokens: int = 0) -> None:
        """Whether so much is left. Raises ``RateLimited``; ``BadRequest`` where no day has so much."""
        used = self._of(rule)
        amounts: tuple[tuple[Counted, int, int, int], ...] = (
            ("requests", rule.requests_per_day, used[0], requests),
            ("tokens", rule.tokens_per_day, used[1], tokens),
        )
        for counted, most, so_far, amount in amounts:
            if most and amount > most:
                raise BadRequest(
                    f"The request may use {amount} {counted}, and {rule.by} allows {most} per day. Ask for a "
                    "shorter answer, or send a shorter prompt.",
                    param="max_tokens",
                )
            if most and so_far + amount > most:
                raise RateLimited(
                    f"{rule.told} allows {amount_text(most, counted)} per day: you have "
                    f"{max(0, most - so_far)} left, and this takes {amount}. Send it again after midnight "
                    "UTC.",
                    retry_after_s=int(self._rest_s()) + 1,
                )

    def left(self, rule: RateRule, counted: Counted) -> RateLeft | None:
        """None where the rule does not limit this."""
        most = rule.requests_per_day if counted == "requests" else rule.tokens_per_day
        if not most:
            return None
        used = self._of(rule)[counted == "tokens"]
        return RateLeft(most, max(0, most - used), self._rest_s() if used else 0.0)

    def _turn_over(self) -> None:
        """Of a new day nothing is used."""
        day = self._clock.now_ms() // DAY_MS
        if day != self._day:
            self._day, self._used = day, {}

    def _of(self, rule: RateRule) -> tuple[int, int]:
        self._turn_over()
        theirs = self._used.get(rule.holder, {})
        counts = [count for what, count in theirs.items() if self._counts(rule, what)]
        return sum(requests for requests, _ in counts), sum(tokens for _, tokens in counts)

    def _counts(self, rule: RateRule, what: _What) -> bool:
        key, project, model = what
        if rule.key and rule.key != key:
            return False
        scope = rule.scope
        return scope is None or scope.covers(model=model, tier=self._tier_of(model), project=project)

    def _add(self, holder: str, what: _What, requests: int, tokens: int) -> None:
        theirs = self._used.setdefault(holder, {})
        before = theirs.get(what, (0, 0))
        theirs[what] = max(0, before[0] + requests), max(0, before[1] + tokens)

    def _rest_s(self) -> float:
        return (self.began_ms + DAY_MS - self._clock.now_ms()) / 1000
