#!/usr/bin/env python3
"""What the terminal UI costs: time to the first paint, and processor time idle and under 50 updates a second.

Everything runs as a sysadmin has it: `carrel tui` as a process of its own in a pseudo-terminal, before a real
gateway for the first two, before a stand-in that tells of 2,000 people for the third.
"""

import argparse
import asyncio
import fcntl
import json
import os
import pty
import re
import select
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import psutil

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from appliance.config.places import find_places  # noqa: E402
from appliance.config.process import surroundings  # noqa: E402
from appliance.domain.actions import action  # noqa: E402
from appliance.domain.results import (  # noqa: E402
    ClassList,
    Inbox,
    PersonList,
    PersonSummary,
    ProjectList,
    QueueStatus,
    Status,
)
from appliance.domain.watching import Event, WatchBody, changes  # noqa: E402
from tests.system.box import RealBox  # noqa: E402

PEOPLE = 2000
PER_SECOND = 50
SIZE = (120, 36)
CSI = re.compile(rb"\x1b\[[0-9;?<>=]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


class Viewer:
    """`carrel tui` in a pseudo-terminal. ``began_s`` is when it was started."""

    def __init__(self, environment: Mapping[str, str], *words: str) -> None:
        self.began_s = time.monotonic()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            program = (sys.executable, "-P", "-m", "appliance", "tui", *words)
            os.execve(sys.executable, program, {**environment, "TERM": "xterm-256color"})
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        self.process = psutil.Process(self.pid)
        self.seen = b""
        self.wrote = 0

    def read(self, wait_s: float) -> bytes:
        ready, _, _ = select.select([self.terminal], [], [], wait_s)
        if not ready:
            return b""
        got = os.read(self.terminal, 65536)
        self.wrote += len(got)
        self.seen = (self.seen + got)[-400_000:]
        return got

    def until(self, text: str, limit_s: float = 30.0) -> float:
        """Seconds from the start until the text was drawn."""
        while time.monotonic() - self.began_s < limit_s:
            self.read(0.05)
            if text.encode() in CSI.sub(b"", self.seen):
                return time.monotonic() - self.began_s
        raise SystemExit(
            f"{text} was never drawn:\n{CSI.sub(b'', self.seen)[-2000:].decode(errors='replace')}"
        )

    def press(self, keys: bytes) -> None:
        os.write(self.terminal, keys)

    def costs(self, for_s: float) -> tuple[float, float]:
        """Percent of a core, and bytes a second to the terminal, over so many seconds."""
        before, began, wrote = self.process.cpu_times(), time.monotonic(), self.wrote
        while time.monotonic() - began < for_s:
            self.read(0.2)
        after, took = self.process.cpu_times(), time.monotonic() - began
        spent = after.user + after.system - before.user - before.system
        return 100 * spent / took, (self.wrote - wrote) / took

    def leave(self) -> None:
        self.press(b"q")
        while self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE:
            try:
                self.read(0.1)
            except OSError:
                break
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


class StandIn:
    """A gateway that has many people, one of whom changes fifty times a second."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.sent = 0

    async def serve(self) -> asyncio.Server:
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        return await asyncio.start_unix_server(self._answer, self.socket)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
            body = await reader.readexactly(int(length[1])) if length else b""
            path = head.split()[1]
            if path == "/admin/v1/watch":
                await self._stream(writer, msgspec.json.decode(body, type=WatchBody))
            else:
                await self._once(writer, path.removeprefix("/admin/v1/").replace("/", "."))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _once(self, writer: asyncio.StreamWriter, name: str) -> None:
        answer = self.answer(name)
        status, body = (
            ("200 OK", msgspec.json.encode(answer))
            if answer
            else (
                "404 Not Found",
                b'{"error":{"code":"not_found","message":"The stand-in does not have this."}}',
            )
        )
        writer.write(
            f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        await writer.drain()

    async def _stream(self, writer: asyncio.StreamWriter, wanted: WatchBody) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        told: list[object] = [None] * len(wanted.topics)
        number = 0
        while True:
            number += 1
            for place, topic in enumerate(wanted.topics):
                answer = self.answer(topic.action, number)
                if answer is None or (number > 1 and topic.action != "person.list"):
                    continue
                new = msgspec.json.decode(msgspec.json.encode(answer))
                change = changes(told[place], new)
                told[place] = new
                if change is not None:
                    event = Event(
                        topic=place, **{name: getattr(change, name) for name in ("set", "rows", "gone")}
                    )
                    writer.write(b"data: " + msgspec.json.encode(event) + b"\n\n")
                    self.sent += 1
            await writer.drain()
            await asyncio.sleep(1 / PER_SECOND)

    def answer(self, name: str, number: int = 0) -> msgspec.Struct | None:
        match name:
            case "status":
                return Status(
                    state="ready",
                    version="0",
                    url="http://127.0.0.1:7411/v1",
                    pid=1,
                    uptime_s=1,
                    models=(),
                    queue=QueueStatus(waiting=0, running=0, limit=1),
                    storage="ok",
                    federation="not enrolled",
                )
            case "inbox":
                return Inbox(rows=(), left_out=0)
            case "class.list":
                return ClassList(classes=())
            case "project.list":
                return ProjectList(projects=())
            case "person.list":
                return PersonList(people=tuple(person(n, number) for n in range(PEOPLE)))
            case _:
                return None


def person(which: int, number: int) -> PersonSummary:
    """Another one changes each time, among those on the first screen."""
    changed = which == number % 20
    return PersonSummary(
        id=f"student-{which:04}",
        name=f"Student {which}",
        state="suspended" if changed else "active",
        role="user",
        email="",
        login="",
        projects=("nlp",),
        created_ms=0,
        ended_ms=None,
    )


def first_paints(box: RealBox, times: int) -> dict[str, float]:
    """Medians, in seconds: until the screen is drawn, and until it has something to say."""
    drawn, told = [], []
    for _ in range(times):
        viewer = Viewer(box.environment)
        drawn.append(viewer.until("? help"))
        told.append(viewer.until("ONLINE"))
        viewer.leave()
    return {
        "first_paint_s": round(statistics.median(drawn), 3),
        "worst_first_paint_s": round(max(drawn), 3),
        "first_news_s": round(statistics.median(told), 3),
        "times": times,
    }


def idle(box: RealBox, for_s: float) -> dict[str, float]:
    """Of the viewer and of the gateway that tells it, on the first screen of a box without requests."""
    assert box.process is not None
    gateway = psutil.Process(box.process.pid)
    alone, began = gateway.cpu_times(), time.monotonic()
    time.sleep(for_s)
    alone_percent = _percent(alone, gateway.cpu_times(), time.monotonic() - began)
    viewer = Viewer(box.environment)
    viewer.until("ONLINE")
    viewer.costs(3)
    before, began = gateway.cpu_times(), time.monotonic()
    percent, bytes_per_s = viewer.costs(for_s)
    watched = _percent(before, gateway.cpu_times(), time.monotonic() - began)
    viewer.leave()
    return {
        "viewer_percent": round(percent, 2),
        "viewer_bytes_per_s": round(bytes_per_s),
        "gateway_percent_without_viewer": round(alone_percent, 2),
        "gateway_percent_with_viewer": round(watched, 2),
    }


def _percent(before, after, took: float) -> float:
    return 100 * (after.user + after.system - before.user - before.system) / took


def crowded(folder: Path, for_s: float) -> dict[str, float]:
    """Of the viewer on the screen of people while one of 2,000 changes fifty times a second."""
    home = folder / "stand-in"
    pid = os.fork()
    if pid == 0:
        asyncio.run(_stand_in(home))
        os._exit(0)
    try:
        while not (home / "run" / "admin.sock").exists():
            time.sleep(0.05)
        environment = {**os.environ, "CARREL_HOME": str(home)}
        viewer = Viewer(environment)
        viewer.until("ONLINE")
        viewer.press(b"5")
        viewer.until("student-0007")
        viewer.costs(3)
        percent, bytes_per_s = viewer.costs(for_s)
        viewer.leave()
    finally:
        os.kill(pid, 15)
        os.waitpid(pid, 0)
    return {
        "people": PEOPLE,
        "updates_per_s": PER_SECOND,
        "viewer_percent": round(percent, 2),
        "viewer_bytes_per_s": round(bytes_per_s),
    }


async def _stand_in(home: Path) -> None:
    places = find_places({"CARREL_HOME": str(home)}, os.getuid(), surroundings().folders)
    server = await StandIn(places.admin_socket).serve()
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=9, help="first paints")
    parser.add_argument("--seconds", type=float, default=20, help="how long processor time is counted")
    parser.add_argument("--out", type=Path, help="write the numbers there, as JSON")
    given = parser.parse_args()
    assert action("person.list")
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as folder:
        home = Path(folder) / "box"
        home.mkdir()
        box = RealBox(home).start()
        try:
            found = {"first_paint": first_paints(box, given.times), "idle": idle(box, given.seconds)}
        finally:
            box.stop()
        found["crowd"] = crowded(Path(folder), given.seconds)
    text = json.dumps(found, indent=2)
    print(text)
    if given.out:
        given.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
