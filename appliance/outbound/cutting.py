"""Ends what speaks to somebody outside at the moment at which nobody may be asked any more.

Scopes are of any event loop: catalogs are fetched in a thread that has one of its own.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from appliance.errors import CarrelError


@dataclass(eq=False, slots=True)
class _Scope:
    loop: asyncio.AbstractEventLoop
    objection: Callable[[], CarrelError | None]
    timeout: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))
    error: CarrelError | None = None

    def end(self, error: CarrelError) -> None:
        """On its own loop."""
        if self.error is None:
            # Its own words, unless everything was turned back meanwhile.
            self.error = self.objection() or error
            with suppress(RuntimeError):  # it is over
                self.timeout.reschedule(self.loop.time())


class Cutting:
    """The scopes that are open now."""

    def __init__(self) -> None:
        self._scopes: set[_Scope] = set()
        self._changing = threading.Lock()

    @asynccontextmanager
    async def scope(self, objection: Callable[[], CarrelError | None]) -> AsyncGenerator[None]:
        """Raises the objection where there is one, and when ``cut_all`` is called. It has to be left in
        the task that has entered it.
        """
        one = _Scope(asyncio.get_running_loop(), objection)
        with self._changing:
            self._scopes.add(one)
        try:
            # Asked behind the line above, so that a cut between both misses nobody.
            if (error := objection()) is not None:
                raise error
            async with one.timeout:
                yield
        except TimeoutError:
            if one.error is None:
                raise
            raise one.error from None
        finally:
            with self._changing:
                self._scopes.discard(one)

    def cut_all(self, error: CarrelError) -> None:
        """From any thread."""
        with self._changing:
            open_now = tuple(self._scopes)
        for one in open_now:
            with suppress(RuntimeError):  # its loop has ended, and it with it
                one.loop.call_soon_threadsafe(one.end, error)
