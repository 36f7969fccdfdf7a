"""The same by stick: what waits goes into a file, what the registry made of it comes back in another."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.federation import Joining, Membership, OutboxRow
from appliance.errors import BadRequest, CarrelError, IntegrityFailed, StorageUnavailable
from appliance.federation.bundling.reading import Incoming, read_incoming
from appliance.federation.bundling.shapes import FROM_REGISTRY, TO_REGISTRY, BoxFacts
from appliance.federation.bundling.writing import Written, write_outgoing
from appliance.federation.exchange.reading import refused_by
from appliance.federation.protocol import kinds
from appliance.federation.protocol.limits import BUNDLE_BYTES
from appliance.federation.protocol.replies import Problem, Refused, Reply
from appliance.services.federation.catching_up import CatchingUp
from appliance.services.federation.composing import Composing
from appliance.services.federation.dispatching import Dispatcher
from appliance.services.federation.enrolling import Enrolling
from appliance.services.federation.ids import id_of
from appliance.services.federation.refusing import ALL_STOP, as_error
from appliance.services.federation.sending import Sender
from appliance.services.federation.syncing import Syncing, SyncReport
from appliance.trust.signed import signer_of

_PAGE: Final = 16


class Who(Protocol):
    """Who the box is."""

    @property
    def membership(self) -> Membership | None:
        """Where it belongs."""
        ...


class Rows(Protocol):
    """What waits to leave."""

    async def waiting(self, *, after: int = 0, limit: int = 16) -> Sequence[OutboxRow]:
        """The next ones behind the row ``after``, in order."""
        ...


class Remembered(Protocol):
    """What was begun."""

    async def joining(self) -> Joining | None:
        """An enrollment."""
        ...


@dataclass(frozen=True, slots=True)
class Carried:
    """A file for the registry; ``kinds`` counts what is in it."""

    path: Path
    written: Written
    kinds: Mapping[str, int]


class Carrying:
    """``work`` is a folder of the box's own, for the catalog while it is looked at."""

    def __init__(
        self,
        *,
        who: Who,
        rows: Rows,
        remembered: Remembered,
        composing: Composing,
        syncing: Syncing,
        sender: Sender,
        dispatcher: Dispatcher,
        enrolling: Enrolling,
        catching_up: CatchingUp,
        work: Path,
        clock: Clock,
    ) -> None:
        self._who = who
        self._rows = rows
        self._remembered = remembered
        self._composing = composing
        self._syncing = syncing
        self._sender = sender
        self._dispatcher = dispatcher
        self._enrolling = enrolling
        self._catching_up = catching_up
        self._work = work
        self._clock = clock

    async def write(self, to: str) -> Carried:
        """What waits, as it is; it goes on waiting until the answer is here. Raises ``BadRequest``,
        ``ConfigInvalid``, ``StorageUnavailable``.
        """
        membership = self._who.membership
        if membership is None:
            raise BadRequest("This box belongs to no registry: `carrel fed enroll CODE --request FILE`.")
        path = file_at(to, TO_REGISTRY)
        await self._composing.compose()
        await self._syncing.put_received()
        await self._syncing.put_sync(membership)
        rows = await self._that_fit()
        facts = BoxFacts(
            box=membership.box,
            registry=membership.registry,
            made=self._clock.now_ms() // 1000,
            messages=len(rows),
        )
        written = await asyncio.to_thread(write_outgoing, path, [(row.id, row.token) for row in rows], facts)
        counted: dict[str, int] = {}
        for row in rows[: written.messages]:
            counted[row.kind] = counted.get(row.kind, 0) + 1
        return Carried(path, written, counted)

    async def write_request(self, to: str, registry: str, id: str, message: str) -> Carried:
        """The one message that asks to be enrolled. Raises as ``write`` does."""
        path = file_at(to, TO_REGISTRY)
        facts = BoxFacts(
            box=signer_of(message).id, registry=registry, made=self._clock.now_ms() // 1000, messages=1
        )
        written = await asyncio.to_thread(write_outgoing, path, [(id, message)], facts)
        return Carried(path, written, {kinds.ENROLL: 1})

    async def take(self, file: str) -> SyncReport:
        """What the registry made. Raises ``BadRequest``, ``ConfigInvalid``, ``IntegrityFailed``,
        ``NotAllowed`` for an enrollment that was refused, ``StorageUnavailable``.
        """
        path = file_at(file, FROM_REGISTRY)
        with self._folder() as mirror:
            incoming = await asyncio.to_thread(read_incoming, path, mirror)
            report = SyncReport()
            if self._who.membership is None:
                await self._enrolled(incoming, mirror, report)
            async with self._syncing.alone:
                await self._taken(incoming, mirror if incoming.has_mirror else None, report)
            return report

    async def _enrolled(self, incoming: Incoming, mirror: Path, report: SyncReport) -> None:
        begun = await self._remembered.joining()
        if begun is None:
            raise BadRequest("This box belongs to no registry and has asked none: `carrel fed enroll CODE`.")
        answer = incoming.replies.get(id_of(begun.message))
        if answer is None:
            raise BadRequest("The file does not answer this box's request to be enrolled.", param="file")
        if isinstance(answer, Problem):
            raise as_error(_refused(answer))
        membership = await self._enrolling.complete(answer, mirror)
        others = [one for one in answer.items if one != membership.enrollment]
        report.sent.taken.add(await self._dispatcher.take(others, re=answer.re))
        report.sent.kinds[kinds.ENROLL] += 1

    async def _taken(self, incoming: Incoming, mirror: Path | None, report: SyncReport) -> None:
        membership = self._who.membership
        if membership is None:
            return
        if mirror is not None:
            report.catalog = await self._catching_up.catch_up(membership.registry, mirror)
        try:
            async for row in self._waiting():
                if (answer := incoming.replies.get(row.id)) is not None:
                    await self._settle(row, answer, report)
        except StorageUnavailable:
            raise
        except CarrelError as error:
            report.trouble = error
        if incoming.mailbox is not None:
            taken = await self._dispatcher.take(incoming.mailbox.items, tell=True)
            report.sent.taken.add(taken)
        await self._syncing.note(report, by_stick=True)

    async def _settle(self, row: OutboxRow, answer: Reply | Problem, report: SyncReport) -> None:
        if isinstance(answer, Reply):
            await self._sender.settle(row, answer, report.sent)
            return
        refused = _refused(answer)
        if refused.name in ALL_STOP:
            raise as_error(refused)
        await self._sender.refused(row, refused, report.sent)

    async def _that_fit(self) -> Sequence[OutboxRow]:
        """Into one file, in order."""
        found: list[OutboxRow] = []
        left = BUNDLE_BYTES
        async for row in self._waiting():
            left -= len(row.token)
            if left < 0:
                break
            found.append(row)
        return found

    async def _waiting(self) -> AsyncIterator[OutboxRow]:
        after = 0
        while page := await self._rows.waiting(after=after, limit=_PAGE):
            for row in page:
                yield row
                after = row.seq

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        try:
            self._work.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(dir=self._work, prefix=".stick-"))
        except OSError as error:
            raise StorageUnavailable(f"The data folder cannot be written ({error.strerror}).") from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def file_at(text: str, name: str) -> Path:
    """The file that a person means, who may have named its folder. Raises ``BadRequest``."""
    path = Path(text)
    if not path.is_absolute():
        raise BadRequest("Give the whole path: the box has another folder than you.", param="file")
    return path / name if path.is_dir() else path


def _refused(problem: Problem) -> Refused:
    refused = refused_by(problem)
    if refused is None:
        raise IntegrityFailed("The registry says no in a way that this box does not know.")
    return refused
