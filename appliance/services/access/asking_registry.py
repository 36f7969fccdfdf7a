"""The book of what is asked of the registry: in memory for every request, on the disk for good."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from appliance.domain.clock import Clock
from appliance.domain.countersigning import AskedOfRegistry


class Remembered(Protocol):
    """Where it is kept."""

    async def add(self, asked: AskedOfRegistry) -> None:
        """A new one. Raises ``StorageUnavailable``."""
        ...

    async def change(self, asked: AskedOfRegistry) -> None:
        """What became of it. Raises ``StorageUnavailable``."""
        ...

    async def all(self) -> Sequence[AskedOfRegistry]:
        """Every one, oldest first."""
        ...


class AskedBook:
    """Of several about one application and model the newest counts. The only writer of them."""

    def __init__(self, remembered: Remembered, clock: Clock) -> None:
        self._remembered = remembered
        self._clock = clock
        self._by_message: dict[str, AskedOfRegistry] = {}

    async def load(self) -> None:
        """Learn what is on the disk."""
        for one in await self._remembered.all():
            self._by_message[one.message] = one

    def newest(self, application: str, model: str) -> AskedOfRegistry | None:
        """What was asked last about an application and a model."""
        fitting = (one for one in self._all() if (one.application, one.model) == (application, model))
        return next(fitting, None)

    def of(self, application: str) -> Sequence[AskedOfRegistry]:
        """The newest about each model of an application."""
        models = {one.model: one for one in reversed(self._all()) if one.application == application}
        return [models[name] for name in sorted(models)]

    def find(self, message: str) -> AskedOfRegistry | None:
        """The one with that id."""
        return self._by_message.get(message)

    def to_send(self) -> Iterable[AskedOfRegistry]:
        """Those that were agreed to and have not left, oldest first."""
        return [one for one in self._by_message.values() if one.state == "agreed"]

    def unanswered(self) -> Iterable[AskedOfRegistry]:
        """Those that were agreed to, and have no answer yet, oldest first."""
        return [one for one in self._by_message.values() if one.state in {"agreed", "sent"}]

    def of_grant(self, grant: str, model: str) -> Iterable[AskedOfRegistry]:
        """Those that asked for a yes to one grant for one model."""
        return [one for one in self._by_message.values() if (one.grant, one.model) == (grant, model)]

    async def show(self, asked: AskedOfRegistry) -> None:
        """A new one, which its applicant is shown. Raises ``StorageUnavailable``."""
        await self._remembered.add(asked)
        self._by_message[asked.message] = asked

    async def agree(self, asked: AskedOfRegistry, by: str) -> AskedOfRegistry:
        """The applicant agrees; ``by`` says who did in their place. Raises ``StorageUnavailable``."""
        return await self._change(replace(asked, agreed_ms=self._clock.now_ms(), agreed_by=by))

    async def sent(self, asked: AskedOfRegistry) -> None:
        """It is in the outbox. Raises ``StorageUnavailable``."""
        await self._change(replace(asked, sent_ms=self._clock.now_ms()))

    async def yes(self, asked: AskedOfRegistry) -> None:
        """The registry has countersigned. Raises ``StorageUnavailable``."""
        if asked.answer != "yes":
            await self._change(replace(asked, answer="yes", answered_ms=self._clock.now_ms(), reason=""))

    async def no(self, asked: AskedOfRegistry, reason: str) -> None:
        """The registry has decided against it. Raises ``StorageUnavailable``."""
        await self._change(replace(asked, answer="no", answered_ms=self._clock.now_ms(), reason=reason))

    async def not_taken(self, asked: AskedOfRegistry, reason: str) -> None:
        """The registry does not take the message. Raises ``StorageUnavailable``."""
        await self._change(replace(asked, answer="refused", answered_ms=self._clock.now_ms(), reason=reason))

    async def _change(self, asked: AskedOfRegistry) -> AskedOfRegistry:
        await self._remembered.change(asked)
        self._by_message[asked.message] = asked
        return asked

    def _all(self) -> Sequence[AskedOfRegistry]:
        """Newest first."""
        return list(self._by_message.values())[::-1]
