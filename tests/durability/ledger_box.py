"""The ledger program as a box, and a client of it."""

import asyncio
import itertools
import json
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path

from tests.durability.history import Fate, Told
from tests.durability.kill_loop import Ask

PROGRAM = Path(__file__).with_name("ledger_program.py")


class LedgerBox:
    """``under`` is a command to run the program under, such as strace."""

    def __init__(self, folder: Path, *, synchronous: str = "FULL", under: Sequence[str] = ()) -> None:
        self.database = folder / "data" / "carrel.db"
        self.socket = folder / "socket"
        self._command = [
            *under,
            sys.executable,
            str(PROGRAM),
            str(self.database),
            str(self.socket),
            synchronous,
        ]
        self._process: Process | None = None
        self._pid = 0
        self._numbers = itertools.count()
        self._chance = random.Random(20261121)

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(*self._command, stdout=PIPE)
        async with asyncio.timeout(60):
            line = await self._process.stdout.readline()
        assert line.startswith(b"ready "), "the program ended before it was ready"
        self._pid = int(line.split()[1])

    async def kill(self) -> None:
        # The program itself and not what it runs under: a tracer ends by itself, its log written to the end.
        os.kill(self._pid, signal.SIGKILL)
        async with asyncio.timeout(60):
            await self._process.wait()

    async def client(self) -> Ask:
        reader, writer = await asyncio.open_unix_connection(self.socket)

        async def ask() -> Told:
            name = f"req_{next(self._numbers)}"
            request = {
                "id": name,
                "prompt": self._chance.randint(1, 90),
                "completion": self._chance.randint(1, 50),
            }
            try:
                writer.write(json.dumps(request).encode() + b"\n")
                line = await reader.readline()
            except ConnectionError:
                line = b""
            if not line.endswith(b"\n"):
                writer.close()
            return told(line) if line.endswith(b"\n") else Told(name, Fate.UNKNOWN)

        return ask


def told(line: bytes) -> Told:
    """What an answer of the program says."""
    answer = json.loads(line)
    if "error" in answer:
        return Told(answer["id"], Fate.REFUSED)
    return Told(answer["id"], Fate.ACKNOWLEDGED, answer["prompt"], answer["completion"])
