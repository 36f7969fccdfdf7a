"""Sleeps that end when the box may ask outside again, for whoever does something now and then."""

import asyncio
from collections.abc import Awaitable, Callable

from appliance.outbound.switch import Switch

Sleep = Callable[[float], Awaitable[None]]


class Waking:
    """Of one sleeper."""

    def __init__(self, switch: Switch, sleep: Sleep = asyncio.sleep) -> None:
        self._switch = switch
        self._sleep = sleep
        self._news = asyncio.Event()
        self._came = False
        switch.on_change(self._note)

    async def sleep(self, seconds: float) -> None:
        """So long, or until the box has come back online."""
        sleeping = asyncio.ensure_future(self._sleep(seconds))
        waiting = asyncio.ensure_future(self._news.wait())
        try:
            await asyncio.wait({sleeping, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._news.clear()
            for one in (sleeping, waiting):
                one.cancel()
        if sleeping.done() and not sleeping.cancelled():
            sleeping.result()

    def came_online(self) -> bool:
        """Whether it has come back since this was asked last."""
        came, self._came = self._came, False
        return came

    def _note(self) -> None:
        self._came = not self._switch.offline
        if self._came:
            self._news.set()
