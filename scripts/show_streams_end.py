"""Opens many streams and hangs up on them, and prints how soon their slots are free and what the memory does.

    python scripts/show_streams_end.py [--rounds 5] [--streams 200] [--cycles 5000] [--json FILE]

The real gateway serves the fake engine from a real worker process, under the default limits of a person; the
streams are those of `--keys` people. First, in each round, all streams flow, half of them are hung up on at
random moments within a second, and the running count of `carrel model show` is read over the admin socket
until it is that of the other half, which then runs to its end. The slots' time is counted from the last
hang-up; the ledger's from each request's own, to the end of its row. A row has to be there once for each
request, settled, and with what its client saw: the same tokens where it was told them, no fewer where it
left. A token of the fake engine is one character.

Then `--cycles` streams are opened, read to the first text and hung up on, `--at-once` at a time, after
`--warm-up` of them. What the gateway's resident memory grew by is printed; each is read when nothing ran for
two seconds.
"""

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stream_crowd import Client, Crowd, hang_up

from appliance.client.admin import AdminClient
from appliance.workers.hanging import HangRule
from appliance.workers.restart import RestartPolicy
from tests.system.box import RealBox
from tests.system.mortal_box import mortal_box

FREE_WITHIN_S = 2.0
GROWTH_MB = 5.0
ABORTED_WITHIN_S = 1.0
IDLE_S = 2.0
ROOMY = {"CARREL_WORKER_MEMORY_MIB": "2000"}


def parts_of(folder: Path, args: argparse.Namespace) -> RealBox:
    """The box of the tests, not started, its model with a seat for each stream."""
    hang, restarts = HangRule(), RestartPolicy()
    box = mortal_box(
        folder,
        hang={"silence_s": hang.silence_s},
        restarts={"deaths": restarts.deaths},
        options={"step_delay_ms": str(args.step_ms)},
        settings=ROOMY,
    )
    recipe = folder / "recipes" / "mortal.toml"
    seats = f"max_sequences = {args.streams}"
    recipe.write_text(re.sub(r"max_sequences = \d+", seats, recipe.read_text()))
    return box


async def one_round(crowd: Crowd, box: RealBox, args: argparse.Namespace, draw: random.Random) -> dict:
    clients = [Client() for _ in range(args.streams)]
    flowing = [asyncio.Event() for _ in clients]
    opened = time.monotonic()
    streams = [
        asyncio.create_task(crowd.stream(number, client, args.max_tokens, flowing[number]))
        for number, client in enumerate(clients)
    ]
    all_flow = asyncio.gather(*(one.wait() for one in flowing))
    await asyncio.wait([all_flow, *streams], return_when=asyncio.FIRST_COMPLETED)
    if not all_flow.done():
        raise RuntimeError(f"a stream ended too soon: {[one.result() for one in streams if one.done()]}")
    all_flow_s = time.monotonic() - opened
    before = await crowd.running()
    leaving = draw.sample(range(args.streams), args.streams // 2)

    async def leave(number: int) -> None:
        await asyncio.sleep(draw.uniform(0, ABORTED_WITHIN_S))
        await hang_up(streams[number], clients[number])

    await asyncio.gather(*(leave(number) for number in leaving))
    last_left = time.monotonic()
    staying = args.streams - len(leaving)
    free_s = await crowd.until_running(staying) - last_left
    running_then = await crowd.running()
    ended_soon = sum(stream.done() for number, stream in enumerate(streams) if number not in set(leaving))
    await asyncio.gather(*(stream for number, stream in enumerate(streams) if number not in set(leaving)))
    ledger = await crowd.faults_in_ledger(clients)
    ended_ms = {row["request_id"]: row["ended_ms"] for row in box.rows()}
    settled_s = [
        (ended_ms[clients[number].request_id] - clients[number].left_ms) / 1000 for number in leaving
    ]
    return {
        "all_flow_after_s": round(all_flow_s, 2),
        "running_before": before,
        "slots_free_s": round(free_s, 3),
        "running_after": running_then,
        "rest_ended_before": ended_soon,
        "longest_from_hang_up_to_row_s": round(max(settled_s), 3),
        "not_told_of_the_rest": sum(one.told_tokens is None for one in clients) - len(leaving),
        "ledger_faults": dict(ledger),
        "held_micro": box.carrel("budget", "show")["held_micro"],
    }


def is_kept(found: dict, staying: int) -> bool:
    """Slots in time, the ones that stayed still there, and the ledger exact."""
    none = found["rest_ended_before"], found["not_told_of_the_rest"], found["held_micro"]
    return (
        found["slots_free_s"] <= FREE_WITHIN_S
        and found["running_after"] == staying
        and not any(none)
        and not found["ledger_faults"]
    )


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def cycle(crowd: Crowd, count: int, at_once: int) -> list[Client]:
    numbers, clients = iter(range(count)), [Client() for _ in range(count)]

    async def in_turn() -> None:
        for number in numbers:
            await crowd.hang_up_after_first_text(number, clients[number])

    await asyncio.gather(*(in_turn() for _ in range(at_once)))
    await crowd.until_running(0)
    await asyncio.sleep(IDLE_S)
    return clients


async def growth(crowd: Crowd, box: RealBox, args: argparse.Namespace) -> dict:
    pid = box.process.pid
    clients = await cycle(crowd, args.warm_up, args.at_once)
    sizes, began = [resident_mb(pid)], time.monotonic()
    for tenth in range(10):
        clients += await cycle(
            crowd, args.cycles * (tenth + 1) // 10 - args.cycles * tenth // 10, args.at_once
        )
        sizes.append(resident_mb(pid))
        print(f"{tenth + 1} of 10: {sizes[-1]:.2f} MB", flush=True)
    ledger = await crowd.faults_in_ledger(clients)
    return {
        "cycles": args.cycles,
        "warm_up": args.warm_up,
        "at_once": args.at_once,
        "seconds": round(time.monotonic() - began, 1),
        "resident_mb": [round(one, 2) for one in sizes],
        "growth_mb": round(sizes[-1] - sizes[0], 2),
        "bound_mb": GROWTH_MB,
        "ledger_faults": dict(ledger),
        "kept": sizes[-1] - sizes[0] < GROWTH_MB and not ledger,
    }


def books(box: RealBox) -> dict:
    budget, rows = box.carrel("budget", "show"), box.rows()
    return {
        "rows": len(rows),
        "outcomes": dict(Counter(row["outcome"] for row in rows)),
        "held_micro": budget["held_micro"],
        "spent_micro": budget["spent_micro"],
        "sum_of_rows": sum(row["gflop"] for row in rows),
    }


async def show(folder: Path, args: argparse.Namespace) -> dict:
    box = parts_of(folder, args).start()
    try:
        box.carrel("model", "run", "mortal", "--seats", str(args.streams))
        keys = [box.new_key(f"person {number}") for number in range(args.keys)]
        draw = random.Random(args.seed)
        # Each stream its own connection: httpx takes seconds to give out 100 idle ones of its pool.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        async with httpx.AsyncClient(
            base_url=box.url + "/", timeout=60, trust_env=False, limits=limits
        ) as http:
            with AdminClient(folder / "box" / "run" / "admin.sock") as admin:
                crowd = Crowd(box, keys, http, admin)
                rounds = []
                for _ in range(args.rounds):
                    rounds.append(await one_round(crowd, box, args, draw))
                    print(json.dumps(rounds[-1]), flush=True)
                memory = await growth(crowd, box, args) if args.cycles else None
        free_s = [one["slots_free_s"] for one in rounds]
        ending = {
            "streams": args.streams,
            "hung_up": args.streams // 2,
            "step_ms": args.step_ms,
            "rounds": rounds,
            "slots_free_s": {"max": max(free_s, default=None), "bound": FREE_WITHIN_S},
            "kept": all(is_kept(one, args.streams - args.streams // 2) for one in rounds),
        }
        return {"ending": ending, "memory": memory, "books": books(box)}
    finally:
        box.stop()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--keys", type=int, default=8)
    parser.add_argument("--max-tokens", type=int, default=200)
    parser.add_argument("--step-ms", type=float, default=50)
    parser.add_argument("--cycles", type=int, default=5000)
    parser.add_argument("--warm-up", type=int, default=500)
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(show(Path(folder), args))
    print(json.dumps(found, indent=2))
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
