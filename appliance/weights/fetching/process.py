"""The gateway's side: starts the child that downloads, hears what it says, ends it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import msgspec

from appliance.domain.download import FetchEvent, FetchOrder
from appliance.errors import CarrelError, OutboundFailed, error_for_code
from appliance.outbound.switch import Switch
from appliance.weights.fetching.hub_environment import hub_environment
from appliance.weights.fetching.wire import LINE, LINE_BYTES, Done, Failed, event_of

_ENVIRONMENT: Final = {"PATH": os.defpath, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
_ONLY_THERE: Final = "it asks no place but folders of this machine, and the recipe names none"


@dataclass(frozen=True, slots=True)
class FetchProcess:
    """``home`` is a folder for the hub's client library. While ``switch`` is on only folders
    are asked.
    """

    home: Path
    switch: Switch = field(default_factory=Switch)

    @asynccontextmanager
    async def fetch(self, order: FetchOrder) -> AsyncGenerator[AsyncIterator[FetchEvent]]:
        """Scope of one fetch: leaving it kills the child, and what it has stays for the next one.

        The events end with ``Fetched``; the errors are those beside ``FetchEvent``.
        """
        allowed = self._allowed(order)
        process = await self._start()
        try:
            yield _events(process, allowed)
        finally:
            await _end(process)

    def _allowed(self, order: FetchOrder) -> FetchOrder:
        if not self.switch.offline or not order.sources:
            return order
        folders = tuple(source for source in order.sources if source.kind == "folder")
        if not folders:
            self.switch.check(_ONLY_THERE)
        return replace(order, sources=folders)

    async def _start(self) -> asyncio.subprocess.Process:
        """On the thread that lives as long as the process: the child's end is tied to it (prctl(2))."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "appliance.weights.fetching",
            str(os.getpid()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**_ENVIRONMENT, **hub_environment(self.home, offline=self.switch.offline)},
            cwd="/",
            start_new_session=True,
            limit=LINE_BYTES,
        )


async def _events(process: asyncio.subprocess.Process, order: FetchOrder) -> AsyncIterator[FetchEvent]:
    if process.stdin is None or process.stdout is None:
        raise _silent()
    with suppress(ConnectionError):  # one that ended early says so by its silence
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        await process.stdin.drain()
    while text := await process.stdout.readline():
        try:
            line = LINE.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _silent() from error
        if isinstance(line, Failed):
            raise _error(line)
        yield event_of(line)
        if isinstance(line, Done):
            return
    raise _silent()


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()


def _error(failed: Failed) -> CarrelError:
    kind = error_for_code(failed.code)
    if issubclass(kind, OutboundFailed):
        return kind(failed.message, trouble=failed.trouble)
    return kind(failed.message)


def _silent() -> OutboundFailed:
    return OutboundFailed(
        "The process that downloads has ended without a word; pull again: it goes on where it ended.",
        trouble="ended",
    )
