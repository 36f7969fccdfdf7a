"""The course of one download: fetched, looked into, placed. Every step can be done again after a crash."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from appliance.domain.download import Download, DownloadState
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm
from appliance.errors import CarrelError, IntegrityFailed, Offline
from appliance.services.downloads.admitting import check_still
from appliance.services.downloads.book import Book
from appliance.services.downloads.fetching import Fetching
from appliance.services.downloads.tools import Tools

WAITS: Final = "This box is offline (`carrel offline show`); it goes on by itself once it is online."
NOTHING_TO_FETCH: Final = "Nothing to fetch: all its files are here."


class Course:
    """Carries downloads out."""

    def __init__(self, tools: Tools, book: Book) -> None:
        self._tools = tools
        self._book = book

    async def run(self, download_id: str) -> None:
        """To its end, which the book has, or until the box is offline: then it waits. Cancelled, it stays as
        it is and can be run again.
        """
        switch = self._tools.switch
        while True:
            try:
                await self._run(self._book.get(download_id))
            except CarrelError as error:
                if not (isinstance(error, Offline) and switch.offline):
                    await self._fail(download_id, error)
                    return
            else:
                return
            await self._book.change(download_id, state=DownloadState.WAITING, reason=WAITS)
            if switch.offline:
                return

    async def _fail(self, download_id: str, error: CarrelError) -> None:
        self._tools.log.warning("download_failed", download=download_id, error=error.code)
        await self._book.change(
            download_id, state=DownloadState.FAILED, reason=error.message, error=error.code
        )

    async def _run(self, download: Download) -> None:
        recipe, form = self._still(download)
        missing = await asyncio.to_thread(self._missing, form)
        if missing and await self._stands_already(download, recipe, form):
            return
        if missing:
            fetching = Fetching(self._tools, self._book, download, lambda: self._missing(form))
            await fetching.fetch(recipe, form)
        await self._look_inside(download, recipe, form)
        self._still(download)
        placed = asyncio.create_task(self._place(download, recipe, form, came=bool(missing)))
        try:
            await asyncio.shield(placed)
        except asyncio.CancelledError:
            # What has begun to get its names gets all of them: it is then done, not half done.
            await _settled(placed)
            raise

    def _still(self, download: Download) -> tuple[Recipe, RecipeForm]:
        tools = self._tools
        return check_still(tools.catalog, tools.permits, download.model, download.revision)

    def _missing(self, form: RecipeForm) -> list[RecipeFile]:
        distinct = {one.sha256: one for one in form.files}
        return [one for one in distinct.values() if not self._tools.blobs.has(one)]

    async def _stands_already(self, download: Download, recipe: Recipe, form: RecipeForm) -> bool:
        """Whether somebody has put the very files there by hand; they are read to their ends."""
        folder = self._tools.files.folder_of(recipe, form)
        if folder is None:
            return False
        await self._book.change(download.id, state=DownloadState.CHECKING)
        left = threading.Event()
        try:
            await asyncio.to_thread(self._tools.files.verify, form, folder, _unless(left))
        except IntegrityFailed:
            return False
        finally:
            left.set()
        await self._done(download, reason=NOTHING_TO_FETCH)
        return True

    async def _look_inside(self, download: Download, recipe: Recipe, form: RecipeForm) -> None:
        await self._book.change(
            download.id, state=DownloadState.CHECKING, reason="", verified_bytes=download.total_bytes
        )
        files = {one.name: self._tools.blobs.blob(one.sha256) for one in form.files}
        await self._tools.inspector.inspect(recipe, form, files)

    async def _place(self, download: Download, recipe: Recipe, form: RecipeForm, *, came: bool) -> None:
        await asyncio.to_thread(self._tools.blobs.place, recipe.id, form.files)
        await self._done(download, reason="" if came else NOTHING_TO_FETCH)

    async def _done(self, download: Download, *, reason: str) -> None:
        await self._book.change(
            download.id,
            state=DownloadState.DONE,
            verified_bytes=download.total_bytes,
            reason=reason,
            error="",
        )
        self._tools.log.info("download_done", download=download.id, model=download.model)


def _unless(left: threading.Event) -> Callable[[float], None]:
    """Ends the reading of files, on its thread, once nobody waits for it."""

    def go_on(_part: float) -> None:
        if left.is_set():
            raise IntegrityFailed("Nobody waits for this any more.")

    return go_on


async def _settled(task: "asyncio.Task[None]") -> None:
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait({task})
