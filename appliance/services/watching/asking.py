"""One topic of one viewer: asked again and again, and what of its answer changed since the viewer last took
it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from appliance.domain.log import Log
from appliance.domain.watching import Answer, Event, Failure, Topic, changes
from appliance.errors import CarrelError

Sleep = Callable[[float], Awaitable[None]]
Ask = Callable[[Topic], Awaitable[msgspec.Struct]]
"""Carries out a topic's action once, as whoever looks on."""


class Asking:
    """Asks while ``run`` runs; ``take`` gives what is new. Only the newest answer is kept: a viewer who reads
    slowly is told what holds now, and is not asked for more often than it takes.
    """

    def __init__(
        self, place: int, topic: Topic, ask: Ask, *, news: asyncio.Event, sleep: Sleep, log: Log
    ) -> None:
        self._place: Final = place
        self._topic: Final = topic
        self._ask: Final = ask
        self._news: Final = news
        self._sleep: Final = sleep
        self._log: Final = log
        self._taken: Final = asyncio.Event()
        self._now: bytes | Failure | None = None
        """As JSON: two answers are compared as bytes, which costs least where nothing changed."""
        self._told: Answer | None = None

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            now = await self._answer()
            if now != self._now:
                self._now = now
                self._taken.clear()
                self._news.set()
            await self._sleep(self._topic.every_ms / 1000)
            await self._taken.wait()

    def take(self) -> Event | None:
        """What changed since this was last called; None where nothing did."""
        now = self._now
        if now is None or self._taken.is_set():
            return None
        self._taken.set()
        if isinstance(now, Failure):
            return Event(topic=self._place, error=now)
        answer: dict[str, object] = msgspec.json.decode(now)
        change = changes(self._told, answer)
        self._told = answer
        if change is None:
            # After an error the same holds again.
            return Event(topic=self._place)
        return Event(topic=self._place, set=change.set, rows=change.rows, gone=change.gone)

    async def _answer(self) -> bytes | Failure:
        try:
            return msgspec.json.encode(await self._ask(self._topic))
        except CarrelError as error:
            return Failure(code=error.code, message=error.message)
        except Exception as error:  # noqa: BLE001 - what is broken in one topic must not end the others
            return self._broken(error)

    def _broken(self, error: Exception) -> Failure:
        found = Failure(
            code=CarrelError.code, message="Something in the box broke; `carrel logs` has the details."
        )
        if found != self._now:
            self._log.error("watching_broke", action=self._topic.action, exc_info=error)
        return found
