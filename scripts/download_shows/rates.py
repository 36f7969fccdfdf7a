"""How fast a download is, beside curl and beside SHA-256, taken in turns."""

import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from appliance.domain.download import FetchOrder
from appliance.domain.recipe import RecipeFile
from appliance.domain.source import WeightSource
from scripts.download_shows.faults import REPOSITORY
from scripts.download_shows.fetching import Watched, fetch

_MB = 10**6


@contextmanager
def served(folder: Path, bytes_s: int = 0) -> Iterator[tuple[str, str]]:
    """Address and commit of a hub in a process of its own."""
    server = subprocess.Popen(
        [sys.executable, "-m", "scripts.local_hub", str(folder), "--bytes-s", str(bytes_s)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert server.stdout is not None
    assert server.stdin is not None
    try:
        address = server.stdout.readline().strip()
        yield address, server.stdout.readline().split()[1]
    finally:
        server.stdin.close()
        server.wait()


async def ours(file: RecipeFile, address: str, work: Path, connections: int) -> Watched:
    out = work / "models"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    source = WeightSource("https", address=f"{address}/files/{REPOSITORY}")
    order = FetchOrder((file,), (source,), str(out), address, connections=connections)
    watched = await fetch(order, work / "home")
    shutil.rmtree(out)
    return watched


def curl(file: RecipeFile, address: str, work: Path) -> tuple[float, float]:
    """Seconds until curl ends, and until what it wrote is on the disk."""
    out = work / "curl.out"
    out.unlink(missing_ok=True)
    began = time.perf_counter()
    subprocess.run(["curl", "-s", "-o", out, f"{address}/files/{REPOSITORY}/{file.name}"], check=True)
    ended = time.perf_counter()
    with out.open("rb") as opened:
        os.fsync(opened.fileno())
    synced = time.perf_counter()
    out.unlink()
    return ended - began, synced - began


def sha256_rate(size_bytes: int) -> float:
    """Bytes a second of the library alone, on memory that stays in the cache."""
    chunk, digest = bytes(1 << 18), hashlib.sha256()
    began = time.perf_counter()
    for _ in range(size_bytes >> 18):
        digest.update(chunk)
    return size_bytes / (time.perf_counter() - began)


def _quiet(work: Callable[..., Any], *given: object) -> Any:
    """Once the disk is done with what was deleted before."""
    os.sync()
    time.sleep(1)
    return work(*given)


async def compare(folder: Path, work: Path, file: RecipeFile, rounds: int) -> dict[str, Any]:
    rows: list[dict[str, float]] = []
    with served(folder) as (address, _):
        curl(file, address, work)  # the server's file comes into memory
        for number in range(rounds):
            if number % 2:
                plain, synced = _quiet(curl, file, address, work)
                one = await _quiet(ours, file, address, work, 1)
            else:
                one = await _quiet(ours, file, address, work, 1)
                plain, synced = _quiet(curl, file, address, work)
            rows.append(
                {
                    "carrel_all_MB_s": file.size_bytes / one.seconds / _MB,
                    "carrel_verified_MB_s": file.size_bytes / one.verified_s / _MB,
                    "curl_MB_s": file.size_bytes / plain / _MB,
                    "curl_synced_MB_s": file.size_bytes / synced / _MB,
                    "sha256_MB_s": sha256_rate(file.size_bytes) / _MB,
                    "peak_rss_mb": one.peak_rss_mb,
                    "most_silent_s": one.most_silent_s,
                }
            )
            print({name: round(value, 2) for name, value in rows[-1].items()}, flush=True)
    medians = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    bound = min(medians["curl_MB_s"], medians["sha256_MB_s"])
    return {
        "rounds": rounds,
        "load": os.getloadavg()[0],
        "medians": {name: round(value, 2) for name, value in medians.items()},
        "all_over_the_smaller": round(medians["carrel_all_MB_s"] / bound, 3),
        "verified_over_the_smaller": round(medians["carrel_verified_MB_s"] / bound, 3),
    }


async def throttled(folder: Path, work: Path, file: RecipeFile, bytes_s: int) -> dict[str, Any]:
    found: dict[str, Any] = {"server_MB_s": bytes_s / _MB}
    with served(folder, bytes_s) as (address, _):
        curl_s, _ = curl(file, address, work)
        found["curl_of_it"] = round(file.size_bytes / curl_s / bytes_s, 4)
        for connections in (1, 4, 16):
            one = await ours(file, address, work, connections)
            found[f"of_it_with_{connections}"] = round(file.size_bytes / one.seconds / bytes_s, 4)
            found[f"peak_rss_mb_with_{connections}"] = round(one.peak_rss_mb, 1)
            found[f"most_silent_s_with_{connections}"] = round(one.most_silent_s, 3)
    return found
