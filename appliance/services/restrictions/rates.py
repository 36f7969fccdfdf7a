"""Restrictions and keys as rules of the allowance."""

from collections.abc import Callable, Sequence
from typing import Protocol

from appliance.domain.people import NO_KEY_LIMITS, ApiKey, Caller
from appliance.domain.rates import RateRule
from appliance.domain.restriction import Restriction
from appliance.policy.restrictions.deciding import told_by
from appliance.services.restrictions.book import RestrictionBook


class Keys(Protocol):
    """Which keys are in use."""

    def key(self, key_id: str) -> ApiKey | None:
        """None for one that is not in use any more."""
        ...


class RateRules:
    """See ``allowance.Rules``. ``given_by`` says of a key's id, within a sentence, who gave it its limits;
    empty: nobody that its holder would know better than by the key.
    """

    def __init__(
        self, book: RestrictionBook, keys: Keys, given_by: Callable[[str], str] = lambda _key: ""
    ) -> None:
        self._book = book
        self._keys = keys
        self._given_by = given_by

    def of_request(self, caller: Caller, model: str) -> Sequence[RateRule]:
        """Those for a request of ``model``, a recipe's id."""
        # Of no model there is no tier, and what holds for all requests.
        rules = self._book.in_force(model, caller.project_id).rules
        return self._of(caller, [rule.restriction for rule in rules])

    def of_caller(self, caller: Caller) -> Sequence[RateRule]:
        """All that a caller may meet."""
        return self._of(caller, self._book.of_project(caller.project_id))

    def _of(self, caller: Caller, restrictions: Sequence[Restriction]) -> Sequence[RateRule]:
        own = [_of_restriction(one, caller) for one in restrictions if _has_rates(one)]
        key = self._keys.key(caller.key_id)
        if key is None or key.limits == NO_KEY_LIMITS:
            return own
        return [_of_key(key, self._given_by(key.id) or f"your key {key.id}", caller), *own]


def _has_rates(one: Restriction) -> bool:
    limits = one.limits
    per_minute = limits.requests_per_minute or limits.tokens_per_minute
    return bool(per_minute or limits.requests_per_day or limits.tokens_per_day)


def _of_restriction(one: Restriction, caller: Caller) -> RateRule:
    limits = one.limits
    return RateRule(
        one.scope.id,
        told_by(one),
        caller.holder,
        scope=one.scope,
        requests_per_minute=limits.requests_per_minute or 0,
        tokens_per_minute=limits.tokens_per_minute or 0,
        requests_per_day=limits.requests_per_day or 0,
        tokens_per_day=limits.tokens_per_day or 0,
    )


def _of_key(key: ApiKey, by: str, caller: Caller) -> RateRule:
    limits = key.limits
    return RateRule(
        f"key:{key.id}",
        by,
        caller.holder,
        key=key.id,
        requests_per_minute=limits.requests_per_minute,
        tokens_per_minute=limits.tokens_per_minute,
        requests_per_day=limits.requests_per_day,
        running=limits.running,
    )
