"""The requests that wait or run now, and how others than who asked end them."""

import asyncio
from collections.abc import Callable, Iterable, Iterator

from appliance.domain.people import Caller
from appliance.domain.usage import ProgressMark
from appliance.errors import CarrelError
from appliance.services.generation.run import Run


class Runs:
    """Each holds a part of a budget until it is settled. ``Generator`` adds them, and they leave when they
    end; iterating gives them as they are at this moment.
    """

    def __init__(self) -> None:
        self._runs: set[Run] = set()

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[Run]:
        # Ending one changes the set, at once or later.
        return iter(tuple(self._runs))

    def add(self, run: Run) -> None:
        """It holds a part of a budget from now on."""
        self._runs.add(run)

    def discard(self, run: Run) -> None:
        """It is settled."""
        self._runs.discard(run)

    @property
    def running(self) -> int:
        """Requests that left the queue and are not settled."""
        return sum(run.dispatched for run in self._runs)

    def marks(self) -> list[ProgressMark]:
        """Progress of those that have some."""
        return [mark for run in self._runs if (mark := run.mark) is not None]

    def end_runs_of_key(self, key_id: str) -> None:
        """A key was revoked: its running streams end."""
        _cancel(run for run in self if run.hold.caller.key_id == key_id)

    async def settled_of_key(self, key_id: str) -> None:
        """Wait until nothing of a key runs any more, and all of it is charged."""
        await asyncio.gather(*(run.ended() for run in self if run.hold.caller.key_id == key_id))

    def end_requests(
        self, recipe_id: str, error: CarrelError, *, project: str = "", holder: str = ""
    ) -> None:
        """What runs or waits for any form of a model ends with ``error``: of one project, of one person, or
        of all.
        """
        for run in self:
            caller = run.hold.caller
            if (
                run.accepted.model.id.partition("@")[0] == recipe_id
                and project in {"", caller.project_id}
                and holder in {"", caller.holder}
            ):
                run.refuse(error)

    def end_where(self, refused: Callable[[Caller], CarrelError | None]) -> None:
        """What runs or waits for a caller for whom there is an error ends with that error."""
        for run in self:
            if (error := refused(run.hold.caller)) is not None:
                run.refuse(error)

    async def drain(self, grace_s: float) -> None:
        """Give them ``grace_s`` seconds, then cancel and settle what is left."""
        await self._all_ended(grace_s)
        _cancel(self)
        await self._all_ended(None)

    async def _all_ended(self, timeout_s: float | None) -> None:
        waits = [asyncio.ensure_future(run.ended()) for run in self]
        if waits:
            _, late = await asyncio.wait(waits, timeout=timeout_s)
            for wait in late:
                wait.cancel()


def _cancel(runs: Iterable[Run]) -> None:
    for run in runs:
        run.cancel()
