"""Measures what admitting a request costs on a box that has been used for long.

    python scripts/bench_admission.py --people 10000 --rows 1000000

It makes such a box (people in projects with a key each, requests of half a year, limits for each project and
each person a day), joins the gateway as it runs, and measures: a key recognized, all gates and watchers
passed, the budget held on the disk. No model runs; the prompt is not prepared. The disk's own part is told
apart: the same holds are made without waiting for the disk, and bare fdatasync calls are timed beside them.
"""

import argparse
import asyncio
import json
import os
import random
import secrets
import shutil
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from appliance.catalog.places import recipes_folder
from appliance.client.admin import AdminClient
from appliance.config import Surroundings, UserFolders, load_settings, prepare_places
from appliance.domain.days import DAY_MS
from appliance.domain.generation import GenerationRequest, SamplingWishes
from appliance.domain.model import ModelIdentity
from appliance.domain.people import Caller
from appliance.domain.prompts import ChatPrompt, Message
from appliance.domain.usage import Hold, Meters, Outcome
from appliance.policy.keys import SECRET_BYTES, format_key, key_digest
from appliance.store.connection import connect_writer
from appliance.store.store import Store
from appliance.wiring.gateway import Gateway, build
from appliance.wiring.system_clock import SystemClock

MODEL = "handbook-tiny"
MODELS = (MODEL, "llama-3.1-8b-instruct", "opt-125m")
PROJECT_PEOPLE = 50
ROW = """
INSERT INTO usage (request_id, key_id, person_id, project_id, model_id, recipe_revision, file_sha256,
    engine_build, started_ms, ended_ms, outcome, hold_gflop, gflop_of_prompt, gflop_per_token, prompt_tokens,
    cached_tokens, completion_tokens, gpu_ms, wall_ms, gflop, flop_method)
VALUES (?, ?, ?, ?, ?, 1, ?, 'bench', ?, ?, 'completed', 900, 300, 2, 500, 100, 200, 900, 1000, 700, 'mm-v1')
"""


class Quiet:
    """A log that keeps nothing."""

    def info(self, event: str, /, **fields: object) -> None:
        """Nothing."""

    warning = error = info


def fill(path: Path, asked: argparse.Namespace, chance: random.Random) -> list[str]:
    """Write people and their past into a new database, past every check but SQL's. Returns their keys."""
    now_ms = SystemClock().now_ms()
    Store.open(path, SystemClock()).close()
    database = sqlite3.connect(path)
    people = [f"person-{number:05d}" for number in range(asked.people)]
    projects = [f"project-{number:03d}" for number in range(-(-asked.people // PROJECT_PEOPLE))]
    of = {person: projects[number // PROJECT_PEOPLE] for number, person in enumerate(people)}
    keys = [format_key(secrets.token_bytes(SECRET_BYTES)) for _ in people]
    begun = now_ms - 180 * DAY_MS
    database.executemany(
        "INSERT INTO project (id, name, created_ms, kind, purpose) VALUES (?, ?, ?, 'course', 'Teaching.')",
        [(one, one, begun) for one in projects],
    )
    database.executemany(
        "INSERT INTO person (id, name, created_ms) VALUES (?, ?, ?)", [(p, p, begun) for p in people]
    )
    database.executemany(
        "INSERT INTO membership VALUES (?, ?, ?, ?)",
        [
            (of[one], one, "lead" if not n % PROJECT_PEOPLE else "member", begun)
            for n, one in enumerate(people)
        ],
    )
    database.executemany(
        "INSERT INTO key (id, name, last4, digest, person_id, project_id, created_ms, requests_per_minute)"
        " VALUES (?, 'laptop', ?, ?, ?, ?, ?, 1000)",
        [(f"key-{p}", k[-4:], key_digest(k), p, of[p], begun) for p, k in zip(people, keys, strict=True)],
    )
    past(database, asked.rows, of, chance, begun)
    for scope, window, limit in (
        ("project", "total", 10**12),
        ("person", "day", 10**9),
        ("model", "total", 10**12),
    ):
        database.executemany(
            "INSERT INTO allocation (id, project_id, scope, window, limit_micro, created_ms)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [(f"alc-{scope}-{one}", one, scope, window, limit, begun) for one in projects],
        )
    # Accounts of a day are made by the first request of the day; these stand for long.
    database.execute(
        "INSERT INTO account (allocation_id, subject, opened_ms, spent_micro)"
        " SELECT 'alc-project-' || project_id, project_id, 0, sum(gflop) FROM usage GROUP BY project_id"
    )
    database.execute(
        "INSERT INTO account (allocation_id, subject, opened_ms, spent_micro)"
        " SELECT 'alc-model-' || project_id, model_id, 0, sum(gflop) FROM usage GROUP BY project_id, model_id"
    )
    database.commit()
    database.execute("ANALYZE")
    database.close()
    return keys


def past(
    database: sqlite3.Connection, rows: int, of: dict[str, str], chance: random.Random, begun_ms: int
) -> None:
    """Requests at random times of half a year, oldest first, as a box writes them."""
    step_ms = 180 * DAY_MS / rows
    made, people = [], list(of)
    for number in range(rows):
        person, at_ms = chance.choice(people), int(begun_ms + number * step_ms)
        who = (f"req-{number}", f"key-{person}", person, of[person])
        made.append((*who, chance.choice(MODELS), "ab" * 32, at_ms, at_ms + 1000))
        if len(made) == 50_000:
            database.executemany(ROW, made)
            made.clear()
    database.executemany(ROW, made)


async def opened(folder: Path) -> Gateway:
    """The gateway as it is joined for real. Its demo model asks for registration."""
    recipes = folder / "recipes"
    shutil.copytree(recipes_folder(), recipes)
    recipe = recipes / f"{MODEL}.toml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace('tier = "open"', 'tier = "registered"'))
    gateway = await build(settings_of(folder), clock=SystemClock(), log=Quiet(), recipes=recipes)
    await gateway.restricting.start(gateway.store)
    await gateway.owing.start(gateway.store)
    return gateway


def settings_of(folder: Path):
    around = {"CARREL_HOME": str(folder / "box"), "CARREL_PORT": "7899"}
    user = UserFolders(folder, folder, folder, folder)
    return load_settings(Surroundings(around, os.getuid(), 4, user), {})


def arrange(socket: Path, projects: int) -> None:
    """By commands: the code of conduct for each course, and rules for what is asked."""
    with AdminClient(socket) as admin:
        text = admin.run("agreement.show", {"kind": "conduct"}).text_sha256
        for number in range(projects):
            admin.run("agreement.sign", {"project": f"project-{number:03d}", "who": "Ada", "text": text})
        limits = {"max_tokens": 400, "n": 4, "requests_per_minute": 10_000, "denied": "(?i)forbidden words\n"}
        admin.run("restriction.set", {"all": True, "why": "bench", **limits})
        admin.run("restriction.set", {"tier": "registered", "why": "bench", "temperature": "1.5"})


def question(number: int) -> GenerationRequest:
    """As long as a question usually is."""
    words = f"Question {number}: " + "what does this sentence mean, word by word? " * 10
    return GenerationRequest(
        id=f"bench-{number}-{secrets.token_hex(4)}",
        model=MODEL,
        prompt=ChatPrompt((Message("user", words),)),
        sampling=SamplingWishes(),
        max_tokens=200,
    )


def hold_for(request: GenerationRequest, caller: Caller) -> Hold:
    identity = ModelIdentity(MODEL, 1, "ab" * 32, "bench")
    return Hold(request.id, caller, identity, 120, 200, 900, 300, 2, SystemClock().now_ms())


async def measure(gateway: Gateway, keys: list[str], asked: argparse.Namespace) -> dict[str, list[float]]:
    """Milliseconds of each step of each request, one after the other."""
    # The parts of a request are timed one by one, so they are taken out of the generator.
    ledger, admission = gateway.generator._ledger, gateway.generator._admission  # noqa: SLF001
    chance = random.Random(2)
    found: dict[str, list[float]] = {"key": [], "rules": [], "hold": [], "all": []}
    for number in range(asked.requests + asked.warm_up):
        key, request = chance.choice(keys), question(number)
        begun = time.perf_counter()
        caller = await gateway.people.keys.authenticate(key, "127.0.0.1")
        known = time.perf_counter()
        admitted = admission.admit(caller, request)
        admission.check(caller, request.model)
        ruled = time.perf_counter()
        await ledger.reserve(hold_for(admitted.request, caller))
        held = time.perf_counter()
        if number >= asked.warm_up:
            for name, begin, end in (
                ("key", begun, known),
                ("rules", known, ruled),
                ("hold", ruled, held),
                ("all", begun, held),
            ):
                found[name].append((end - begin) * 1000)
        await ledger.settle(request.id, Outcome.COMPLETED, Meters(120, 0, 100, 5, 6, 500))
    return found


def reads(socket: Path) -> dict[str, float]:
    """Milliseconds of what is looked at now and then, over the same rows."""
    asked = {
        "usage": {"by": "project"},
        "statement.project": {"project": "project-001"},
        "statement.owner": {},
        "budget.show": {"project": "project-001"},
        "budget.set": {"project": "project-001", "each_person": True, "credits": "5", "window": "total"},
    }
    found = {}
    with AdminClient(socket) as admin:
        for name, arguments in asked.items():
            begun = time.perf_counter()
            admin.run(name, arguments)
            found[name] = round((time.perf_counter() - begun) * 1000, 1)
    return found


async def without_disk(path: Path, callers: list[Caller], asked: argparse.Namespace) -> list[float]:
    """Milliseconds of holds that are written and not waited for."""

    def hasty(where: Path):
        database = connect_writer(where)
        database.execute("PRAGMA synchronous = OFF")
        return database

    store, found = Store.open(path, SystemClock(), connect=hasty), []
    for number in range(asked.requests):
        request = question(number)
        begun = time.perf_counter()
        await store.ledger.reserve(hold_for(request, callers[number % len(callers)]))
        found.append((time.perf_counter() - begun) * 1000)
        await store.ledger.settle(request.id, Outcome.COMPLETED, Meters(120, 0, 100, 5, 6, 500))
    store.close()
    return found


def syncs(folder: Path, number: int = 500) -> list[float]:
    """Milliseconds of a bare write of 16 KiB and its fdatasync, as a small commit makes them."""
    found, block = [], os.urandom(16384)
    with (folder / "sync").open("wb") as file:
        for _ in range(number):
            begun = time.perf_counter()
            file.write(block)
            file.flush()
            os.fdatasync(file.fileno())
            found.append((time.perf_counter() - begun) * 1000)
    return found


def told(values: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(values, n=100)
    return {
        "median_ms": round(statistics.median(values), 3),
        "p95_ms": round(cuts[94], 3),
        "p99_ms": round(cuts[98], 3),
    }


async def bench(folder: Path, asked: argparse.Namespace) -> dict[str, object]:
    settings = settings_of(folder)
    prepare_places(settings.places)
    begun = time.perf_counter()
    keys = await asyncio.to_thread(fill, settings.places.database, asked, random.Random(1))
    made_s = time.perf_counter() - begun
    begun = time.perf_counter()
    gateway = await opened(folder)
    started_s = time.perf_counter() - begun
    await gateway.admin.start()
    await asyncio.to_thread(arrange, settings.places.admin_socket, -(-asked.people // PROJECT_PEOPLE))
    measured = await measure(gateway, keys, asked)
    callers = [
        await gateway.people.keys.authenticate(key, "") for key in random.Random(3).choices(keys, k=500)
    ]
    looked = await asyncio.to_thread(reads, settings.places.admin_socket)
    await gateway.admin.stop(1)
    await gateway.generator.close(0)
    await asyncio.to_thread(gateway.store.close)
    hasty = await without_disk(settings.places.database, callers, asked)
    steps = {name: told(values) for name, values in measured.items()}
    bare = told(hasty)
    share = 1 - bare["median_ms"] / steps["hold"]["median_ms"]
    return {
        "people": asked.people,
        "rows": asked.rows,
        "requests": asked.requests,
        "database_mib": settings.places.database.stat().st_size // 2**20,
        "made_s": round(made_s, 1),
        "gateway_joined_s": round(started_s, 1),
        "admission": steps,
        "commands_ms": looked,
        "load_of_the_machine": os.getloadavg()[0],
        "hold_without_waiting_for_the_disk": bare,
        "fdatasync_16KiB": told(syncs(folder)),
        "share_of_the_disk_in_the_hold": round(share, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--warm-up", type=int, default=100)
    parser.add_argument("--json", type=Path, help="write the result there too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-admission-") as folder:
        found = asyncio.run(bench(Path(folder), asked))
    text = json.dumps(found, indent=1)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
