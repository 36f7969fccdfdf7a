"""Makes sets of requests, from a seed: misuse as it could be, and work that looks like it and is none.

    python scripts/tripwire_sets.py [--seed 1] [--small] > sets.jsonl

``scripts/eval_tripwires.py`` replays them. Each set has phrasings of two kinds, ``tuned`` and ``held out``:
thresholds were set with the first at hand, and no pattern was changed after the second was measured.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parent))

from tripwire_material.benign import evaluation, lesson, misinformation, ordinary, templated_study
from tripwire_material.making import Making, Set
from tripwire_material.misuse import bursts, drips, extraction, phishing_variants, political_bulk, shared_key

from appliance.domain.prompts import TextPrompt

MAKERS: Final[tuple[Callable[[Making], Iterator[Set]], ...]] = (
    *(political_bulk, phishing_variants, extraction, shared_key, bursts, drips),
    *(templated_study, evaluation, lesson, misinformation, ordinary),
)


def make_sets(seed: int, *, held_out: bool = True, small: bool = False) -> Iterator[Set]:
    """One after another: together they are large."""
    make = Making(random.Random(seed), held_out, small)
    for maker in MAKERS:
        yield from maker(make)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--small", action="store_true")
    given = asked.parse_args()
    for one in make_sets(given.seed, small=given.small):
        for sent in one.sent:
            prompt = sent.request.prompt
            text = prompt.text if isinstance(prompt, TextPrompt) else prompt.messages[-1].content
            row = {"set": one.name, "at_ms": sent.at_ms, "who": sent.caller.holder, "text": text}
            print(json.dumps(row))


if __name__ == "__main__":
    main()
