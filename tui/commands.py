"""What the command line does by itself, such as ``doctor`` and ``up``: run as a command beside the viewer."""

import asyncio
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from appliance.domain.action import Action

MOST_BYTES: Final = 16 * 2**20
"""Of what a command prints; one that prints more is stopped."""

Writer = Callable[[msgspec.Struct], tuple[bytes, str]]
"""What the file of a result holds, and a sentence about it that ends with the file's name."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What a command printed."""

    code: int
    output: bytes
    errors: bytes


class LocalCommands(Protocol):
    """Runs ``carrel`` commands where the box is."""

    async def capture(self, words: Sequence[str], given: bytes = b"") -> Captured:
        """Run it without a terminal, with ``given`` as its standard input; everything that it printed."""
        ...

    def in_terminal(self, words: Sequence[str]) -> int:
        """Give it the terminal until it ends; its exit code. For commands that ask, or show their own
        progress.
        """
        ...

    def writer(self, action: Action) -> Writer | None:
        """What makes a file of what the action answers; None for one that has no file."""
        ...


class NoCommands:
    """Nothing can be run: of a recording, and of tests."""

    async def capture(self, words: Sequence[str], given: bytes = b"") -> Captured:  # noqa: ARG002 - the port's
        """See ``LocalCommands``."""
        return Captured(1, b"", f"`carrel {' '.join(words)}` cannot be run from here.".encode())

    def in_terminal(self, words: Sequence[str]) -> int:  # noqa: ARG002 - the port's
        """See ``LocalCommands``."""
        return 1

    def writer(self, action: Action) -> Writer | None:  # noqa: ARG002 - the port's
        """See ``LocalCommands``."""
        return None


class Subprocesses:
    """``program`` are the words before the command's own: this Python's, or those of an SSH connection. The
    latter gives its words to a shell: with ``through_shell`` they are quoted for it. ``writers`` make files,
    by action.
    """

    def __init__(
        self,
        program: Sequence[str],
        writers: Mapping[str, Writer] | None = None,
        *,
        through_shell: bool = False,
    ) -> None:
        self._program = tuple(program)
        self._writers = dict(writers or {})
        self._quoted = through_shell

    def _whole(self, words: Sequence[str]) -> list[str]:
        return [*self._program, *(map(shlex.quote, words) if self._quoted else words)]

    async def capture(self, words: Sequence[str], given: bytes = b"") -> Captured:
        """See ``LocalCommands``."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._whole(words),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except (OSError, ValueError) as error:
            return Captured(127, b"", f"The command cannot be started: {error}.".encode("utf-8", "replace"))
        try:
            _, output, errors = await asyncio.gather(
                _told(process.stdin, given),
                _bounded(process.stdout, process.kill),
                _bounded(process.stderr, process.kill),
            )
            code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
        if max(len(output), len(errors)) > MOST_BYTES:
            return Captured(1, b"", b"The command printed too much to be shown here.")
        return Captured(code, output, errors)

    def in_terminal(self, words: Sequence[str]) -> int:
        """See ``LocalCommands``."""
        try:
            with _interrupts_for_the_command():
                code = subprocess.run(self._whole(words), check=False).returncode  # noqa: S603 - the table's words
        except (OSError, ValueError) as error:
            sys.stderr.write(f"The command cannot be started: {error}.\n")
            code = 127
        sys.stderr.write("\nEnter leads back to the screen. ")
        sys.stderr.flush()
        sys.stdin.readline()
        return code

    def writer(self, action: Action) -> Writer | None:
        """See ``LocalCommands``."""
        return self._writers.get(action.name)


async def _told(stdin: asyncio.StreamWriter | None, given: bytes) -> None:
    if stdin is None:
        return
    try:
        stdin.write(given)
        await stdin.drain()
        stdin.close()
        await stdin.wait_closed()
    except OSError:
        # It ended before it had read all: its exit code tells.
        return


async def _bounded(stream: asyncio.StreamReader | None, stop: Callable[[], None]) -> bytes:
    """All that comes. Past the bound what prints it is stopped, and the rest dropped: a command counts as
    over once its pipes are empty.
    """
    kept = bytearray()
    while stream is not None and (piece := await stream.read(2**16)):
        if len(kept) > MOST_BYTES:
            continue
        kept += piece
        if len(kept) > MOST_BYTES:
            stop()
    return bytes(kept)


@contextmanager
def _interrupts_for_the_command() -> Iterator[None]:
    """Ctrl+C ends the command and not the viewer: by a handler, since the command would inherit SIG_IGN."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
