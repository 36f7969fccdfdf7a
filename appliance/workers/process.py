"""One child process from launch to reaping: what it inherits, what it prints, how it ends."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from appliance.confinement.confine import KEEP_NETWORK
from appliance.domain.log import Log
from appliance.workers.gateway_channel import GatewayChannel
from appliance.workers.printed import log_printed

_ENVIRONMENT: Final = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "PYTHONUNBUFFERED": "1",
    # Where it is imported torch makes a folder for what it compiles, which is nothing here, and fails where
    # it may not write. This one is always there, and takes no files.
    "TORCHINDUCTOR_CACHE_DIR": "/proc",
}


_LAST_WORDS_S: Final = 1.0


class Child:
    """A running child. ``end`` has to be awaited once, whatever happened."""

    def __init__(
        self, process: asyncio.subprocess.Process, channel: GatewayChannel, printed: asyncio.Task[None]
    ) -> None:
        self.pid = process.pid
        self.channel = channel
        self._process = process
        self._printed = printed

    def kill(self) -> None:
        """SIGKILL to the child and whatever it has started; its channel ends. Safe to call again."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def exited(self, deadline_s: float) -> None:
        """Wait until it has exited by itself, ``deadline_s`` at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(deadline_s):
                await self._process.wait()

    async def end(self) -> str:
        """Kill, reap and close; how it had exited, in words."""
        self.kill()
        status = await self._process.wait()
        await self.channel.close()
        # A process that the child moved out of its group may still hold the pipe.
        await asyncio.wait({self._printed}, timeout=_LAST_WORDS_S)
        self._printed.cancel()
        return _in_words(status)


async def launch(
    *,
    environment: Mapping[str, str],
    log: Log,
    write_deadline_s: float,
    on_stall: Callable[[], None],
    networked: bool = False,
) -> Child:
    """Start a child that waits for its ``Load``; ``networked`` is that frame's. Raises ``OSError``.

    It gets nothing of this process but one end of a socket pair and ``environment``. The parent-death signal
    is about the thread that starts the child: this has to be the main thread, which lives as long as the
    process.
    """
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            process = await _execute(theirs.fileno(), environment, (KEEP_NETWORK,) if networked else ())
    except OSError:
        ours.close()
        raise
    channel = await GatewayChannel.open(ours, write_deadline_s=write_deadline_s, on_stall=on_stall)
    return Child(process, channel, asyncio.create_task(log_printed(process, log)))


async def _execute(
    descriptor: int, environment: Mapping[str, str], flags: tuple[str, ...]
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "appliance.workers.child",
        str(descriptor),
        *flags,
        pass_fds=(descriptor,),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**_ENVIRONMENT, **environment},
        cwd="/",
        # A process group of its own: killed as one, and a terminal's Ctrl-C is the gateway's to handle.
        start_new_session=True,
    )


def _in_words(status: int) -> str:
    if status >= 0:
        return f"exited with status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
