"""A box's oversight over tables in memory, with a clock that tests turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.generation import Accepted, GenerationRequest
from appliance.domain.model import ModelIdentity
from appliance.domain.oversight import DeclaredPattern, Incident, WireSetting
from appliance.domain.people import Caller, Part, Project
from appliance.domain.prompts import ChatPrompt, Message
from appliance.domain.usage import Meters, Outcome
from appliance.errors import NotFound, StorageUnavailable
from appliance.services.admission.gates import Asked
from appliance.services.oversight.ending import end_once
from appliance.services.oversight.holding import HoldGate
from appliance.services.oversight.incident_book import IncidentBook
from appliance.services.oversight.incidents import IncidentService
from appliance.services.oversight.pack_files import release_packs
from appliance.services.oversight.setting import TripwireService
from appliance.services.oversight.tripwires import Explaining, Tripwires
from appliance.services.oversight.watching import Tripping
from tests.models.fakes import recipe

DAY = 86_400_000
HOUR = 3_600_000
MINUTE = 60_000
MODEL = recipe("m")
IDENTITY = ModelIdentity("m", 1, "00" * 32, "fake")
ADA = Caller("key_ada", "ada", "lab", "192.0.2.1")
EVE = Caller("key_eve", "eve", "class", "192.0.2.1")
NOBODY = Caller("key_1", "default", "lab", "")
REVIEWER = Actor("uid 1000", Permission.REVIEW)
TEACHER = Actor("tom", Permission.LEAD, person="tom", project="class")
HEAD = Actor("pia", Permission.LEAD, person="pia", project="lab")


@dataclass
class TurnedClock:
    at_ms: int = 20_000 * DAY + 12 * HOUR

    def now_ms(self) -> int:
        return self.at_ms

    def monotonic_s(self) -> float:
        return self.at_ms / 1000


@dataclass
class Tables:
    """Of incidents and of tripwires."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    wires: dict[str, WireSetting] = field(default_factory=dict)
    patterns: list[DeclaredPattern] = field(default_factory=list)
    refuses: bool = False

    async def save(self, incidents: Sequence[Incident]) -> None:
        if self.refuses:
            raise StorageUnavailable("The disk is full.")
        self.incidents.update({one.id: one for one in incidents})

    async def standing(self) -> Sequence[Incident]:
        return [one for one in self.incidents.values() if one.state != "expired"]

    async def get(self, id: str) -> Incident:
        if id not in self.incidents:
            raise NotFound("No incident has this id.", param="id")
        return self.incidents[id]

    async def page(self, *, project: str | None, state: str | None, limit: int) -> Sequence[Incident]:
        every = reversed(self.incidents.values())
        found = [one for one in every if project in {None, one.project_id} and state in {None, one.state}]
        return found[:limit]

    async def set(self, setting: WireSetting) -> None:
        self.wires[setting.wire] = setting

    async def settings(self) -> Sequence[WireSetting]:
        return list(self.wires.values())

    async def declare(self, one: DeclaredPattern) -> None:
        self.patterns.append(one)

    async def forget(self, project: str, pattern: str, now_ms: int) -> None:
        self.patterns = [one for one in self.patterns if (one.project_id, one.pattern) != (project, pattern)]

    async def declared(self) -> Sequence[DeclaredPattern]:
        return self.patterns


class People:
    """A class with a teacher and a student, a lab with a head and a member."""

    projects: Mapping[str, Project] = {
        "class": Project("class", "A class", 0, kind="course", purpose="To learn."),
        "lab": Project("lab", "A lab", 0, purpose="To find out."),
        "eval": Project("eval", "An evaluation", 0, kind="evaluation"),
    }
    parts: Mapping[tuple[str, str], Part] = {
        ("class", "tom"): "lead",
        ("class", "eve"): "member",
        ("lab", "pia"): "lead",
        ("lab", "ada"): "member",
    }

    def project(self, id: str) -> Project | None:
        return self.projects.get(id)

    def part(self, project_id: str, person_id: str) -> Part | None:
        return self.parts.get((project_id, person_id))

    def leads(self, project_id: str) -> Sequence[str]:
        return [who for (where, who), part in self.parts.items() if where == project_id and part == "lead"]


class NotedLog:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, event: str, /, **fields: object) -> None:
        self.lines.append(f"{event} {fields}")

    warning = error = info


@dataclass
class NotedActs:
    acts: list[tuple[str, str, Mapping[str, object]]] = field(default_factory=list)

    async def note(self, actor: str, act: str, about: Mapping[str, object]) -> None:
        self.acts.append((actor, act, about))


class Look:
    """Everything together, and short ways to use it."""

    def __init__(self, tables: Tables, clock: TurnedClock) -> None:
        self.tables, self.clock = tables, clock
        self.people, self.log, self.audit = People(), NotedLog(), NotedActs()
        self.tripwires = Tripwires(tables, release_packs(), clock)
        explaining = Explaining(self.tripwires, self.people)
        numbers = iter(range(1, 10_000))
        self.book = IncidentBook(
            tables,
            explaining.explained_by,
            clock,
            self.log,
            random_bytes=lambda size: next(numbers).to_bytes(size),
        )
        self.gate = HoldGate(self.book, self.tripwires, self.people, clock, requests_per_minute=6000)
        self.tripping = Tripping(self.tripwires, self.book, clock.now_ms)
        self.incidents = IncidentService(tables, self.book, self.tripwires, self.people, clock)
        self.lab_packs: tuple[list, list] = ([], [])
        self.wires = TripwireService(self.tripwires, self.book, self.people, lambda: self.lab_packs, clock)
        self.heard: list[tuple[str, str, str]] = []
        self.book.on_incident(
            lambda incident, happened: self.heard.append((happened, incident.wire, incident.level.value))
        )

    async def begin(self) -> "Look":
        await self.tripwires.load()
        await self.book.load()
        return self

    async def again(self) -> "Look":
        """The same box after a restart."""
        await self.book.flush()
        return await Look(self.tables, self.clock).begin()

    def asked(self, caller: Caller, text: str = "Hello there, how are you today?", **more: object) -> Asked:
        prompt = ChatPrompt((Message("user", text),))
        request = GenerationRequest(id="req", model="m", prompt=prompt, **more)
        return Asked(caller, MODEL, "m", request, self.clock.now_ms())

    def send(self, caller: Caller, text: str = "Hello there, how are you today?", **more: object) -> Asked:
        """One request through gate and watcher; raises what refuses it."""
        let = self.gate.let(self.asked(caller, text, **more))
        watch = self.tripping.watch(let)
        assert watch is not None
        tokens = tuple(text.encode())
        watch.accepted(Accepted(IDENTITY, len(tokens), 1, self.clock.now_ms(), prompt=tokens))
        watch.ended(Outcome.COMPLETED, Meters(prompt_tokens=len(tokens), completion_tokens=3))
        return let

    async def one(self) -> Incident:
        """The only incident that is written."""
        await self.book.flush()
        (found,) = self.tables.incidents.values()
        return found

    async def end(self) -> None:
        await end_once(self.book, self.audit)
        await self.book.flush()


@pytest.fixture
async def look() -> Look:
    return await Look(Tables(), TurnedClock()).begin()
