"""How grants stand with the registry: whether there is one, what was asked of it, what it has signed."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from appliance.domain.access import Countersignature, Grant
from appliance.domain.clock import Clock
from appliance.domain.countersigning import AskedOfRegistry, RegistryPresence
from appliance.policy.access.registry_words import NO_REGISTRY, standing
from appliance.services.access.asking_registry import AskedBook

_LOOK_EVERY_S: Final = 1
_MOST_MODELS: Final = 8


class Countersignatures(Protocol):
    """The registry's."""

    def of(self, grants: Sequence[str]) -> tuple[Countersignature, ...]:
        """Those of some grants."""
        ...


class RegistryStanding:
    """``enrolled`` says whether the box belongs to a registry, ``by_hand`` whether an operator has put the
    key of one into a folder; that is looked at once a second at most.
    """

    def __init__(
        self,
        *,
        enrolled: Callable[[], bool],
        by_hand: Callable[[], bool],
        asked: AskedBook,
        countersignatures: Countersignatures,
        clock: Clock,
    ) -> None:
        self._enrolled = enrolled
        self._by_hand = by_hand
        self._asked = asked
        self._countersignatures = countersignatures
        self._clock = clock
        self._looked_s = -float(_LOOK_EVERY_S)
        self._has_key = False

    @property
    def presence(self) -> RegistryPresence:
        """Who could countersign."""
        if self._enrolled():
            return "enrolled"
        now_s = self._clock.monotonic_s()
        if now_s - self._looked_s >= _LOOK_EVERY_S:
            self._looked_s, self._has_key = now_s, self._by_hand()
        return "by hand" if self._has_key else "none"

    def asked(self, grant: Grant, model: str) -> AskedOfRegistry | None:
        """What was asked last of the registry for a grant that answers an application."""
        return self._asked.newest(grant.application, model) if grant.application else None

    def line(self, grant: Grant, models: Sequence[str]) -> str:
        """``models`` are those of tier restricted that the grant is for; empty where there is none."""
        presence = self.presence
        if not models or presence == "none":
            return NO_REGISTRY if models else ""
        if grant.model:
            return self._sentence(grant, grant.model, presence)
        return "; ".join(f"{one}: {self._sentence(grant, one, presence)}" for one in models[:_MOST_MODELS])

    def _sentence(self, grant: Grant, model: str, presence: RegistryPresence) -> str:
        now_ms = self._clock.now_ms()
        signed = self._countersignatures.of([grant.id])
        until = [one.until_ms for one in signed if one.model == model and one.until_ms > now_ms]
        return standing(
            self.asked(grant, model),
            presence=presence,
            application=_named(grant, model),
            until_ms=max(until, default=None),
        )


def _named(grant: Grant, model: str) -> str:
    """The application, as commands take it."""
    if grant.model or not grant.application:
        return grant.application
    return f"{grant.application} --model {model}"
