"""Kills a worker in four ways under load, and prints how soon each client is told and the model serves again.

    python scripts/show_survival.py [--times 25] [--kinds SIGKILL SIGSTOP] [--silence-s 15] [--json FILE]

The box is that of tests/system/test_four_deaths.py, which asserts what this measures: the real gateway with
the fake engine in a real worker process. Hangs and restarts are judged by the rules of production, so that a
stopped worker counts as hung after 15 seconds of silence; `--silence-s` makes that shorter. A model is given
up after five deaths in ten minutes, therefore it is stopped and run anew after `--in-a-row` deaths.

One death: `--streams` streams flow, the worker gets the signal (SIGUSR1 makes it eat memory until its limit
ends it), every stream has to end with a clean error, and the next request is sent at once. Its time is that
of its third token, counted from the death as the errors are. It is bounded by 5 seconds plus the time that
the model takes to load, for which a whole `carrel model run` is measured; for a hang, after the errors.
Then the ledger is read: one row for each request, no more of them held, and at least what its client saw.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from appliance.workers.hanging import HangRule
from appliance.workers.restart import RestartPolicy
from tests.system.box import RealBox
from tests.system.mortal_box import DEATHS, Seen, Streams, die, mortal_box

TOLD_WITHIN_S = 2.0
BACK_WITHIN_S = 5.0
SETTLED_WITHIN_S = 10.0
CLEAN = {"message", "type", "param", "code", "request_id"}


class PatientStreams(Streams):
    """A refusal or a connection that breaks is an end that was not clean, and no end of the measurement."""

    async def one(self, seen: Seen, max_tokens: int = 3000) -> Seen:
        try:
            return await super().one(seen, max_tokens)
        except (httpx.TransportError, AssertionError):
            seen.end_s = time.monotonic()
            seen.flowing.set()
            return seen


@dataclass
class Tally:
    """Of one kind of death. Times are seconds after the death."""

    told_s: list[float] = field(default_factory=list)
    back_s: list[float] = field(default_factory=list)
    away_s: list[float] = field(default_factory=list)
    """From the last error to the next token."""
    unclean: list[str] = field(default_factory=list)
    not_served_again: int = 0
    ledger: Counter[str] = field(default_factory=Counter)


def fault_of(seen: Seen) -> str | None:
    """What was not clean in how a stream ended."""
    if seen.error is None:
        return "no error"
    if not set(seen.error) >= CLEAN:
        return f"error without {sorted(CLEAN - set(seen.error))}"
    return None if seen.error["code"] == "replica_failed" else f"code {seen.error['code']}"


def faults_in_ledger(box: RealBox, streams: list[Seen]) -> Counter[str]:
    """Waits for rows that come late, then counts those that are missing, held, doubled or too small."""
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while True:
        found: Counter[str] = Counter()
        rows = box.rows()
        for one in streams:
            mine = [row for row in rows if row["request_id"] == one.request_id]
            found["missing"] += not mine
            found["twice"] += len(mine) > 1
            found["held"] += any(row["outcome"] == "held" for row in mine)
            found["fewer tokens than seen"] += any(row["completion_tokens"] < one.chunks for row in mine)
        if not found.total() or time.monotonic() > deadline:
            return +found
        time.sleep(0.05)


def run_anew(box: RealBox) -> float:
    """Forgets the deaths so far; the seconds that the model took to be ready."""
    box.carrel("model", "stop", "mortal")
    began = time.monotonic()
    box.carrel("model", "run", "mortal")
    while box.carrel("model", "show", "mortal")["state"] != "ready":
        time.sleep(0.05)
    return time.monotonic() - began


async def one_death(box: RealBox, http: httpx.AsyncClient, kind: str, streams: int, tally: Tally) -> None:
    (replica,) = (await asyncio.to_thread(box.carrel, "model", "show", "mortal"))["replicas"]
    death = await die(PatientStreams(http), kind, streams, lambda one: os.kill(replica["pid"], one))
    *failed, after = death.streams
    tally.told_s.append(max(death.errors_s))
    tally.unclean += [fault for one in failed if (fault := fault_of(one))]
    if after.first_s and after.error is None:
        tally.back_s.append(death.back_s)
        tally.away_s.append(death.back_s - max(death.errors_s))
    else:
        tally.not_served_again += 1
    tally.ledger += await asyncio.to_thread(faults_in_ledger, box, death.streams)


def spread(values: list[float]) -> dict:
    if not values:
        return {}
    return {"median": round(statistics.median(values), 3), "max": round(max(values), 3)}


async def measure(box: RealBox, key: str, kind: str, args: argparse.Namespace) -> dict:
    tally, load_s = Tally(), []
    async with httpx.AsyncClient(
        base_url=box.url + "/", headers={"authorization": f"Bearer {key}"}, timeout=60, trust_env=False
    ) as http:
        for number in range(args.times):
            if number % args.in_a_row == 0:
                load_s.append(await asyncio.to_thread(run_anew, box))
            await one_death(box, http, kind, args.streams, tally)
            print(f"{kind} {number + 1}: the last error after {tally.told_s[-1]:.2f} s", flush=True)
    told_within_s = args.silence_s + TOLD_WITHIN_S if kind == "SIGSTOP" else TOLD_WITHIN_S
    back_within_s = BACK_WITHIN_S + statistics.median(load_s)
    late = tally.away_s if kind == "SIGSTOP" else tally.back_s
    clean = not (tally.unclean or tally.ledger or tally.not_served_again)
    return {
        "deaths": args.times,
        "streams": args.streams,
        "last_error_s": {**spread(tally.told_s), "bound": told_within_s},
        "next_token_s": spread(tally.back_s),
        "next_token_after_last_error_s": spread(tally.away_s),
        "model_run_s": spread(load_s),
        "unclean_ends": dict(Counter(tally.unclean)),
        "not_served_again": tally.not_served_again,
        "ledger_faults": dict(tally.ledger),
        "kept": clean and max(tally.told_s) <= told_within_s and max(late, default=0) <= back_within_s,
    }


def books(box: RealBox) -> dict:
    budget, rows = box.carrel("budget", "show"), box.rows()
    return {
        "rows": len(rows),
        "rows_held": sum(row["outcome"] == "held" for row in rows),
        "held_micro": budget["held_micro"],
        "spent_micro": budget["spent_micro"],
        "sum_of_rows": sum(row["gflop"] for row in rows),
        "exact": budget["held_micro"] == 0
        and budget["spent_micro"] == sum(row["gflop"] for row in rows)
        and not any(row["outcome"] == "held" for row in rows),
    }


async def show(folder: Path, args: argparse.Namespace) -> dict:
    production, restarts = HangRule(), RestartPolicy()
    box = mortal_box(
        folder,
        hang={"silence_s": args.silence_s, "beat_s": production.beat_s},
        restarts={"deaths": restarts.deaths, "window_s": restarts.window_s, "base_s": restarts.base_s},
    ).start()
    try:
        key = box.new_key()
        box.carrel("model", "run", "mortal")
        kinds = {kind: await measure(box, key, kind, args) for kind in args.kinds}
        return {"silence_s": args.silence_s, "in_a_row": args.in_a_row, "kinds": kinds, "books": books(box)}
    finally:
        if (code := box.process.poll()) is not None:
            print(
                f"the gateway ended with {code}: {(folder / 'gateway.out').read_text()[-3000:]}", flush=True
            )
        box.stop()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=25, help="deaths of each kind")
    parser.add_argument("--kinds", nargs="+", choices=list(DEATHS), default=list(DEATHS))
    parser.add_argument("--streams", type=int, default=8)
    parser.add_argument("--silence-s", type=float, default=HangRule().silence_s)
    parser.add_argument("--in-a-row", type=int, default=RestartPolicy().deaths - 1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(show(Path(folder), args))
    print(json.dumps(found, indent=2))
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
