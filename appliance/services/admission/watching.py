"""Who looks on while requests are computed. Nothing is decided here: what is seen may count later."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.generation import Accepted, GenerationEvent
from appliance.domain.usage import Meters, Outcome
from appliance.services.admission.gates import Asked


class Watch(Protocol):
    """Looks on at one request; called in this order. It must not raise, and must not wait."""

    def accepted(self, accepted: Accepted) -> None:
        """It is prepared, and holds its budget. ``accepted.prompt`` are the exact tokens."""
        ...

    def hear(self, event: GenerationEvent) -> None:
        """One more event of its answer."""
        ...

    def ended(self, outcome: Outcome, meters: Meters) -> None:
        """It is over. Not called where it was refused before it was accepted."""
        ...


class Watcher(Protocol):
    """Who looks on at requests that every gate let through."""

    def watch(self, asked: Asked) -> Watch | None:
        """None: not at this one. ``asked.request`` is the form that will be computed."""
        ...


class JoinedWatch:
    """Several as one."""

    def __init__(self, watches: Sequence[Watch]) -> None:
        self._watches = watches

    def accepted(self, accepted: Accepted) -> None:
        """Told to each."""
        for one in self._watches:
            one.accepted(accepted)

    def hear(self, event: GenerationEvent) -> None:
        """Told to each."""
        for one in self._watches:
            one.hear(event)

    def ended(self, outcome: Outcome, meters: Meters) -> None:
        """Told to each."""
        for one in self._watches:
            one.ended(outcome, meters)


NOBODY_WATCHES = JoinedWatch(())
