"""A class ends for good: what runs ends and is charged, then no key of it works any more."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final, Protocol

from appliance.domain.classes import SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.people import Caller
from appliance.domain.results import ClassDetail, Result
from appliance.errors import CarrelError
from appliance.services.classes.book import ClassBook
from appliance.services.classes.changing import Changing
from appliance.services.classes.details import ClassDetails
from appliance.services.classes.door import ClassDoor
from appliance.services.classes.ports import Classes, Settling
from appliance.services.keys import KeyService

MOST_WAIT_S: Final = 10.0


class Runs(Settling, Protocol):
    """What is computed and what waits for it."""

    def end_where(self, refused: Callable[[Caller], CarrelError | None]) -> None:
        """Whatever is of a caller for whom there is an error ends with it."""
        ...


class Closing:
    """Answers ``class close``. ``refusal`` says why nothing may run for a caller. What runs for a
    class that ends by the clock is ended with the standing of callers; its keys expire by themselves then.
    """

    def __init__(
        self,
        *,
        classes: Classes,
        book: ClassBook,
        changing: Changing,
        keys: KeyService,
        runs: Runs,
        refusal: Callable[[Caller], CarrelError | None],
        door: ClassDoor,
        details: ClassDetails,
        clock: Clock,
    ) -> None:
        self._classes = classes
        self._book = book
        self._changing = changing
        self._keys = keys
        self._runs = runs
        self._refusal = refusal
        self._door = door
        self._details = details
        self._clock = clock
        self._listeners: list[Callable[[str], None]] = []

    def on_closed(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with the id of every class that was ended for good."""
        self._listeners.append(listener)

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"class.close": self.close}

    async def close(self, *, name: str, project: str | None = None) -> ClassDetail:
        """Ending it twice is ending it. Raises ``NotFound``."""
        over = await self._changing.change(name, project, self._over)
        # Whoever is being answered hears why, and what they had is charged to their key.
        self._runs.end_where(self._refusal)
        keys = tuple(self._book.keys_of(over.id))
        await self._settled(keys)
        for key_id in keys:
            self._keys.refuse(key_id)
        await self._classes.end_keys(over.id, self._clock.now_ms())
        await self._door.close(over)
        for listener in self._listeners:
            listener(over.id)
        return await self._details.of(over)

    def _over(self, lesson: SchoolClass) -> SchoolClass:
        return lesson if lesson.over_ms is not None else replace(lesson, over_ms=self._clock.now_ms())

    async def _settled(self, keys: tuple[str, ...]) -> None:
        settling = [asyncio.ensure_future(self._runs.settled_of_key(key_id)) for key_id in keys]
        if settling:
            _, late = await asyncio.wait(settling, timeout=MOST_WAIT_S)
            for wait in late:
                wait.cancel()
