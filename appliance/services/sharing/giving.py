"""Gives files that this lab shares to boxes that may have them: piece by piece, counted, and only as long as
they are shared.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import ExitStack
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.days import day_text
from appliance.domain.log import Log
from appliance.domain.sharing import FetchedShare
from appliance.errors import IntegrityFailed, NotFound, StorageUnavailable
from appliance.policy.sharing import Wanted
from appliance.services.sharing.pacing import Pacing
from appliance.services.sharing.ports import Fetches
from appliance.services.sharing.shelf import SharedFile

PIECE_BYTES: Final = 2**18


class Admits(Protocol):
    """Who reads passes."""

    def admit(self, token: str, wanted: Wanted) -> str:
        """Who fetches. Blocks. Raises ``NotAuthenticated``, ``NotAllowed``."""
        ...


class Finds(Protocol):
    """Who knows the files."""

    def find(self, sha256: str) -> SharedFile:
        """Raises ``NotFound``."""
        ...

    def open(self, found: SharedFile) -> int:
        """A descriptor. Blocks. Raises ``NotFound``."""
        ...


class Opened:
    """A file that is being given. ``close`` it, whatever became of it; ``check`` raises once it is shared no
    more, ``count`` is told how much was sent.
    """

    def __init__(
        self,
        found: SharedFile,
        descriptor: int,
        ending: ExitStack,
        *,
        check: Callable[[], object],
        count: Callable[[int], Awaitable[None]],
    ) -> None:
        self.size_bytes: Final = found.file.size_bytes
        self.sha256: Final = found.file.sha256
        self._descriptor = descriptor
        self._ending = ending
        self._check = check
        self._count = count
        self._sent_bytes = 0

    async def pieces(self, begin: int, end: int) -> AsyncGenerator[bytes, None]:
        """The bytes [begin, end). Raises what ``check`` raises, ``IntegrityFailed`` where the file has become
        shorter.
        """
        while begin < end:
            self._check()
            piece = await asyncio.to_thread(os.pread, self._descriptor, min(PIECE_BYTES, end - begin), begin)
            if not piece:
                raise IntegrityFailed("A shared file is shorter than it was.")
            begin += len(piece)
            self._sent_bytes += len(piece)
            yield piece

    async def close(self) -> None:
        """Give the place to others, and count it."""
        self._ending.close()
        await self._count(self._sent_bytes)


class WeightGiving:
    """``on``: whether this box gives files at all."""

    def __init__(
        self, *, on: bool, shelf: Finds, admission: Admits, fetches: Fetches, clock: Clock, log: Log
    ) -> None:
        self._on = on
        self._shelf = shelf
        self._admission = admission
        self._fetches = fetches
        self._pacing = Pacing(clock)
        self._clock = clock
        self._log = log

    async def open(self, sha256: str, token: str) -> Opened:
        """Raises ``NotFound``, ``NotAuthenticated``, ``NotAllowed``, ``TryAgain``."""
        if not self._on:
            raise NotFound("This box shares no such file.")
        found = self._shelf.find(sha256)
        self._pacing.ask()
        box = await asyncio.to_thread(self._admission.admit, token, found.wanted)
        self._pacing.take(box)
        with ExitStack() as ending:
            ending.enter_context(self._pacing.sending())
            descriptor = await asyncio.to_thread(self._shelf.open, found)
            ending.callback(os.close, descriptor)
            return Opened(
                found,
                descriptor,
                ending.pop_all(),
                check=lambda: self._shelf.find(sha256),
                count=lambda sent_bytes: self._note(found, box, sent_bytes),
            )

    async def _note(self, found: SharedFile, box: str, sent_bytes: int) -> None:
        day = day_text(self._clock.now_ms())
        try:
            await self._fetches.add(FetchedShare(found.wanted.model, box, day, 1, sent_bytes))
        except StorageUnavailable as error:
            self._log.warning("shared_fetch_not_counted", box=box, error=error.code)
