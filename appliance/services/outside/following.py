"""Models that need the network follow the switch: those that compute with other machines end when the box
goes offline, and whatever should run and could not is started when it is back.
"""

import asyncio
from typing import Protocol

from appliance.domain.log import Log
from appliance.errors import CarrelError
from appliance.outbound.switch import Switch


class Models(Protocol):
    """The models of the box."""

    async def follow(self, *, offline: bool) -> None:
        """End what computes with other machines, or start what should run and could not. Raises
        ``StorageUnavailable``.
        """
        ...


class Following:
    """``run`` goes on until it is cancelled."""

    def __init__(self, switch: Switch, models: Models, log: Log) -> None:
        self._switch = switch
        self._models = models
        self._log = log
        self._news = asyncio.Event()
        switch.on_change(self._news.set)

    async def run(self) -> None:
        """At each change."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self.follow()

    async def follow(self) -> None:
        """Once."""
        try:
            await self._models.follow(offline=self._switch.offline)
        except CarrelError as error:
            self._log.warning("models_did_not_follow", reason=error.message)
