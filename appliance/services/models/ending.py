"""How models end: stopped by an operator, out of the catalog, or for another one's room."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Final

from appliance.domain.model import ModelState
from appliance.errors import ModelNotRunning
from appliance.services.models.finding import Finder
from appliance.services.models.ports import WaitingLine, WantedModels
from appliance.services.models.running import RunningModel

OFFLINE: Final = "{} computes with other machines, and this box is offline now. Choose another model."
STOPPED: Final = "{} was stopped. Choose another model."


class Ending:
    """Takes models out of ``running``, under the lock that starts take too. Whoever waits for one is told."""

    def __init__(
        self,
        running: dict[str, RunningModel],
        changing: asyncio.Lock,
        *,
        names: Finder,
        queue: WaitingLine,
        wanted: WantedModels,
        notes: dict[str, str],
    ) -> None:
        self._running = running
        self._changing = changing
        self._names = names
        self._queue = queue
        self._wanted = wanted
        self._notes = notes

    async def end(self, running: RunningModel, why: str) -> None:
        """One model, by whoever holds the lock. ``why`` has a place for its name."""
        self._queue.give_up(running.id, ModelNotRunning(why.format(running.id)))
        await running.stop()
        if self._running.get(running.id) is running:
            del self._running[running.id]

    async def stop(self, name: str) -> None:
        """One that an operator wants no more, running or not."""
        await self._wanted.remove(name)
        self._notes.pop(name, None)
        if (running := self._running.get(name)) is not None:
            await self._interrupt_loading([running])
        async with self._changing:
            running = self._running.get(name)
            if running is not None:
                await self.end(running, STOPPED)

    async def stop_serving(self, recipe_id: str) -> None:
        """Every form of a model; none of them comes back after a restart."""
        await self._interrupt_loading(self._names.forms_of(recipe_id))
        async with self._changing:
            for one in self._names.forms_of(recipe_id):
                await self.end(one, STOPPED)
        for name in await self._wanted.all():
            if name.partition("@")[0] == recipe_id:
                await self._wanted.remove(name)

    async def networked(self) -> None:
        """What computes with other machines; it is wanted all the same."""
        ones = [one for one in self._running.values() if one.form.networked]
        await self._interrupt_loading(ones)
        async with self._changing:
            for one in ones:
                await self.end(one, OFFLINE)

    async def withdrawn(self, by_lab: Collection[str]) -> None:
        """What runs by the lab's approval and is none of those recipes that it approves now."""
        for one in self._names.withdrawn(by_lab):
            await self._wanted.remove(one.id)
            await self._interrupt_loading([one])
            async with self._changing:
                await self.end(one, "{} is not approved by this lab any more. Choose another model.")

    async def for_room(self, running: RunningModel, why: str) -> None:
        """It runs again when it is asked for: after a restart the box is as it was before."""
        await self.end(running, "{} was stopped to make room. Choose another model.")
        self._notes[running.id] = f"{why} `carrel model run {running.id}` runs it again."
        await self._wanted.remove(running.id)

    async def all(self) -> None:
        """The box stops."""
        await self._interrupt_loading(list(self._running.values()))
        async with self._changing:
            await asyncio.gather(*(self.end(one, STOPPED) for one in list(self._running.values())))

    async def _interrupt_loading(self, models: Sequence[RunningModel]) -> None:
        """Whoever starts one of them holds the lock until it is loaded, or told to give up."""
        await asyncio.gather(*(one.stop() for one in models if one.state is ModelState.LOADING))
