"""Lends a model to a task of the box itself: a measurement, not a person."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.running import RunWishes
from appliance.errors import NotReady
from appliance.services.generation.ports import ServedModel
from appliance.services.models.running import RunningModel

_STOPPED: Final = "{} was stopped. Choose another model."


class Launch(Protocol):
    """Starts a model."""

    async def __call__(self, model: RunningModel, *, may_stop: bool) -> None:
        """Return when it answers."""
        ...


class Lending:
    """``changing`` serializes all starts and stops, ``running`` are the models that have processes by id."""

    def __init__(
        self,
        running: Mapping[str, RunningModel],
        changing: asyncio.Lock,
        *,
        launch: Launch,
        end: Callable[[RunningModel, str], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._running = running
        self._changing = changing
        self._launch = launch
        self._end = end
        self._clock = clock
        self._closed = False

    def close(self) -> None:
        """The box is stopping: lend nothing more."""
        self._closed = True

    @asynccontextmanager
    async def lend(self, recipe: Recipe, form: RecipeForm, wishes: RunWishes) -> AsyncIterator[ServedModel]:
        """Scope in which the model runs. One that does not run is started, where it fits beside all that do,
        for this task alone, and stopped afterwards.

        Raises why it does not start, ``ModelNotRunning`` for one that has failed before, ``NotReady``.
        """
        lent = RunningModel(recipe, form, wishes, self._clock, lent=True)
        try:
            async with self._changing:
                present = self._running.get(lent.id)
                if self._closed:
                    raise NotReady("The box is stopping.")
                if present is None:
                    await self._launch(lent, may_stop=False)
            yield (present or lent).served()
        finally:
            async with self._changing:
                if self._running.get(lent.id) is lent:
                    await self._end(lent, _STOPPED)
