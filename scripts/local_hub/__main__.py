"""``python -m scripts.local_hub FOLDER [--bytes-s N]``: prints its address and serves until stdin ends."""

import argparse
import sys
from pathlib import Path

from scripts.local_hub.server import LocalHub


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bytes-s", type=int, default=0)
    parser.add_argument("--no-ranges", action="store_true")
    options = parser.parse_args()
    with LocalHub(options.folder) as hub:
        hub.switches.bytes_s = options.bytes_s
        hub.switches.ranges = not options.no_ranges
        print(hub.address, flush=True)
        for name, repository in hub.repositories.items():
            print(name, repository.commit, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
