"""Kills the real gateway and cuts its power, and prints what clients were told against what the ledger holds.

    python scripts/show_durability.py --kills 50 --cuts 60

The harness is that of tests/durability, which asserts what this only prints. Power cuts need strace: the
gateway's own writes and syncs are recorded, and replayed with what was not synced dropped. The run with
`synchronous=OFF` must be seen to lose.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.durability.books import read_books
from tests.durability.cutting import faults_after_cuts
from tests.durability.gateway_box import GatewayBox
from tests.durability.history import disagreements
from tests.durability.kill_loop import kill_loop
from tests.durability.test_power_cut_gateway import ANSWER, hear, recorded


async def kills(folder: Path, rounds: int) -> None:
    box = GatewayBox(folder)
    history = await kill_loop(
        box, box.client, rounds=rounds, acknowledged_before=60, chance=random.Random(50)
    )
    books = await read_books(box.database)
    fates = Counter(one.fate.name.lower() for one in history)
    rows = Counter(row.outcome for row in books.rows)
    print(f"kill -9, {rounds} times under 32 clients: clients were told {dict(fates)}; rows {dict(rows)}")
    print(f"  acknowledged and not exactly in the ledger, or twice: {len(disagreements(history, books))}")


async def cuts(folder: Path, count: int, synchronous: str) -> None:
    folder.mkdir()
    events, database, _ = await recorded(folder, synchronous)
    chance = random.Random(2)
    found = await faults_after_cuts(
        events, database, hear, answer=ANSWER, cuts=count, chance=chance, folder=folder
    )
    print(f"power cut, synchronous={synchronous}: {len(events)} events, {count} cuts, 3 disks each")
    print(f"  disks on which an acknowledged row was lost or the database did not open: {len(found)}")


async def show(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "kills").mkdir()
        await kills(folder / "kills", options.kills)
        await cuts(folder / "full", options.cuts, "FULL")
        await cuts(folder / "off", options.cuts, "OFF")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--cuts", type=int, default=60)
    asyncio.run(show(parser.parse_args()))


if __name__ == "__main__":
    main()
