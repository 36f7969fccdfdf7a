"""What a child prints, into the log: a bounded number of bounded lines, for model libraries can be talkative.

Children print no prompts: Carrel's own code in them prints places of errors only.
"""

import asyncio
from typing import Final

from appliance.domain.log import Log

MAX_LINE_CHARACTERS: Final = 400
MAX_LINES: Final = 2000
_READ_BYTES: Final = 64 * 1024


async def log_printed(process: asyncio.subprocess.Process, log: Log) -> None:
    """Read until the child has closed its standard output, so that it never blocks on it."""
    if process.stdout is None:
        return
    lines = PrintedLines(log, process.pid)
    while data := await process.stdout.read(_READ_BYTES):
        lines.feed(data)
    lines.close()


class PrintedLines:
    """Cuts bytes into lines, each at most ``MAX_LINE_CHARACTERS``, and logs the first ``MAX_LINES``."""

    def __init__(self, log: Log, pid: int) -> None:
        self._log = log
        self._pid = pid
        self._open = b""
        self._left = MAX_LINES

    def feed(self, data: bytes) -> None:
        """Take what was read."""
        *lines, rest = (self._open + data).split(b"\n")
        for line in lines:
            self._say(line)
        # UTF-8 has at most 4 bytes a character; what is cut off here would not be shown.
        self._open = rest[: 4 * MAX_LINE_CHARACTERS]

    def close(self) -> None:
        """Take the last line, which may have no end."""
        self._say(self._open)
        self._open = b""

    def _say(self, line: bytes) -> None:
        text = line[: 4 * MAX_LINE_CHARACTERS].decode(errors="replace")[:MAX_LINE_CHARACTERS]
        printable = "".join(one if one.isprintable() else " " for one in text).strip()
        if not printable or not self._left:
            return
        self._left -= 1
        self._log.info("child_printed", pid=self._pid, line=printable)
        if not self._left:
            self._log.warning("child_silenced", pid=self._pid, lines=MAX_LINES)
