"""``model pull`` and ``download …``: which models are on their way to this box, and what becomes of them."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from appliance.domain.download import Download, DownloadState
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm
from appliance.domain.results import DownloadList, DownloadStatus, Result
from appliance.errors import BadRequest, Conflict, ModelNotFound
from appliance.policy.licenses import Act
from appliance.services.downloads.admitting import check_fresh, check_still, find, sources_of
from appliance.services.downloads.book import Book
from appliance.services.downloads.course import WAITS, Course
from appliance.services.downloads.line import Line
from appliance.services.downloads.ports import Acceptances, AcceptedTerms, DownloadTable
from appliance.services.downloads.presenting import line_of, status_of
from appliance.services.downloads.space import Space
from appliance.services.downloads.tools import Tools

ID_BYTES: Final = 4
OPERATOR: Final = "It was paused by an operator; `carrel download resume {}` goes on."


class DownloadService:
    """Owns the downloads. What an operator does to them is done one after the other."""

    def __init__(self, tools: Tools, table: DownloadTable, acceptances: Acceptances) -> None:
        self._tools = tools
        self._acceptances = acceptances
        self._book = Book(table, tools.clock)
        self._space = Space(tools.blobs, tools.disk)
        self._line = Line(Course(tools, self._book).run, tools.log)
        self.changing = asyncio.Lock()
        tools.switch.on_change(self._go_on)

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "model.pull": self.pull,
            "download.list": self.list_downloads,
            "download.show": self.show,
            "download.pause": self.pause,
            "download.resume": self.resume,
            "download.cancel": self.cancel,
        }

    async def start(self) -> int:
        """Go on with what the last process left. Returns how many do."""
        await self._book.load()
        left = [one for one in self._book.all if one.state.under_way]
        for one in left:
            self._line.join(one.id)
        return len(left)

    async def close(self) -> None:
        """End the process that fetches; what is under way goes on at the next start."""
        await self._line.close()

    @property
    def unfinished(self) -> tuple[DownloadStatus, ...]:
        """Those that run, wait, or can go on."""
        return tuple(status_of(one) for one in self._book.all if one.state.unfinished)

    def line(self, model: str) -> str | None:
        """What is to be said of a model that is on its way here; None for any other."""
        return None if (found := self._book.of(model)) is None else line_of(self._book.now(found.id))

    @property
    def kept_offline_since_ms(self) -> Sequence[int]:
        """Since when each of those waits that go on once the box is online."""
        waiting = (one for one in self._book.all if one.state is DownloadState.WAITING)
        return [one.updated_ms for one in waiting if one.reason == WAITS]

    async def needed_bytes(self) -> int:
        """What those that go on by themselves still take of the disk."""
        files = self._files_of([one.model for one in self.under_way()])
        return await asyncio.to_thread(self._space.needed_bytes, files) if files else 0

    def under_way(self) -> Sequence[Download]:
        """Downloads that go on by themselves."""
        return [one for one in self._book.all if one.state.under_way]

    async def pull(
        self,
        *,
        model: str,
        accept_license: str | None = None,
        who: str | None = None,
        authority: str | None = None,
        purpose: str | None = None,
    ) -> DownloadStatus:
        """``model pull``: answers as soon as it is begun. Raises what stands in its way."""
        terms = _terms(accept_license, who=who, authority=authority, purpose=purpose)
        async with self.changing:
            recipe, form = find(self._tools.catalog, model)
            known = self._book.of(recipe.model_id(form))
            begun = known is not None and known.state.under_way and known.revision == recipe.revision
            if not begun:
                check_fresh(recipe)
            if terms is not None:
                await self._acceptances.accept(recipe, terms)
            self._tools.permits.check(recipe, Act.PULL, form)
            if known is not None and begun:
                return self._status(known.id)
            await self._check_possible(recipe, form)
            return await self._begin(recipe, form, known)

    async def list_downloads(self) -> DownloadList:
        """``download list``."""
        return DownloadList(downloads=tuple(map(status_of, self._book.all)))

    async def show(self, *, download: str) -> DownloadStatus:
        """``download show``."""
        return self._status(self._named(download).id)

    async def pause(self, *, download: str) -> DownloadStatus:
        """``download pause``. One that is done meanwhile is done."""
        async with self.changing:
            found = await self._stop(download, "paused")
            if found.state.under_way:
                reason = OPERATOR.format(found.model)
                await self._book.change(found.id, state=DownloadState.PAUSED, reason=reason)
            return self._status(found.id)

    async def resume(self, *, download: str) -> DownloadStatus:
        """``download resume``: goes on, behind those that wait already."""
        async with self.changing:
            found = self._named(download)
            if not found.state.unfinished:
                raise Conflict(f"The download of {found.model} is {found.state}, so it cannot be resumed.")
            if not found.state.under_way:
                tools = self._tools
                recipe, form = check_still(tools.catalog, tools.permits, found.model, found.revision)
                await self._check_possible(recipe, form)
                await self._wait_in_line(found.id)
            return self._status(found.id)

    async def cancel(self, *, download: str) -> DownloadStatus:
        """``download cancel``: what came of it is deleted, but for files that another download needs."""
        async with self.changing:
            found = await self._stop(download, "cancelled")
            if found.state.unfinished:
                # Said first: after a crash in between nothing goes on with files that are half gone.
                await self._book.change(found.id, state=DownloadState.CANCELLED, reason="")
                await self._discard(found)
            return self._status(found.id)

    def _go_on(self) -> None:
        """What waits for the network does not any more, or finds out that it has to."""
        for one in self.under_way():
            self._line.join(one.id)

    async def _check_possible(self, recipe: Recipe, form: RecipeForm) -> None:
        """Raises where its files are nowhere to be had, or have no room."""
        missing = await asyncio.to_thread(self._missing, form)
        if not missing or self._tools.files.folder_of(recipe, form) is not None:
            return
        sources_of(recipe, form, offline=self._tools.switch.offline)
        model = recipe.model_id(form)
        others = [one.model for one in self._book.all if one.state.unfinished and one.model != model]
        await asyncio.to_thread(self._space.check, model, form.files, self._files_of(others))

    async def _begin(self, recipe: Recipe, form: RecipeForm, known: Download | None) -> DownloadStatus:
        if known is not None and known.state.unfinished:
            if known.revision == recipe.revision:
                return await self._wait_in_line(known.id)
            await self._line.leave(known.id)
        sizes = {one.sha256: one.size_bytes for one in form.files}
        fresh = Download(
            id=f"dl-{secrets.token_hex(ID_BYTES)}",
            model=recipe.model_id(form),
            revision=recipe.revision,
            state=DownloadState.WAITING,
            total_bytes=sum(sizes.values()),
            sha256s=tuple(sizes),
            created_ms=self._tools.clock.now_ms(),
            updated_ms=self._tools.clock.now_ms(),
        )
        await self._book.add(fresh)
        if known is not None and known.state.unfinished:
            await self._discard(known)
        self._line.join(fresh.id)
        return self._status(fresh.id)

    async def _wait_in_line(self, download_id: str) -> DownloadStatus:
        """Places that served other bytes are asked again: somebody may have mended them."""
        await self._book.change(download_id, state=DownloadState.WAITING, reason="", error="", dropped=())
        self._line.join(download_id)
        return self._status(download_id)

    async def _stop(self, name: str, word: str) -> Download:
        """As it stands once nothing works on it. Raises ``Conflict`` for one that is over."""
        found = self._named(name)
        if not found.state.unfinished:
            raise Conflict(f"The download of {found.model} is {found.state}, so it cannot be {word}.")
        await self._line.leave(found.id)
        return self._book.get(found.id)

    async def _discard(self, download: Download) -> None:
        """What came of one that is over, but for what others need."""
        others = (one for one in self._book.all if one.state.unfinished and one.id != download.id)
        needed = {sha256 for one in others for sha256 in one.sha256s}
        await asyncio.to_thread(self._tools.blobs.discard, set(download.sha256s) - needed)

    def _missing(self, form: RecipeForm) -> list[RecipeFile]:
        return [one for one in form.files if not self._tools.blobs.has(one)]

    def _files_of(self, models: Iterable[str]) -> list[RecipeFile]:
        """As far as the catalog has them."""
        files: list[RecipeFile] = []
        for one in models:
            with suppress(ModelNotFound):
                files.extend(self._tools.catalog.find(one)[1].files)
        return files

    def _named(self, name: str) -> Download:
        with suppress(ModelNotFound):
            recipe, form = self._tools.catalog.find(name)
            name = recipe.model_id(form)
        return self._book.find(name)

    def _status(self, download_id: str) -> DownloadStatus:
        return status_of(self._book.now(download_id))


def _terms(text: str | None, **given: str | None) -> AcceptedTerms | None:
    """Raises ``BadRequest`` where something is missing."""
    if text is None:
        return None
    missing = [f"--{name}" for name, value in given.items() if not (value or "").strip()]
    if missing:
        raise BadRequest(
            "Whoever accepts a license says who they are, in which role and what for: add "
            f"{', '.join(missing)}."
        )
    return AcceptedTerms(text, *(str(value) for value in given.values()))
