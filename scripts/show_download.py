"""Pulls a model of 2 GB through cuts, kills and a full disk, and measures how fast that can be.

    python scripts/show_download.py [--gb 2] [--rounds 7] [--cuts 30] [--work FOLDER]

The hub is ``scripts/local_hub``, asked through the real client library; the download is the process that the
gateway starts. The full disk is a tmpfs, which takes the rights of root. Writes
``scripts/results/download.json``. Rates mean something only where nothing else runs; on a disk they are the
disk's, since a download ends only when all is on it, so they are taken in memory too.
"""

import argparse
import asyncio
import hashlib
import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from appliance.domain.recipe import RecipeFile
from scripts.download_shows import faults, rates

RESULTS = Path(__file__).parent / "results" / "download.json"


def make_model(folder: Path, size_bytes: int) -> RecipeFile:
    place = folder / faults.REPOSITORY / "model.gguf"
    place.parent.mkdir(parents=True)
    digest = hashlib.sha256()
    with place.open("wb") as opened:
        for begin in range(0, size_bytes, 1 << 24):
            chunk = os.urandom(min(1 << 24, size_bytes - begin))
            digest.update(chunk)
            opened.write(chunk)
    return RecipeFile("model.gguf", size_bytes, digest.hexdigest())


async def show(options: argparse.Namespace, work: Path) -> dict[str, object]:
    size = int(options.gb * 10**9)
    file = make_model(work / "hub", size)
    report: dict[str, object] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "size_bytes": size,
    }
    for connections in () if options.rates_only else (1, 4):
        found = await faults.show(
            work / "hub", work / "disk", cuts=options.cuts, connections=connections, seed=5
        )
        report[f"faults_with_{connections}"] = found
        print(json.dumps(found, indent=1), flush=True)
    for name, place in (("in_memory", options.memory), ("on_disk", work)):
        into = Path(tempfile.mkdtemp(prefix="carrel-show-", dir=place))
        try:
            report[f"rates_{name}"] = await rates.compare(work / "hub", into, file, options.rounds)
        finally:
            shutil.rmtree(into)
        print(name, json.dumps(report[f"rates_{name}"], indent=1), flush=True)
    report["throttled"] = await rates.throttled(work / "hub", work, file, 100_000_000)
    print(json.dumps(report["throttled"], indent=1), flush=True)
    return report


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gb", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cuts", type=int, default=30)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--memory", type=Path, default=Path("/dev/shm"), help="a folder that no disk slows")
    parser.add_argument("--rates-only", action="store_true", help="no cuts and kills, and nothing is written")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="carrel-show-", dir=options.work))
    try:
        report = asyncio.run(show(options, work))
    finally:
        shutil.rmtree(work)
    if not options.rates_only:
        RESULTS.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
