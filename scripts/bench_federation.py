"""Eight weeks alone: how long it takes until a registry has every report, over real HTTP.

    python scripts/bench_federation.py [--days 56] [--people 40] [--requests 5]

A box with a real database reports each day into its outbox; then it syncs with the product's registry on a
socket of this machine, over SQLite. Prints what was made, its size and the time; writes nothing.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from appliance.domain.usage import Operation
from appliance.registry.store.opening import open_database
from tests.federation.real_registry import RealRegistry
from tests.federation.reporting_box import ReportingBox

OPERATIONS: tuple[Operation, ...] = ("chat", "completion", "embedding")


async def used(box: ReportingBox, days: int, people: int, requests: int) -> list[float]:
    """Everybody asks so often a day. Returns how long composing each day took."""
    took = []
    for _ in range(days):
        for number in range(people):
            for one in range(requests):
                await box.use(f"s{number}", op=OPERATIONS[one % len(OPERATIONS)])
        box.next_day()
        begun = time.perf_counter()
        await box.composer.compose()
        took.append(time.perf_counter() - begun)
    return took


async def main(days: int, people: int, requests: int) -> None:
    """One run."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "box").mkdir(mode=0o700)
        box = ReportingBox(Path(folder) / "box" / "carrel.db")
        await box.start(*(f"s{number}" for number in range(people)))
        database = open_database(f"sqlite:///{folder}/registry.db")
        registry = RealRegistry(database, Path(folder), box.clock)
        registry.enroll(box)
        composing = await used(box, days, people, requests)
        waiting = await box.waiting()
        size = sum(len(row.token) for row in waiting)
        async with registry.on_http(box) as transport:
            begun = time.perf_counter()
            sent = await box.sync(transport)
            took_s = time.perf_counter() - begun
        made = days * people * requests
        print(f"{days} days, {made} requests, composed in {1000 * statistics.median(composing):.1f} ms a day")
        print(f"{len(waiting)} messages, {size / 1024:.0f} KiB; sent {sent} in {took_s:.2f} s")
        print(f"registry has {registry.requests} requests; {len(await box.waiting())} messages wait")
        box.close()
        database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--days", type=int, default=56)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--requests", type=int, default=5)
    given = parser.parse_args()
    asyncio.run(main(given.days, given.people, given.requests))
