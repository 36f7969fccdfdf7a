"""Takes what a request may use from everything that limits its caller, all of it or nothing."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.people import Caller
from appliance.domain.rates import (
    Counted,
    LimitLeft,
    RateLeft,
    RateRule,
    RatesLeft,
    Window,
    amount_text,
)
from appliance.errors import PersonLimitReached
from appliance.services.allowance.days import DayTally
from appliance.services.allowance.minutes import Minutes

BOX: Final = "box"
RETRY_S: Final = 5
MOST_REMEMBERED: Final = 16_384


class Rules(Protocol):
    """Who knows the limits that are not those of everybody. Answers from memory."""

    def of_request(self, caller: Caller, model: str) -> Sequence[RateRule]:
        """Those for a request of ``model``, a recipe's id."""
        ...

    def of_caller(self, caller: Caller) -> Sequence[RateRule]:
        """All that a caller may meet, whatever they ask."""
        ...


class NoRules:
    """Where there are none."""

    def of_request(self, _caller: Caller, _model: str) -> Sequence[RateRule]:
        """Nothing."""
        return ()

    def of_caller(self, _caller: Caller) -> Sequence[RateRule]:
        """Nothing."""
        return ()


class Allowance:
    """Of the whole box. ``requests_per_minute`` and ``tokens_per_minute`` are everybody's, for what somebody
    waits for; 0 is no limit. ``rules`` are for all requests.
    """

    def __init__(
        self,
        *,
        requests_per_minute: int = 0,
        tokens_per_minute: int = 0,
        clock: Clock,
        rules: Rules = NoRules(),  # noqa: B008 - has no state
        tally: DayTally | None = None,
    ) -> None:
        self._per_minute = requests_per_minute, tokens_per_minute
        self._rules = rules
        self._requests = Minutes("requests", clock)
        self._tokens = Minutes("tokens", clock)
        self._days = tally or DayTally(clock)
        self._running: Counter[str] = Counter()
        self._asked: dict[str, str] = {}
        """The recipe that each key asked last, of those that asked lately."""

    def count(self, caller: Caller, model: str, *, waits: bool = True) -> None:
        """One more request of a model. Raises ``RateLimited``, ``PersonLimitReached``."""
        rules = self._all(caller, model, waits=waits)
        self._remember(caller, model)
        for rule in rules:
            self._requests.check(rule, 1)
            self._days.check(rule, requests=1)
            self._check_running(rule)
        for rule in rules:
            self._requests.take(rule, 1)

    def take(self, caller: Caller, model: str, tokens: int, *, waits: bool = True) -> "Taken":
        """Tokens that it may use. Raises as ``count``; ``BadRequest`` for more than there ever are."""
        rules = self._all(caller, model, waits=waits)
        for rule in rules:
            self._tokens.check(rule, tokens)
            self._days.check(rule, requests=1, tokens=tokens)
            self._check_running(rule)
        for rule in rules:
            self._tokens.take(rule, tokens)
            self._running[rule.id] += bool(rule.running)
        recipe = _recipe(model)
        self._days.add(caller, recipe, requests=1, tokens=tokens)
        share = _Share(caller, recipe, rules, tokens, self._days.day)
        return Taken(self._give_back, share)

    def left(self, caller: Caller) -> RatesLeft:
        """Of requests and of tokens what is left where the least is, for the model that was asked last."""
        lines = self._lines(self._all(caller, self._asked.get(caller.key_id, ""), waits=True))
        return RatesLeft(_tightest(lines, "requests"), _tightest(lines, "tokens"))

    def lines(self, caller: Caller) -> Sequence[LimitLeft]:
        """Every limit that the caller may meet, and what is left of it."""
        return self._lines([self._box(caller), *self._rules.of_caller(caller)])

    def _lines(self, rules: Sequence[RateRule]) -> Sequence[LimitLeft]:
        return [
            LimitLeft(rule.id, counted, window, left)
            for rule in rules
            for counted, window, left in self._of_rule(rule)
            if left is not None
        ]

    def _give_back(self, share: "_Share", used_tokens: int) -> None:
        unused = share.tokens - used_tokens
        for rule in share.rules:
            self._tokens.take(rule, -unused)
            self._running[rule.id] -= bool(rule.running)
        requests = 0 if used_tokens else -1
        self._days.add(share.caller, share.model, requests=requests, tokens=-unused, day=share.day)
        self._running += Counter()

    def _of_rule(self, rule: RateRule) -> Iterator[tuple[Counted, Window, RateLeft | None]]:
        yield "requests", "minute", self._requests.left(rule)
        yield "tokens", "minute", self._tokens.left(rule)
        yield "requests", "day", self._days.left(rule, "requests")
        yield "tokens", "day", self._days.left(rule, "tokens")

    def _all(self, caller: Caller, model: str, *, waits: bool) -> Sequence[RateRule]:
        more = self._rules.of_request(caller, _recipe(model))
        return [self._box(caller), *more] if waits else more

    def _remember(self, caller: Caller, model: str) -> None:
        if len(self._asked) >= MOST_REMEMBERED:
            self._asked.clear()
        self._asked[caller.key_id] = _recipe(model)

    def _box(self, caller: Caller) -> RateRule:
        requests, tokens = self._per_minute
        return RateRule(
            BOX,
            "this box",
            caller.holder,
            requests_per_minute=requests,
            tokens_per_minute=tokens,
        )

    def _check_running(self, rule: RateRule) -> None:
        running = self._running[rule.id]
        if rule.running and running >= rule.running:
            raise PersonLimitReached(
                f"You have {amount_text(running, 'requests')} running, and {rule.by} allows {rule.running} "
                f"at a time. Wait for {'it' if running == 1 else 'one of them'}.",
                retry_after_s=RETRY_S,
            )


@dataclass(frozen=True, slots=True)
class _Share:
    """What one request has taken, and from which rules."""

    caller: Caller
    model: str
    rules: Sequence[RateRule]
    tokens: int
    day: int


class Taken:
    """What one request has taken, until it is known how many tokens it used."""

    def __init__(self, give_back: Callable[[_Share, int], None], share: _Share) -> None:
        self._give_back = give_back
        self._share: _Share | None = share

    def settle(self, used_tokens: int) -> None:
        """It used so many. Settling again changes nothing."""
        if self._share is not None:
            self._give_back(self._share, used_tokens)
            self._share = None


def _recipe(model: str) -> str:
    return model.partition("@")[0]


def _tightest(lines: Sequence[LimitLeft], counted: Counted) -> RateLeft | None:
    return min(
        (line.left for line in lines if line.counted == counted), key=lambda one: one.left, default=None
    )
