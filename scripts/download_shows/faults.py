"""A download through cuts, kills and a full disk."""

import asyncio
import hashlib
import os
import random
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from appliance.domain.download import FetchOrder, FetchProgress
from appliance.domain.recipe import RecipeFile
from appliance.domain.source import WeightSource
from appliance.errors import CarrelError, OutboundFailed, StorageUnavailable
from appliance.weights.blobs import BlobStore
from scripts.download_shows.fetching import child, fetch
from scripts.local_hub import LocalHub

REPOSITORY = "lab/big"


@contextmanager
def small_disk(place: Path, size_bytes: int):
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "carrel-show", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def enlarge(place: Path, size_bytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size_bytes}", place], check=True)


def fill(place: Path) -> int:
    """Take every byte that is left of a disk; how many."""
    free = os.statvfs(place)
    count = free.f_bavail * free.f_frsize
    with (place / "filler").open("wb") as opened:
        os.posix_fallocate(opened.fileno(), 0, count)
    return count


def killer(at: list[int]):
    """Kills the child where so much is verified; a progress at a time."""

    def look(progress: FetchProgress) -> None:
        if at and progress.verified_bytes >= at[0]:
            pid = child()
            if pid:
                at.pop(0)
                os.kill(pid, signal.SIGKILL)

    return look


async def show(folder: Path, disk: Path, *, cuts: int, connections: int, seed: int) -> dict[str, Any]:
    """``folder`` has the model, ``disk`` is where a small one is mounted. Everything is asserted."""
    chance = random.Random(seed)
    with LocalHub(folder) as hub:
        found = hub.file(REPOSITORY, "model.gguf")
        file = RecipeFile("model.gguf", found.size, found.sha256)
        hub.switches.cuts = sorted(chance.randrange(found.size) for _ in range(cuts))
        hub.switches.reset = True
        hub.switches.redirect_to = "cdn"
        kills = sorted(chance.randrange(found.size // 10, found.size * 9 // 10) for _ in range(2))
        with small_disk(disk, found.size // 2):
            order = FetchOrder(
                (file,),
                (WeightSource("hub", repository=REPOSITORY, commit=hub.commit(REPOSITORY)),),
                str(disk),
                hub.address,
                connections=connections,
            )
            report = await _through(order, disk, list(kills))
            blob = BlobStore(disk).blob(found.sha256)
            with blob.open("rb") as opened:
                report["correct"] = hashlib.file_digest(opened, "sha256").hexdigest() == found.sha256
        report |= {
            "connections": connections,
            "size_bytes": found.size,
            "cuts": hub.cutter.done,
            "kills_at": kills,
            "sent_by_the_server_bytes": hub.sent_bytes,
            "sent_over_size": round(hub.sent_bytes / found.size, 4),
        }
    assert report["correct"]
    assert report["sent_over_size"] <= 1.1
    assert report["cuts"] == cuts
    return report


async def _through(order: FetchOrder, disk: Path, kills: list[int]) -> dict[str, Any]:
    report: dict[str, Any] = {"kills": 0, "peak_rss_mb": 0.0, "runs": []}
    home = disk.parent / "home"
    try:
        await fetch(order, home)
        raise AssertionError("the disk was too small")
    except StorageUnavailable as error:
        report["full_disk_says"] = error.message
        report["left_by_a_full_disk"] = sorted(one.name for one in (disk / ".incoming").iterdir())
    enlarge(disk, order.files[0].size_bytes + (64 << 20))
    while True:
        look, before = killer(kills), len(kills)

        def follow(progress: FetchProgress, look=look) -> None:
            if "filled_meanwhile_bytes" not in report and progress.verified_bytes:
                report["filled_meanwhile_bytes"] = fill(disk)
            look(progress)

        try:
            watched = await fetch(order, home, follow)
        except OutboundFailed as error:
            report["runs"].append(error.trouble)
            report["kills"] += before - len(kills)
            await asyncio.sleep(0)
            continue
        except CarrelError as error:
            raise AssertionError(error.message) from error
        assert watched.told == sorted(watched.told)
        report["peak_rss_mb"] = round(watched.peak_rss_mb, 1)
        report["runs"].append("done")
        return report
