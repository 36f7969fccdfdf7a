"""How many requests and tokens each person may have per minute. In memory: a restart makes everybody whole.

Tokens are taken when a request is planned, as many as it can use at most, and what it did not use is given
back when it ends. So nobody gets past the limit by asking for much at once.
"""

import math
from collections.abc import Mapping
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.rates import RateLeft, RatesLeft
from appliance.errors import BadRequest, RateLimited
from appliance.policy.rates import Bucket

MOST_KNOWN: Final = 4096
"""People from which on those are forgotten whose buckets are full again."""


class Allowance:
    """Of the whole box. A limit of 0 is none."""

    def __init__(self, *, requests_per_minute: int = 0, tokens_per_minute: int = 0, clock: Clock) -> None:
        self._requests = _Buckets("requests", requests_per_minute, clock)
        self._tokens = _Buckets("tokens", tokens_per_minute, clock)

    def count(self, person: str) -> None:
        """One more request of this person. Raises ``RateLimited``."""
        self._requests.take(person, 1)

    def take(self, person: str, tokens: int) -> "Taken":
        """Tokens that a request may use. Raises ``RateLimited``; ``BadRequest`` for more than a minute's."""
        if 0 < self._tokens.per_minute < tokens:
            raise BadRequest(
                f"The request may use {tokens} tokens, and one person may use {self._tokens.per_minute} per "
                "minute. Ask for a shorter answer, or send a shorter prompt.",
                param="max_tokens",
            )
        self._tokens.take(person, tokens)
        return Taken(self._tokens, person, tokens)

    def left(self, person: str) -> RatesLeft:
        """What this person may still have now."""
        return RatesLeft(requests=self._requests.left(person), tokens=self._tokens.left(person))


class Taken:
    """Tokens of one request, until it is known how many it used."""

    def __init__(self, buckets: "_Buckets", person: str, tokens: int) -> None:
        self._buckets = buckets
        self._person = person
        self._tokens: int | None = tokens

    def settle(self, used_tokens: int) -> None:
        """It used so many. Settling again changes nothing."""
        if self._tokens is not None:
            self._buckets.give_back(self._person, self._tokens - used_tokens)
            self._tokens = None


class _Buckets:
    """One a person, for those who took something lately."""

    def __init__(self, what: str, per_minute: int, clock: Clock) -> None:
        self.per_minute = per_minute
        self._what = what
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    def take(self, person: str, amount: int) -> None:
        if not self.per_minute:
            return
        now_s = self._clock.monotonic_s()
        bucket = self._of(person, now_s)
        wait_s = bucket.wait_s(amount, now_s)
        if wait_s > 0:
            raise RateLimited(
                f"You may have {self.per_minute} {self._what} per minute and have {bucket.left(now_s)} left; "
                f"this takes {amount}. Send it again in {math.ceil(wait_s)} s.",
                retry_after_s=math.ceil(wait_s),
            )
        self._buckets[person] = bucket.take(amount, now_s)
        if len(self._buckets) > MOST_KNOWN:
            self._buckets = _not_full(self._buckets, now_s)

    def give_back(self, person: str, amount: int) -> None:
        if self.per_minute:
            now_s = self._clock.monotonic_s()
            self._buckets[person] = self._of(person, now_s).give_back(amount, now_s)

    def left(self, person: str) -> RateLeft | None:
        if not self.per_minute:
            return None
        now_s = self._clock.monotonic_s()
        bucket = self._of(person, now_s)
        return RateLeft(self.per_minute, bucket.left(now_s), bucket.full_in_s(now_s))

    def _of(self, person: str, now_s: float) -> Bucket:
        return self._buckets.get(person) or Bucket.full(self.per_minute, now_s)


def _not_full(buckets: Mapping[str, Bucket], now_s: float) -> dict[str, Bucket]:
    return {person: one for person, one in buckets.items() if one.full_in_s(now_s) > 0}
