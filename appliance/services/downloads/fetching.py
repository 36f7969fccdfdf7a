"""Has the missing files of one download fetched, again and again while that leads anywhere."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final

from appliance.domain.download import (
    Download,
    DownloadState,
    FetchEvent,
    FetchOrder,
    FetchProgress,
    ShownPass,
    SourceDropped,
)
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm
from appliance.domain.source import WeightSource
from appliance.errors import Offline, OutboundFailed
from appliance.services.downloads.admitting import check_still, sources_of
from appliance.services.downloads.book import Book
from appliance.services.downloads.tools import Tools

LOOK_S: Final = 1.0
"""So often progress goes to the disk, and license and catalog are asked again."""
LASTS_S: Final = 23 * 3600.0
"""Passes are good for a day; then the fetch begins again with new ones, where it ended."""
PATIENCE_S: Final = (5.0, 15.0, 60.0, 300.0)
"""Waits between attempts of a download that had begun to come, when no place can be reached."""


class Fetching:
    """Of one download. ``missing`` says which files are not here yet; it blocks."""

    def __init__(
        self, tools: Tools, book: Book, download: Download, missing: Callable[[], Sequence[RecipeFile]]
    ) -> None:
        self._tools = tools
        self._book = book
        self._id = download.id
        self._missing = missing

    async def fetch(self, recipe: Recipe, form: RecipeForm) -> None:
        """Return when all are here. Raises what stands beside ``FetchEvent``, and what ``check_still`` and
        ``sources_of`` raise.
        """
        waits_s = iter(PATIENCE_S)
        while True:
            missing = await asyncio.to_thread(self._missing)
            before = self._book.get(self._id).fetched_bytes
            sources = sources_of(recipe, form, offline=self._tools.switch.offline)
            try:
                await self._attempt(recipe, sources, missing)
            except Offline:
                if not self._tools.switch.offline:
                    raise
                # It went offline in the middle; folders of this machine may have the rest.
            except OutboundFailed as error:
                if self._book.get(self._id).fetched_bytes > before:
                    waits_s = iter(PATIENCE_S)
                await self._wait(error, next(waits_s, None))
            else:
                return

    async def _wait(self, error: OutboundFailed, wait_s: float | None) -> None:
        """Raises the error where it is not worth it: nothing ever came, or nothing came for long."""
        if wait_s is None or self._book.get(self._id).verified_bytes == 0:
            raise error
        reason = f"{error.message} Carrel does so by itself after {wait_s:.0f} s."
        await self._book.change(self._id, reason=reason)
        await self._tools.sleep(wait_s)

    async def _attempt(
        self, recipe: Recipe, sources: Sequence[WeightSource], missing: Sequence[RecipeFile]
    ) -> None:
        begun = await self._book.change(self._id, state=DownloadState.RUNNING, reason="", error="")
        usable = tuple(one for one in sources if one.label not in begun.dropped) or tuple(sources)
        passes = await self._tools.passes.of(recipe, usable)
        self._book.begin(self._id)
        async with (
            self._asking(usable),
            self._tools.fetcher.fetch(self._order(usable, missing, passes)) as events,
        ):
            following = asyncio.create_task(self._follow(begun, missing, events))
            watching = asyncio.create_task(self._watch(begun, LASTS_S if passes else math.inf))
            await _first_of(following, watching)

    def _asking(self, sources: Sequence[WeightSource]) -> AbstractAsyncContextManager[None]:
        near = all(one.kind == "folder" for one in sources)
        return nullcontext() if near else self._tools.switch.asking("nothing is downloaded")

    def _order(
        self,
        sources: tuple[WeightSource, ...],
        missing: Sequence[RecipeFile],
        passes: tuple[ShownPass, ...],
    ) -> FetchOrder:
        way = self._tools.way
        return FetchOrder(
            files=tuple(missing),
            sources=sources,
            models_dir=way.models_dir,
            hub=way.hub,
            token=way.token,
            proxy=way.proxy,
            ca_file=way.ca_file,
            connections=way.connections,
            rate_bytes_s=way.rate_bytes_s,
            passes=passes,
        )

    async def _follow(
        self, begun: Download, missing: Sequence[RecipeFile], events: AsyncIterator[FetchEvent]
    ) -> None:
        here_bytes = begun.total_bytes - sum(one.size_bytes for one in missing)
        async for event in events:
            match event:
                case FetchProgress():
                    self._book.arrived(
                        self._id,
                        here_bytes + event.verified_bytes,
                        fetched_bytes=begun.fetched_bytes + event.fetched_bytes,
                        source=event.source,
                    )
                case SourceDropped():
                    self._tools.log.warning("source_dropped", source=event.source, why=event.reason)
                    dropped = (*self._book.get(self._id).dropped, event.source)
                    self._book.note(self._id, dropped=tuple(dict.fromkeys(dropped)))

    async def _watch(self, begun: Download, lasts_s: float) -> None:
        """Ends only by raising: when it may not go on, the disk refuses, or passes have to be made anew."""
        until_s = self._tools.clock.monotonic_s() + lasts_s
        while True:
            await self._tools.sleep(LOOK_S)
            if self._tools.clock.monotonic_s() >= until_s:
                raise OutboundFailed("What this box shows the other one has expired.", trouble="expired")
            check_still(self._tools.catalog, self._tools.permits, begun.model, begun.revision)
            await self._book.keep(self._id)


async def _first_of(work: "asyncio.Task[None]", watch: "asyncio.Task[None]") -> None:
    """Return when the work is done; raise what either of them raises. Neither is left running."""
    try:
        await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in (work, watch):
            one.cancel()
        await asyncio.gather(work, watch, return_exceptions=True)
    ended = watch if work.cancelled() else work
    ended.result()
