"""Has a process look inside files: it is started, asked and bounded, and believed only where it gives a
verdict.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from appliance.domain.inspection import Inspection
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import IntegrityFailed
from appliance.weights.inspecting.order import (
    LONGEST_VERDICT_BYTES,
    VERDICT,
    FileOrder,
    InspectOrder,
    Refused,
    Verdict,
)

DEADLINE_S: Final = 30.0
_READ_BYTES: Final = 2**16
PROGRAM: Final = (sys.executable, "-P", "-m", "appliance.weights.inspecting")
_ENVIRONMENT: Final = {"PATH": os.defpath, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


class InspectProcess:
    """``program`` is what is started, a process a question."""

    def __init__(self, program: tuple[str, ...] = PROGRAM, deadline_s: float = DEADLINE_S) -> None:
        self._program = program
        self._deadline_s = deadline_s

    async def inspect(self, recipe: Recipe, form: RecipeForm, files: Mapping[str, Path]) -> Inspection:
        """``files``: where each name of the form lies, and no other. Raises ``IntegrityFailed`` with the
        reason why no engine may open them.
        """
        names = [file.name for file in form.files]
        if set(names) != set(files):
            raise IntegrityFailed("The files are not those that the recipe names, no more and no less.")
        return await self.look(
            InspectOrder(
                engine=form.engine,
                files=tuple(FileOrder(name, str(files[name])) for name in names),
                context_tokens=recipe.context_tokens,
                pooling=recipe.pooling,
                precision=form.precision,
            )
        )

    async def look(self, order: InspectOrder) -> Inspection:
        """The same of files that no recipe names yet."""
        verdict = await self._ask(msgspec.json.encode(order))
        if isinstance(verdict, Refused):
            raise IntegrityFailed(verdict.reason)
        return verdict.found

    async def _ask(self, order: bytes) -> Verdict:
        process = await self._start()
        try:
            async with asyncio.timeout(self._deadline_s):
                said = await _talk(process, order)
        except TimeoutError:
            raise IntegrityFailed(
                f"Looking into the model's files took over {self._deadline_s:.0f} seconds, more than sound "
                "ones take; nothing opens them."
            ) from None
        finally:
            status = await _end(process)
        return _verdict(said, status)

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._program,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_ENVIRONMENT,
            cwd="/",
            # A process group of its own: killed as one, and a terminal's Ctrl-C is not for it.
            start_new_session=True,
        )


async def _talk(process: asyncio.subprocess.Process, order: bytes) -> bytes:
    """What it says until it says no more, or too much."""
    if process.stdin is None or process.stdout is None:
        return b""
    with suppress(ConnectionError):  # one that ended early says so by its status
        process.stdin.write(order)
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()
    said = b""
    while len(said) <= LONGEST_VERDICT_BYTES and (more := await process.stdout.read(_READ_BYTES)):
        said += more
    if len(said) <= LONGEST_VERDICT_BYTES:
        await process.wait()
    return said


async def _end(process: asyncio.subprocess.Process) -> int:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    # Until its pipe is read to the end, asyncio does not say that it has exited.
    while process.stdout is not None and await process.stdout.read(_READ_BYTES):
        pass
    return await process.wait()


def _verdict(said: bytes, status: int) -> Verdict:
    if status != 0 or len(said) > LONGEST_VERDICT_BYTES:
        raise IntegrityFailed(
            "The process that looked into the model's files did not survive it; nothing else opens them."
        )
    try:
        return VERDICT.decode(said)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise IntegrityFailed(
            "The process that looked into the model's files gave no answer; nothing else opens them."
        ) from error
