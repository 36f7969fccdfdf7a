"""One fetch as the gateway does it, watched from outside: how long, how much memory, what was said."""

import asyncio
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from appliance.domain.download import FetchOrder, FetchProgress
from appliance.weights.fetching.process import FetchProcess

_LOOK_S = 0.02


@dataclass
class Watched:
    seconds: float = 0.0
    verified_s: float = 0.0
    """Until all bytes were on their way to the disk and hashed; what is left is the last fsync."""
    peak_rss_mb: float = 0.0
    fetched_bytes: int = 0
    most_silent_s: float = 0.0
    """Between two words about its progress."""
    told: list[int] = field(default_factory=list)


def child() -> int | None:
    for number in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        with suppress(OSError):
            if b"weights.fetching" in Path(f"/proc/{number}/cmdline").read_bytes():
                return int(number)
    return None


async def watch_memory(watched: Watched) -> None:
    while True:
        pid = child()
        with suppress(OSError):
            found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
            if found:
                watched.peak_rss_mb = max(watched.peak_rss_mb, int(found[1]) / 1024)
        await asyncio.sleep(_LOOK_S)


async def fetch(
    order: FetchOrder, home: Path, on_progress: Callable[[FetchProgress], None] = lambda _: None
) -> Watched:
    """Raises what the fetch raises."""
    watched = Watched()
    total = sum(file.size_bytes for file in order.files)
    watching = asyncio.create_task(watch_memory(watched))
    began = heard = time.perf_counter()
    try:
        async with FetchProcess(home).fetch(order) as events:
            async for event in events:
                if isinstance(event, FetchProgress):
                    now = time.perf_counter()
                    if watched.told:
                        watched.most_silent_s = max(watched.most_silent_s, now - heard)
                    heard = now
                    watched.told.append(event.verified_bytes)
                    watched.fetched_bytes = event.fetched_bytes
                    if event.verified_bytes >= total and not watched.verified_s:
                        watched.verified_s = now - began
                    on_progress(event)
        watched.seconds = time.perf_counter() - began
    finally:
        watching.cancel()
    return watched
