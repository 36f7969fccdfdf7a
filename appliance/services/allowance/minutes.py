"""What each may have per minute. In memory: a restart makes every minute whole."""

import math
from collections.abc import Mapping
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.rates import Counted, RateLeft, RateRule, amount_text
from appliance.errors import BadRequest, RateLimited
from appliance.policy.rates import Bucket

MOST_KNOWN: Final = 4096
"""Buckets from which on those are forgotten that are full again."""

_Name = tuple[str, str]


class Minutes:
    """One bucket for each rule and each whom it counts, while they took something lately."""

    def __init__(self, counted: Counted, clock: Clock) -> None:
        self._counted = counted
        self._clock = clock
        self._buckets: dict[_Name, Bucket] = {}

    def check(self, rule: RateRule, amount: int) -> None:
        """Whether so much is left. Raises ``RateLimited``; ``BadRequest`` where no minute has so much."""
        most = self._most(rule)
        if not most:
            return
        if amount > most:
            raise BadRequest(
                f"The request may use {amount} {self._counted}, and {rule.by} allows {most} per minute. Ask "
                "for a shorter answer, or send a shorter prompt.",
                param="max_tokens",
            )
        now_s = self._clock.monotonic_s()
        bucket = self._of(rule, now_s)
        wait_s = bucket.wait_s(amount, now_s)
        if wait_s > 0:
            raise RateLimited(
                f"{rule.told} allows {amount_text(most, self._counted)} per minute: you have "
                f"{bucket.left(now_s)} left, and this takes {amount}. Send it again in "
                f"{math.ceil(wait_s)} s.",
                retry_after_s=math.ceil(wait_s),
            )

    def take(self, rule: RateRule, amount: int) -> None:
        """So much of it; less than nothing gives back."""
        if not self._most(rule):
            return
        now_s = self._clock.monotonic_s()
        self._buckets[_name(rule)] = self._of(rule, now_s).take(amount, now_s)
        if len(self._buckets) > MOST_KNOWN:
            self._buckets = _not_full(self._buckets, now_s)

    def left(self, rule: RateRule) -> RateLeft | None:
        """None where the rule does not limit this."""
        most = self._most(rule)
        if not most:
            return None
        now_s = self._clock.monotonic_s()
        bucket = self._of(rule, now_s)
        return RateLeft(most, bucket.left(now_s), bucket.full_in_s(now_s))

    def _most(self, rule: RateRule) -> int:
        return rule.requests_per_minute if self._counted == "requests" else rule.tokens_per_minute

    def _of(self, rule: RateRule, now_s: float) -> Bucket:
        """Of another size than before, where the rule was changed meanwhile."""
        most = self._most(rule)
        found = self._buckets.get(_name(rule))
        return Bucket.full(most, now_s) if found is None else found.resized(most, now_s)


def _name(rule: RateRule) -> _Name:
    return rule.id, rule.key or rule.holder


def _not_full(buckets: Mapping[_Name, Bucket], now_s: float) -> dict[_Name, Bucket]:
    return {name: one for name, one in buckets.items() if one.full_in_s(now_s) > 0}
