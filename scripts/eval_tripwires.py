"""Replays planted misuse and benign work through the real tripwires, in simulated time.

    python scripts/eval_tripwires.py [--seeds 11,12,13] [--small]

Prints, for each set, what was seen of the guilty and what was held against the innocent, and writes it to
``scripts/results/tripwires.json``. Everything runs that runs in the box but the store: the gate that holds
and throttles, the watcher with its counters, the book of incidents, and the end of what nobody looks at.
"""

import argparse
import asyncio
import json
import sys
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from tripwire_material.making import MINUTE, Sent, Set
from tripwire_sets import make_sets

from appliance.domain.generation import Accepted, AnyRequest
from appliance.domain.license import LicenseTerms
from appliance.domain.model import ModelIdentity
from appliance.domain.oversight import LADDER, DeclaredPattern, Incident, Level
from appliance.domain.people import Project
from appliance.domain.prompts import TextPrompt
from appliance.domain.recipe import Recipe, RecipeForm, SamplingDefaults
from appliance.domain.usage import Meters, Outcome
from appliance.errors import CarrelError
from appliance.services.admission.gates import Asked
from appliance.services.oversight.holding import HoldGate
from appliance.services.oversight.incident_book import IncidentBook
from appliance.services.oversight.pack_files import release_packs
from appliance.services.oversight.tripwires import Explaining, Tripwires
from appliance.services.oversight.watching import Tripping

RESULTS = Path(__file__).parent / "results" / "tripwires.json"
IDENTITY = ModelIdentity("m", 1, "00" * 32, "fake")
MODEL = Recipe(
    *("m", 1, "M", "A model.", LicenseTerms("MIT"), "open", 4096, 8, None, False),
    forms=(RecipeForm("f16", "fake", ()),),
    defaults=SamplingDefaults(),
)


@dataclass
class SimulatedClock:
    at_ms: int = 0

    def now_ms(self) -> int:
        return self.at_ms

    def monotonic_s(self) -> float:
        return self.at_ms / 1000


@dataclass
class InMemory:
    """Both tables: remembers every incident by its id."""

    declared_patterns: list[DeclaredPattern]
    incidents: dict[str, Incident] = field(default_factory=dict)

    async def save(self, incidents):
        self.incidents.update({one.id: one for one in incidents})

    async def standing(self):
        return ()

    async def settings(self):
        return ()

    async def declared(self):
        return self.declared_patterns


@dataclass(frozen=True)
class OneProject:
    kind: str

    def project(self, id: str) -> Project:
        return Project(id, id, 0, kind=self.kind)

    def leads(self, _project_id: str) -> tuple[str, ...]:
        return ("teacher",)


class NoLog:
    def info(self, event, /, **fields):
        pass

    warning = error = info


@dataclass
class Outcomes:
    """What came of one set. ``first`` is the place of a holder's first request after which a level stood."""

    name: str
    requests: int
    goal: str
    note: str
    guilty: int
    person_weeks: float
    lessons: float
    highest: dict[str, Level] = field(default_factory=dict)
    first: dict[str, dict[Level, int]] = field(default_factory=dict)
    incidents: Counter = field(default_factory=Counter)
    wires: Counter = field(default_factory=Counter)
    refused: int = 0
    seconds: float = 0.0

    guilty_names: frozenset[str] = frozenset()

    @property
    def seen(self) -> int:
        return sum(one in self.highest for one in self.guilty_names)

    @property
    def warned(self) -> int:
        return sum(self.highest.get(one, Level.NOTE) is not Level.NOTE for one in self.guilty_names)

    @property
    def above_note(self) -> int:
        return sum(count for level, count in self.incidents.items() if level is not Level.NOTE)

    def as_row(self) -> dict[str, object]:
        return {
            "set": self.name,
            "requests": self.requests,
            "guilty": self.guilty,
            "seen": self.seen,
            "warned_or_more": self.warned,
            "incidents": {level.value: self.incidents[level] for level in LADDER if self.incidents[level]},
            "wires": dict(self.wires),
            "first_at_request": {
                level.value: min(one[level] for one in self.first.values() if level in one)
                for level in LADDER
                if any(level in one for one in self.first.values())
            },
            "refused": self.refused,
            "person_weeks": self.person_weeks,
            "lessons": self.lessons,
            "goal": self.goal,
            "note": self.note,
            "us_per_request": round(self.seconds / self.requests * 1e6, 1),
        }


class Replay:
    """One box for one set."""

    def __init__(self, one: Set) -> None:
        self.clock = SimulatedClock()
        declared = [DeclaredPattern(f"exp_{name}", "p", name, "", "rev", 0) for name in one.declared]
        self.table = InMemory(declared)
        self.tripwires = Tripwires(self.table, release_packs(), self.clock)
        directory = OneProject(one.kind)
        explaining = Explaining(self.tripwires, directory)
        self.book = IncidentBook(self.table, explaining.explained_by, self.clock, NoLog())
        self.gate = HoldGate(self.book, self.tripwires, directory, self.clock, requests_per_minute=6000)
        self.tripping = Tripping(self.tripwires, self.book, self.clock.now_ms)
        self.outcomes = Outcomes(
            *(one.name, len(one.sent), one.goal, one.note, len(one.guilty), one.person_weeks, one.lessons),
            guilty_names=one.guilty,
        )
        self._of_holder: Counter = Counter()
        self.book.on_incident(self._hear)

    async def run(self, sent: tuple[Sent, ...]) -> Outcomes:
        await self.tripwires.load()
        swept = 0
        began = time.perf_counter()
        for one in sent:
            self.clock.at_ms = one.at_ms
            if one.at_ms - swept > 10 * MINUTE:
                self.book.end_old()
                swept = one.at_ms
            self._send(one)
        self.outcomes.seconds = time.perf_counter() - began
        await self.book.flush()
        for incident in self.table.incidents.values():
            self.outcomes.wires[incident.wire] += 1
            # Without a verdict a level only ever goes up.
            self.outcomes.incidents[incident.level] += 1
        return self.outcomes

    def _send(self, one: Sent) -> None:
        self._of_holder[one.caller.holder] += 1
        try:
            self.gate.let(Asked(one.caller, MODEL, "m", one.request, one.at_ms))
        except CarrelError:
            self.outcomes.refused += 1
            return
        tokens = tokens_of(one.request)
        watch = self.tripping.watch(Asked(one.caller, MODEL, "m", one.request, one.at_ms))
        watch.accepted(Accepted(IDENTITY, len(tokens), 1, one.at_ms, prompt=tokens))
        used = Meters(prompt_tokens=len(tokens), completion_tokens=min(100, one.request.max_tokens or 0))
        watch.ended(Outcome.COMPLETED, used)

    def _hear(self, incident: Incident, happened: str) -> None:
        outcomes, holder = self.outcomes, incident.holder
        if happened in {"opened", "raised"}:
            highest = outcomes.highest.get(holder, Level.NOTE)
            outcomes.highest[holder] = max(highest, incident.level, key=LADDER.index)
            outcomes.first.setdefault(holder, {}).setdefault(incident.level, self._of_holder[holder])


def tokens_of(request: AnyRequest) -> tuple[int, ...]:
    """A stand-in for a tokenizer: a number a word."""
    prompt = request.prompt
    text = prompt.text if isinstance(prompt, TextPrompt) else " ".join(one.content for one in prompt.messages)
    return tuple(zlib.crc32(word.encode()) for word in text.split())


async def replay(one: Set) -> Outcomes:
    return await Replay(one).run(one.sent)


def shown(rows: list[Outcomes]) -> str:
    lines = [
        f"{'set':44} {'requests':>8} {'recall':>8} {'warned':>7}  incidents by level (false for the innocent)"
    ]
    for one in rows:
        recall = f"{one.seen}/{one.guilty}" if one.guilty else ""
        warned = f"{one.warned}/{one.guilty}" if one.guilty else ""
        levels = (
            ", ".join(f"{one.incidents[level]} {level}" for level in LADDER if one.incidents[level]) or "none"
        )
        per = one.person_weeks or one.lessons
        rate = ""
        if not one.guilty:
            unit = "person-week" if one.person_weeks else "lesson"
            total = sum(one.incidents.values())
            rate = f"  = {total / per:.2f} a {unit}, {one.above_note / per:.2f} above note"
        goal = {"note": one.above_note == 0, "caught": one.seen == one.guilty}.get(one.goal)
        verdict = {None: "", True: "  goal held", False: "  GOAL MISSED"}[goal]
        by = f" by {', '.join(sorted(one.wires))}" if one.wires else ""
        lines.append(f"{one.name:44} {one.requests:8} {recall:>8} {warned:>7}  {levels}{by}{rate}{verdict}")
    return "\n".join(lines)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seeds", default="11,12,13")
    asked.add_argument("--small", action="store_true")
    given = asked.parse_args()
    results = []
    for seed in given.seeds.split(","):
        for held_out in (False, True):
            words = "held-out" if held_out else "tuned"
            print(f"\nseed {seed}, {words} phrasings")
            rows = [
                asyncio.run(replay(one)) for one in make_sets(int(seed), held_out=held_out, small=given.small)
            ]
            print(shown(rows), flush=True)
            results.append({"seed": int(seed), "phrasings": words, "sets": [one.as_row() for one in rows]})
    if not given.small:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
