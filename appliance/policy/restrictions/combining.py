"""Several restrictions that apply to one request, as one: of each limit the strictest holds."""

from dataclasses import dataclass, field
from typing import Final, Literal

from appliance.domain.restriction import Limits, Restriction, Right
from appliance.errors import BadRequest
from appliance.policy.patterns import PatternSet
from appliance.policy.restrictions.hours import Window, window_of
from appliance.policy.restrictions.networks import Network, network_of

CapName = Literal["max_tokens", "prompt_tokens", "n", "logprobs", "prompt_logprobs", "temperature"]
OFF: Final = -1
"""Below the least number of alternatives: no log-probabilities at all."""
_RANKS: Final = {"all": 0, "tier": 1, "project": 2, "model": 3, "owner": 4}


@dataclass(frozen=True, slots=True)
class Rule:
    """A restriction with what it is written in read. Two of the same restriction are equal."""

    restriction: Restriction
    patterns: PatternSet = field(compare=False)
    hours: tuple[Window, ...] = field(compare=False)
    networks: tuple[Network, ...] = field(compare=False)

    @classmethod
    def of(cls, restriction: Restriction) -> "Rule":
        """Raises ``BadRequest`` for patterns, hours or networks that cannot be read."""
        limits = restriction.limits
        if limits.system_prompt and not limits.system_prompt.strip():
            raise BadRequest("The system prompt is nothing but white space.", param="system_prompt")
        return cls(
            restriction,
            PatternSet.compile(limits.denied),
            tuple(window_of(one) for one in limits.hours),
            tuple(network_of(one) for one in limits.networks),
        )

    @property
    def limits(self) -> Limits:
        """What it says."""
        return self.restriction.limits


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that a request may ask for, and the restriction that says so."""

    most: float
    by: Restriction


@dataclass(frozen=True, slots=True)
class InForce:
    """Rules that hold together: no rule twice, the widest first, so that in whatever order they were joined
    they are the same.
    """

    rules: tuple[Rule, ...] = ()

    @classmethod
    def of(cls, *rules: Rule) -> "InForce":
        """Those rules, in whatever order and however often they are given."""
        by_name = {rule.restriction.name: rule for rule in rules}
        return cls(tuple(sorted(by_name.values(), key=_order)))

    def cap(self, name: CapName) -> Cap | None:
        """The strictest of one kind; of equal ones that of the widest restriction. None: no limit."""
        caps = [
            Cap(most, rule.restriction)
            for rule in self.rules
            if (most := _most(rule.limits, name)) is not None
        ]
        return min(caps, key=lambda cap: cap.most, default=None)

    def against(self, right: Right) -> Restriction | None:
        """Who forbids to do something with the model; None: nobody."""
        return next((one.restriction for one in self.rules if not getattr(one.limits, right)), None)


def _order(rule: Rule) -> tuple[int, str, int]:
    scope = rule.restriction.scope
    return _RANKS[scope.kind], scope.name, rule.restriction.version


def _most(limits: Limits, name: CapName) -> float | None:
    most: float | Literal["off"] | None = getattr(limits, name)
    return OFF if most == "off" else most
