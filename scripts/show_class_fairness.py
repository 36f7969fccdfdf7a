"""Shows what one student with 200 requests does to the 29 others of a class, on the way that the page takes.

    python scripts/show_class_fairness.py [--seats 30] [--abuse 200] [--rounds 5] [--out FILE]

Every student signs in with the key of a printed card and asks as the page's own script does: with the cookie
of the session and its token in a header, streaming. Polite ones have one request at a time and pause between
two. The abuser's 200 are sent again at once, whatever they were told: no look at ``Retry-After``. Each round
measures the others without and with the abuser, so that a machine that changes its speed changes it for both.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
from model_box import RUN, ModelBox, free_port
from show_fairness import Tally, p95

from appliance.bench.reading import read_answer
from appliance.bench.sending import PlainSender
from appliance.edge.sessions import COOKIE, CSRF_HEADER, csrf_token

ROOT = Path(__file__).resolve().parent.parent
MODEL = "handbook-tiny"
LESSON = "fairness"
GOAL = 1.5
PAUSE_S = 2.0
ANSWER_TOKENS = 48
TIMEOUT_S = 120.0
REFUSALS = {403, 429}


class DemoBox(ModelBox):
    """Serves the demo model that comes with Carrel, by its own recipe."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self._program, self._python, self._served = ("-c", RUN), sys.executable, (MODEL,)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._home, self._recipes = folder, ROOT / "recipes"
        models = folder / "models"
        models.mkdir(parents=True)
        self._settings = {"port": self.port, "models_dir": models, "log_to_terminal": False, **settings}
        self._process = None


class PageSender(PlainSender):
    """As the page's script asks: the ``key`` of ``send`` is the session's cookie."""

    def _head(self, length: int, key: str) -> bytes:
        lines = [
            f"POST {self._path} HTTP/1.1",
            f"host: {self._named}",
            f"origin: http://{self._named}",
            f"cookie: {COOKIE}={key}",
            f"{CSRF_HEADER}: {csrf_token(key)}",
            "content-type: application/json",
            "accept: text/event-stream",
            f"content-length: {length}",
            "connection: close",
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


def sender(url: str) -> PageSender:
    return PageSender(httpx.URL(url), TIMEOUT_S)


def sign_in(site: str, key: str) -> str:
    """The cookie that the page's form is given for a key."""
    answer = httpx.post(f"{site}/login", data={"key": key, "to": "try"}, headers={"origin": site})
    cookie = answer.cookies.get(COOKIE)
    if cookie is None:
        raise RuntimeError(f"/login answered {answer.status_code} without a session")
    return cookie


def body(draw: random.Random) -> bytes:
    """A question that shares nothing with another."""
    question = " ".join(f"{draw.randrange(16**4):04x}" for _ in range(20))
    return msgspec.json.encode(
        {
            "model": "class-model",
            "messages": [{"role": "user", "content": question}],
            "max_tokens": ANSWER_TOKENS,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    )


async def ask(way: PageSender, cookie: str, draw: random.Random, tally: Tally) -> None:
    received = await way.send(body(draw), cookie)
    if received.status in REFUSALS:
        tally.refusals += 1
        return
    answer = read_answer(received)
    if answer.error:
        raise RuntimeError(answer.error)
    tally.ttft_ms.append(answer.ttft_ms)


async def polite(way: PageSender, cookie: str, draw: random.Random, tally: Tally) -> None:
    while True:
        await asyncio.sleep(draw.expovariate(1 / PAUSE_S))
        await ask(way, cookie, draw, tally)


async def abuse(way: PageSender, cookie: str, draw: random.Random, tally: Tally) -> None:
    while True:
        await ask(way, cookie, draw, tally)


async def drive(loops: list, seconds: float, tally: Tally) -> None:
    """All loops for ``seconds``; the first quarter is not counted."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    await asyncio.sleep(seconds / 4)
    tally.ttft_ms.clear()
    tally.refusals = 0
    await asyncio.sleep(seconds * 3 / 4)
    for task in tasks:
        task.cancel()
    for one in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(one, Exception) and not isinstance(one, asyncio.CancelledError):
            raise one


def be_the_abuser(url: str, cookie: str, count: int, seconds: float) -> None:
    """A process of its own: who measures the others must not wait for this one's answers."""
    tally, way = Tally(), sender(url)
    loops = [abuse(way, cookie, random.Random(1000 + number), tally) for number in range(count)]
    asyncio.run(drive(loops, seconds, tally))
    print(json.dumps({"answers": len(tally.ttft_ms), "refusals": tally.refusals}))


@contextmanager
def abuser(url: str, cookie: str, args: argparse.Namespace) -> Iterator[subprocess.Popen]:
    words = ["--be-the-abuser", url, cookie, str(args.abuse), str(args.seconds + 2)]
    with subprocess.Popen([sys.executable, __file__, *words], stdout=subprocess.PIPE, text=True) as process:
        yield process


def measure(url: str, cookies: list[str], seconds: float, seed: int) -> Tally:
    tally, way = Tally(), sender(url)
    loops = [polite(way, cookie, random.Random(seed + n), tally) for n, cookie in enumerate(cookies)]
    asyncio.run(drive(loops, seconds, tally))
    return tally


def seated(box: ModelBox, folder: Path, args: argparse.Namespace) -> list[str]:
    """A class that is open, and a session for each of its seats."""
    roster = folder / "roster.csv"
    lines = [f"s{number:02d},Student,Number {number}" for number in range(1, args.seats + 1)]
    roster.write_text("\n".join(["id,first_name,last_name", *lines]) + "\n")
    box.carrel(
        "class", "new", LESSON, "--roster", str(roster), "--models", MODEL, "--minutes", "120",
        "--seat-tokens", "0", "--seat-requests-per-min", str(args.per_minute),
    )  # fmt: skip
    box.carrel("class", "open", LESSON)
    site = f"http://127.0.0.1:{box.port}"
    return [sign_in(site, card["key"]) for card in box.carrel("class", "cards", LESSON)["cards"]]


def compare(box: ModelBox, cookies: list[str], args: argparse.Namespace) -> dict:
    rude, *others = cookies
    alone, beside, ratios = [], [], []
    for number in range(args.rounds):
        quiet = measure(box.url, others, args.seconds, number)
        with abuser(box.url, rude, args) as process:
            loud = measure(box.url, others, args.seconds, number)
            theirs = json.loads(process.communicate()[0])
        alone.append(p95(quiet.ttft_ms))
        beside.append(p95(loud.ttft_ms))
        ratios.append(beside[-1] / alone[-1])
        print(
            f"round {number}: p95 of the first word {alone[-1]:.0f} ms without "
            f"({len(quiet.ttft_ms)} answers), {beside[-1]:.0f} ms with ({len(loud.ttft_ms)}, "
            f"{loud.refusals} refused); the abuser: "
            f"{theirs['answers']} answers, {theirs['refusals']} refusals",
            file=sys.stderr,
            flush=True,
        )
    ratio = statistics.median(ratios)
    return {
        "others": len(others),
        "abusing_requests": args.abuse,
        "rounds": args.rounds,
        "seat_requests_per_minute": args.per_minute,
        "p95_first_word_ms": {
            "without": round(statistics.median(alone), 1),
            "with": round(statistics.median(beside), 1),
        },
        "ratio": round(ratio, 2),
        "ratios": [round(one, 2) for one in ratios],
        "goal": GOAL,
        "kept": ratio <= GOAL,
    }


def rehearsed(box: ModelBox, args: argparse.Namespace) -> dict:
    """What the same class's rehearsal says, beside it; a class that is not ready has exit code 1."""
    words = [sys.executable, "-m", "appliance", "class", "rehearse", LESSON, "--seats", str(args.seats)]
    done = subprocess.run(
        [*words, "--json"], env=box.environment, capture_output=True, text=True, check=False, timeout=300
    )
    found = json.loads(done.stdout)
    names = ("seats", "answered", "first_word_median_ms", "first_word_worst_ms", "ready")
    return {name: found[name] for name in names}


def show(args: argparse.Namespace) -> dict:
    began_s = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        DemoBox(Path(folder) / "box", worker_threads=args.threads) as box,
    ):
        cookies = seated(box, Path(folder), args)
        found = {**compare(box, cookies, args), "rehearsal": rehearsed(box, args)}
    return {**found, "took_s": round(time.monotonic() - began_s)}


def main() -> None:
    if sys.argv[1:2] == ["--be-the-abuser"]:
        url, cookie, count, seconds = sys.argv[2:]
        be_the_abuser(url, cookie, int(count), float(seconds))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seats", type=int, default=30)
    parser.add_argument("--abuse", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=16)
    parser.add_argument(
        "--per-minute", type=int, default=30, help="requests of one seat a minute; 0: no limit"
    )
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 2))
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    found = show(args)
    text = json.dumps(found, indent=2) + "\n"
    print(text, end="")
    if args.out:
        args.out.write_text(text)
    if not found["kept"]:
        sys.exit(
            f"p95 of the first word is {found['ratio']} times that without the abuser; the goal is {GOAL}."
        )


if __name__ == "__main__":
    main()
