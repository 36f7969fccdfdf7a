"""Leases as ``fed status`` tells them, in a few words: by model, since older leases of one say nothing."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from appliance.domain.lease import LeaseRequestRow
from appliance.services.registries.leases import LeaseBook


class Requests(Protocol):
    """What was asked of the registry."""

    async def all(self) -> Sequence[LeaseRequestRow]:
        """By model."""
        ...


class LeaseLines:
    """A live view."""

    def __init__(self, book: LeaseBook, requests: Requests) -> None:
        self._book = book
        self._requests = requests

    async def __call__(self) -> Sequence[tuple[str, str]]:
        """Names and texts; none where there is nothing to tell."""
        found: list[tuple[str, str]] = []
        if models := {one.model for one in self._book.leases}:
            states = Counter(lease.state for model in models if (lease := self._book.of(model)))
            told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
            found.append(("leases", told or "none has begun"))
        denied = [one for one in await self._requests.all() if one.denied]
        return [*found, *(("no lease", f"{one.model}: {one.denied}") for one in denied)]
