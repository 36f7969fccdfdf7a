"""Measures a registry with many boxes that report each day of a year: how many batches a second it takes in,
how large its database grows, how long its page takes.

    python scripts/bench_registry.py --boxes 1000 --days 365 --database sqlite

Batches are signed for real before the clock runs, a day of all boxes at a time, and go through the registry's
own desk in threads, as its web process uses them. A sample goes over HTTP to `carrel registry serve`, another
process. With ``--database postgres`` a server is started for this in a temporary folder.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from appliance.catalog.publishing.founding import RootKeys  # noqa: E402
from appliance.federation.protocol import kinds  # noqa: E402
from appliance.federation.protocol.checking import sha256  # noqa: E402
from appliance.federation.protocol.messages import Proof  # noqa: E402
from appliance.registry.about import About  # noqa: E402
from appliance.registry.operating.boxes import make_code  # noqa: E402
from appliance.registry.operating.office import Office  # noqa: E402
from appliance.registry.receiving.desk import Desk  # noqa: E402
from appliance.registry.receiving.joining import open_desk  # noqa: E402
from appliance.registry.setting_up.folder import RegistryFolder  # noqa: E402
from appliance.registry.setting_up.founding import found_registry, new_page_token  # noqa: E402
from appliance.registry.setting_up.settings import RegistryToml, database_url, settings_of  # noqa: E402
from appliance.registry.signing import Signers  # noqa: E402
from appliance.registry.store.opening import open_database  # noqa: E402
from scripts.registry_bench.simulated import SimulatedBox  # noqa: E402
from tests.registry.postgres_server import running_server  # noqa: E402
from tests.system.box import free_port  # noqa: E402

DAY_S = 86_400
HTTP_SAMPLE = 500
LASTING = ("listen_addresses=", "shared_buffers=256MB", "max_connections=60")
"""As Debian sets it up, fsync and all."""


class MovedClock:
    """Stands where the simulation is."""

    def __init__(self) -> None:
        self.now_s = 0

    def now_ms(self) -> int:
        return self.now_s * 1000

    def monotonic_s(self) -> float:
        return float(self.now_s)


def now() -> datetime:
    return datetime.now(UTC)


def say(text: str, out: Path) -> None:
    """On the terminal, and for good."""
    print(text, flush=True)
    with out.open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def let_in(desk: Desk, office: Office, clock: MovedClock, asked: argparse.Namespace) -> list[SimulatedBox]:
    boxes = [SimulatedBox(number) for number in range(asked.boxes)]
    for box in boxes:
        code = make_code(office, institution=f"Institution {box.number % asked.institutions}")
        desk.receive(box.enroll(code, clock.now_s))
    return boxes


def ingest(
    desk: Desk, boxes: list[SimulatedBox], clock: MovedClock, asked: argparse.Namespace
) -> tuple[float, float]:
    """Seconds in all, and of the slowest day."""
    today = now().replace(hour=1, minute=0, second=0, microsecond=0)
    whole, slowest = 0.0, 0.0
    with ThreadPoolExecutor(asked.threads) as pool:
        for back in range(asked.days, 0, -1):
            day = today - timedelta(days=back)
            clock.now_s = int(day.timestamp()) + DAY_S
            name = day.date().isoformat()
            tokens = [box.report(name, clock.now_s, asked.records) for box in boxes]
            began = time.perf_counter()
            list(pool.map(desk.receive, tokens, chunksize=8))
            took = time.perf_counter() - began
            whole, slowest = whole + took, max(slowest, took)
            if back % 30 == 0:
                print(f"  {asked.days - back + 1} days: {asked.boxes / took:.0f} batches/s", flush=True)
    return whole, slowest


@contextmanager
def served(folder: RegistryFolder, settings: RegistryToml):
    """`carrel registry serve` of it; a client."""
    program = (sys.executable, "-m", "appliance", "registry", "serve", "--at", str(folder.at))
    process = subprocess.Popen(program, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=settings.address, timeout=120) as http:
            while True:
                try:
                    http.get("v1/nonce")
                    break
                except httpx.TransportError:
                    time.sleep(0.05)
            yield http
    finally:
        process.terminate()
        process.wait(30)


def over_http(
    http: httpx.Client, boxes: list[SimulatedBox], settings: RegistryToml, records: int
) -> list[float]:
    """Seconds that each message took, one after the other, over one connection."""
    host = settings.address.partition("//")[2]
    day, took = now().date().isoformat(), []
    nonce = http.get("v1/nonce").headers[kinds.NONCE_HEADER]
    for box in boxes[:HTTP_SAMPLE]:
        token = box.report(day, int(time.time()), records)
        path = kinds.PATHS[kinds.USAGE_BATCH]
        proof = Proof(host=host, path=path, nonce=nonce, body_sha256=sha256(token.encode()))
        headers = {"content-type": kinds.MEDIA, kinds.PROOF_HEADER: box.key.sign(kinds.PROOF, proof)}
        began = time.perf_counter()
        answer = http.post(path, content=token, headers=headers)
        took.append(time.perf_counter() - began)
        answer.raise_for_status()
        nonce = answer.headers[kinds.NONCE_HEADER]
    return took


def page_times(http: httpx.Client, settings: RegistryToml) -> list[tuple[str, float, int]]:
    """What was asked, seconds, bytes. The facts of a span are read at its first time."""
    found = []
    for query in ("days=365", "days=365&of=tokens", "days=90", "days=30"):
        began = time.perf_counter()
        page = http.get(f"/?{query}", auth=("reader", settings.page_token)).raise_for_status()
        found.append((query, time.perf_counter() - began, len(page.content)))
    return found


def size_of(folder: RegistryFolder, settings: RegistryToml) -> int:
    if not settings.database:
        return sum(path.stat().st_size for path in folder.at.glob("registry.db*"))
    database = open_database(settings.database)
    with database.reading() as session:
        row = session.one("SELECT pg_database_size(current_database()) AS size")
    database.close()
    return int(row["size"])


def measure(kind: str, url: str, at: Path, asked: argparse.Namespace) -> None:
    port = free_port()
    given = {"name": "central", "address": f"http://127.0.0.1:{port}", "plain_http": True, "port": port,
             "database": url, "page_token": new_page_token()}  # fmt: skip
    settings = settings_of(given)
    folder = found_registry(at, settings, RootKeys(), now).folder
    database, clock = open_database(database_url(folder, settings)), MovedClock()
    about = About("central", frozenset({f"127.0.0.1:{port}"}), "a" * 64)
    desk = open_desk(database, Signers.at(folder.statements_key, folder.status_key), about, clock)
    clock.now_s = int(time.time()) - (asked.days + 1) * DAY_S
    boxes = let_in(desk, Office(database, about, clock, "bench"), clock, asked)
    whole, slowest = ingest(desk, boxes, clock, asked)
    database.close()
    count = asked.boxes * asked.days
    say(f"{kind}: {asked.boxes} boxes, {asked.days} days, {asked.records} records a batch, "
        f"{asked.institutions} institutions", asked.out)  # fmt: skip
    say(f"  ingest    {count} batches ({count * asked.records} records) in {whole:.0f} s: "
        f"{count / whole:.0f} batches/s with {asked.threads} threads, "
        f"slowest day {slowest:.2f} s", asked.out)  # fmt: skip
    say(f"  database  {size_of(folder, settings) / 2**20:.0f} MiB", asked.out)
    with served(folder, settings) as http:
        took = over_http(http, boxes, settings, asked.records)
        middle = statistics.median(took) * 1000
        say(f"  HTTP      {len(took)} batches one after the other: {len(took) / sum(took):.0f}/s, "
            f"p50 {middle:.1f} ms, worst {max(took) * 1000:.0f} ms", asked.out)  # fmt: skip
        for query, seconds, length in page_times(http, settings):
            say(f"  page      ?{query}: {seconds * 1000:.0f} ms, {length // 1024} KiB", asked.out)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--boxes", type=int, default=1000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--records", type=int, default=5)
    parser.add_argument("--institutions", type=int, default=100)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--out", type=Path, default=ROOT / "scripts" / "results" / "registry.txt")
    parser.add_argument("--keep", type=Path, help="Leave the registries in this folder.")
    return parser.parse_args()


def main() -> None:
    asked = read_arguments()
    wanted = ("sqlite", "postgres") if asked.database == "both" else (asked.database,)
    base = asked.keep or Path(tempfile.mkdtemp(prefix="carrel-registry-bench-"))
    base.mkdir(parents=True, exist_ok=True)
    say(f"{now():%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", asked.out)
    try:
        for kind in wanted:
            with ExitStack() as stack:
                url = stack.enter_context(running_server(LASTING)).fresh() if kind == "postgres" else ""
                measure(kind, url, base / kind, asked)
    finally:
        if asked.keep is None:
            shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
