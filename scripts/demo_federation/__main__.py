"""Two boxes and one registry on this machine, as real processes: enroll, pull the catalog, lease, serve,
report, acknowledge, revoke, share weights, share access. Then the same with a folder for the stick.

    scripts/demo_federation.sh [--keep] [--only network|stick] [--out FILE]
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scripts.demo_federation import steps  # noqa: E402 - the repository need not be installed
from scripts.demo_federation.parties import Box, Registry, Told  # noqa: E402
from scripts.demo_federation.steps import World  # noqa: E402
from scripts.demo_federation.ways import Network, Stick, Way  # noqa: E402

FIRST = (
    steps.found, steps.enroll, steps.pull_catalog, steps.lease, steps.serve, steps.report, steps.revoke,
    steps.share_weights,
)  # fmt: skip
NETWORK = (*FIRST, steps.fetch_weights, steps.withdraw_weights, steps.lend, steps.ask_lent)
STICK = (*FIRST, steps.carry_weights, steps.withdraw_weights, steps.lend, steps.lent_and_offline)
SETTINGS = {"CARREL_SYNC_HOURS": "0", "CARREL_SHARE_WEIGHTS": "true", "CARREL_UPSTREAMS": "true"}


def over_the_network(told: Told, folder: Path) -> None:
    told.chapter("Over the network", folder)
    registry = Registry("registry", told)
    play(_world(told, registry, Network(registry), {}), NETWORK)


def by_stick(told: Told, folder: Path) -> None:
    told.chapter("By stick: both boxes are offline, and no registry answers", folder)
    registry = Registry("registry", told)
    way = Stick(registry, folder / "stick")
    play(_world(told, registry, way, {"CARREL_OFFLINE": "true"}), STICK)


def _world(told: Told, registry: Registry, way: Way, more: dict[str, str]) -> World:
    alpha, beta = (Box(name, told, {**SETTINGS, **more}) for name in ("alpha", "beta"))
    return World(told, registry, alpha, beta, way)


def play(world: World, acts: Sequence[Callable[[World], None]]) -> None:
    try:
        for box in world.boxes:
            box.home.mkdir()
            box.up()
        for act in acts:
            act(world)
    finally:
        for box in world.boxes:
            box.down()
        world.registry.end()


CHAPTERS = {"network": over_the_network, "stick": by_stick}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", action="store_true", help="leave the folder")
    parser.add_argument("--only", choices=tuple(CHAPTERS))
    parser.add_argument("--out", type=Path, help="also write what was printed into this file")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fed-", dir="/tmp"))
    told = Told(folder)
    try:
        for name, chapter in CHAPTERS.items():
            if given.only in {None, name}:
                chapter(told, folder / name)
        took_s = time.monotonic() - told.began_s
        told.say(
            f"\nAll {told.steps} steps went as they should in {took_s:.0f} s: enrolled, catalog pulled, "
            "leased, served, reported, acknowledged, revoked, weights shared, access shared"
            f"{'' if given.only else '; over the network, then by stick'}."
        )
    finally:
        if given.out:
            given.out.write_text("\n".join(told.lines) + "\n")
        if given.keep:
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
