"""Gives a box that runs damaged and hostile model files, and prints who refused them.

    python scripts/show_hostile_files.py [--mutants 1000] [--json FILE]

The files are mutants of the bundled model's GGUF and safetensors (tests/weights/hostile), that many of each.
Each one takes the place of the model's file, and is

* looked into by the process that looks into downloaded files, which does not know the hash: what it lets pass
  is a file that is whole and is another one;
* run, with `model run` over the admin socket of a box that serves a model meanwhile: nothing but
  `integrity_failed` will do, and no process may be started for it.

At the end the right file is put back and has to run. The gateway has to be the process that it was.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from appliance.client.admin import AdminClient
from appliance.errors import CarrelError, IntegrityFailed
from appliance.weights.inspecting.process import InspectProcess
from tests.system.box import RealBox
from tests.weights.hostile import Mutant, Mutation, gguf, mutants, safetensors
from tests.weights.inspected import FOLDER, form_of, order_of

LOST = ("did not survive", "no answer", "took over", "could not be read to an end")
KINDS: Mapping[str, tuple[str, str, dict[str, Mutation]]] = {
    "GGUF": ("handbook-tiny@f16", "handbook-tiny-f16.gguf", gguf.MUTATIONS),
    "safetensors": ("handbook-tiny@bf16", "model.safetensors", safetensors.MUTATIONS),
}


@dataclass
class Tally:
    """Of the mutants of one mutation."""

    mutants: int = 0
    seen_inside: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    """Reasons that tell of a process that crashed, hung or gave no answer."""
    refused: int = 0
    not_refused: Counter[str] = field(default_factory=Counter)


class Attack:
    """Of one kind of file on one box. ``folder`` is the model's in ``models_dir``."""

    def __init__(self, box: RealBox, kind: str) -> None:
        self.model_id, self.name, self.mutations = KINDS[kind]
        self.box = box
        self.folder = box.home / "box" / "models" / "handbook-tiny"
        self.tallies = {name: Tally() for name in self.mutations}
        self.inspector = InspectProcess()
        self.slowest_look_s = 0.0
        _, form = form_of(self.model_id)
        self.folder.mkdir(parents=True)
        for file in form.files:
            shutil.copyfile(FOLDER / file.name, self.folder / file.name)

    def put(self, contents: bytes) -> None:
        """As a download would: a new file under the name."""
        new = self.folder / "new"
        new.write_bytes(contents)
        new.rename(self.folder / self.name)

    async def one(self, mutant: Mutant, admin: AdminClient, gateway: psutil.Process) -> None:
        tally = self.tallies[mutant.mutation]
        tally.mutants += 1
        self.put(mutant.contents)
        began = time.monotonic()
        reason = await self.look()
        self.slowest_look_s = max(self.slowest_look_s, time.monotonic() - began)
        tally.seen_inside += bool(reason)
        tally.lost += Counter(one for one in LOST if one in reason)
        before = {child.pid for child in gateway.children(recursive=True)}
        answer = await asyncio.to_thread(self.run, admin)
        if {child.pid for child in gateway.children(recursive=True)} - before:
            tally.not_refused["a process was started"] += 1
        elif answer == "integrity_failed":
            tally.refused += 1
        else:
            tally.not_refused[answer] += 1

    async def look(self) -> str:
        try:
            await self.inspector.look(order_of(self.model_id, self.folder))
        except IntegrityFailed as error:
            return error.message
        return ""

    def run(self, admin: AdminClient) -> str:
        try:
            admin.run("model.run", {"model": self.model_id})
        except CarrelError as error:
            return error.code
        return "it runs"

    async def all(self, count: int) -> None:
        original = (FOLDER / self.name).read_bytes()
        gateway = psutil.Process(self.box.process.pid)
        with AdminClient(self.box.home / "box" / "run" / "admin.sock") as admin:
            for mutant in mutants(original, self.mutations, count):
                await self.one(mutant, admin, gateway)
            self.put(original)
            if self.run(admin) != "it runs":
                raise SystemExit(f"the right file of {self.model_id} does not run any more")
            admin.run("model.stop", {"model": self.model_id})
        shutil.rmtree(self.folder)


def answers(box: RealBox, key: str) -> bool:
    """The model that runs meanwhile, as a student would ask it."""
    body = {"model": "handbook-tiny", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 4}
    headers = {"Authorization": f"Bearer {key}"}
    return (
        httpx.post(f"{box.url}/chat/completions", json=body, headers=headers, timeout=30).status_code == 200
    )


def shown(kind: str, attack: Attack, seconds: float) -> dict:
    print(f"\n{kind}: refused where it would be run / refused for what is in it / mutants")
    for name, tally in attack.tallies.items():
        faults = {**tally.lost, **tally.not_refused}
        print(f"  {name:36} {tally.refused:5} {tally.seen_inside:5} {tally.mutants:5}  {faults or ''}")
    tallies = attack.tallies.values()
    found = {
        "mutants": sum(one.mutants for one in tallies),
        "refused_to_run": sum(one.refused for one in tallies),
        "refused_for_what_is_in_it": sum(one.seen_inside for one in tallies),
        "inspector_crashed_hung_or_silent": sum(one.lost.total() for one in tallies),
        "not_refused": sum(one.not_refused.total() for one in tallies),
        "slowest_look_s": round(attack.slowest_look_s, 2),
        "seconds": round(seconds, 1),
    }
    print(" ", found)
    by_mutation = {
        name: {
            "mutants": one.mutants,
            "refused_to_run": one.refused,
            "refused_for_what_is_in_it": one.seen_inside,
        }
        for name, one in attack.tallies.items()
    }
    return {**found, "mutations": by_mutation}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--mutants", type=int, default=1000)
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        box = RealBox(Path(folder)).start()
        pid = box.process.pid
        key = box.new_key()
        for kind in KINDS:
            attack, began = Attack(box, kind), time.monotonic()
            asyncio.run(attack.all(given.mutants))
            results[kind] = shown(kind, attack, time.monotonic() - began)
        status = box.carrel("status")
        results["gateway"] = {
            "same_process": status["pid"] == pid and box.process.poll() is None,
            "answers": answers(box, key),
        }
        box.stop()
    print(f"\ngateway: {results['gateway']}")
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n")
    kinds = [results[kind] for kind in KINDS]
    sound = all(
        one["refused_to_run"] == one["mutants"] and not one["inspector_crashed_hung_or_silent"]
        for one in kinds
    )
    raise SystemExit(0 if sound and all(results["gateway"].values()) else 1)


if __name__ == "__main__":
    main()
