"""A course with classes over a real store, without a network: for whatever is tested of classes.

async with class_desk(tmp_path) as desk:
    lesson = await desk.lesson("monday")
    seat = await desk.seat(lesson, "ioakley", "Ines Oakley")
    made = await desk.seat_keys.make(lesson, seat, how="card", actor_name="prof")
"""

import asyncio
import functools
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.allocation import Scope
from appliance.domain.classes import SchoolClass, Seat, SeatCaps
from appliance.domain.enrolling import Enrolment, Founding
from appliance.domain.model import ModelIdentity
from appliance.domain.people import Intake, Membership, Person, Project
from appliance.domain.usage import Hold, Meters, Outcome
from appliance.errors import BadRequest
from appliance.policy.amounts import Reference
from appliance.services.classes.book import ClassBook
from appliance.services.classes.seat_costs import SeatCosts
from appliance.services.classes.seat_keys import SeatKeys
from appliance.services.keys import KeyService
from appliance.services.people.directory import Directory
from appliance.store.store import Store
from tests.services.conftest import NOON_MS, StillClock

HOUR_MS = 3_600_000
COURSE = "nlp"
ELSEWHERE = "hospital"
MODEL = "handbook-tiny@q8"
ROOT = Actor("uid 0", Permission.ADMIN)
PROF = Actor("prof", Permission.LEAD, person="prof", project=COURSE, origin="10.0.0.9")


class NotedLog:
    """Keeps what it is told: (level, event, fields)."""

    def __init__(self):
        self.records = []

    def info(self, event, **fields):
        self.records.append(("info", event, fields))

    def warning(self, event, **fields):
        self.records.append(("warning", event, fields))

    def error(self, event, **fields):
        self.records.append(("error", event, fields))


class FakeDoor:
    """Notes which classes have it open; one address, and plain HTTP beside it for those that want it."""

    def __init__(self, address="10.20.0.5"):
        self.address = address
        self.opened = set()
        self.refuses = None

    async def open(self, lesson):
        if self.refuses is not None:
            raise self.refuses
        self.opened.add(lesson.id)
        return self.plain_address(lesson)

    async def close(self, lesson):
        self.opened.discard(lesson.id)

    def addresses(self, lesson):
        tls = (f"https://{self.address}:7443", "https://carrel.local:7443")
        plain = self.plain_address(lesson)
        return (plain, *tls) if plain else tls

    def plain_address(self, lesson):
        return f"http://{self.address}:7480" if lesson.plain and lesson.id in self.opened else ""

    def fingerprint(self):
        return ":".join(["AB"] * 32)

    def name_url(self, lesson=None):
        return "https://carrel.local:7443"


class FakeRuns:
    """Nothing runs, unless a key is in ``running``: then it is settled once its event is set."""

    def __init__(self):
        self.running = {}
        self.waited = []
        self.ended = []

    async def settled_of_key(self, key_id):
        self.waited.append(key_id)
        if key_id in self.running:
            await self.running[key_id].wait()

    def end_where(self, refused):
        self.ended.append(refused)


class FixedCosts:
    """A token of any model that is known costs two micro-credits."""

    def __init__(self):
        self.known = {MODEL, "other@f16"}

    async def of(self, project, model=None):
        if model is not None and model not in self.known:
            raise BadRequest("nobody knows", param="of")
        return Reference(model or MODEL, 1, 1000, 2000, 0, "what is written here")


@functools.cache
def _empty_course() -> bytes:
    """A database with the course and another project, made once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data" / "carrel.db"
        path.parent.mkdir(mode=0o700)
        store = Store.open(path, StillClock())

        async def fill():
            for project, kind in ((COURSE, "course"), (ELSEWHERE, "research")):
                await store.projects.add(Project(project, project, NOON_MS, kind=kind))
            await store.people.add(Person("prof", "Prof. Oakley", NOON_MS))
            await store.members.put(Membership(COURSE, "prof", "lead", NOON_MS))

        asyncio.run(fill())
        store.close()
        return path.read_bytes()


@dataclass
class ClassDesk:
    """``reload`` reads all of it again from the disk, as a start does."""

    store: Store
    clock: StillClock
    door: FakeDoor = field(default_factory=FakeDoor)
    runs: FakeRuns = field(default_factory=FakeRuns)
    costs: FixedCosts = field(default_factory=FixedCosts)
    log: NotedLog = field(default_factory=NotedLog)
    _requests: int = 0

    async def reload(self):
        self.directory = Directory()
        self.keys = KeyService(self.store.keys, self.directory, self.clock)
        self.book = ClassBook(self.clock)
        self.seat_costs = SeatCosts(self.costs)
        self.seat_keys = SeatKeys(
            classes=self.store.classes,
            book=self.book,
            keys=self.keys,
            costs=self.seat_costs,
            runs=self.runs,
            clock=self.clock,
            log=self.log,
        )
        await self.directory.load(self.store.people, self.store.projects, self.store.members)
        await self.keys.load()
        await self.book.load(self.store.classes)
        return self

    async def person(self, person, *projects, name="", part="member"):
        """Somebody of the box, who belongs to these projects."""
        added = Person(person, name or person.title(), NOON_MS)
        await self.store.people.add(added)
        self.directory.put_person(added)
        for project in projects:
            membership = Membership(project, person, part, NOON_MS)
            await self.store.members.put(membership)
            self.directory.put_member(membership)

    async def lesson(self, id="monday", **changes):
        """An open class of two hours in the course, without seats; ``changes`` are fields of it."""
        wanted = {
            "project_id": COURSE,
            "title": id.title(),
            "mode": "open",
            "models": (MODEL,),
            "ends_ms": NOON_MS + 2 * HOUR_MS,
            "opened_ms": NOON_MS,
            "created_ms": NOON_MS,
            "created_by": "prof",
            "caps": SeatCaps(),
        }
        made = SchoolClass(id=id, **{**wanted, **changes})
        await self.store.classes.add(Founding(made, Enrolment(Intake([], [], [], []), [])))
        self.book.put_class(made)
        return made

    async def change(self, lesson, **changes):
        """The class as it is changed, on the disk and in the book."""
        changed = replace(self.book.require(lesson.id), **changes)
        await self.store.classes.change(changed)
        self.book.put_class(changed)
        return changed

    async def seat(self, lesson, person="ioakley", name="Ines Oakley", given="", key=False):
        """A free seat of somebody who is made a member where they are not; ``key`` gives it a printed key."""
        if self.directory.person(person) is None:
            await self.person(person, lesson.project_id, name=name)
        number = len(self.book.seats(lesson.id)) + 1
        seat = Seat(lesson.id, person, number, given or person)
        await self.store.classes.enrol(Enrolment(Intake([], [], [], []), [seat]))
        self.book.put_seat(seat)
        if key:
            self.made = await self.seat_keys.make(lesson, seat, how="card", actor_name="prof")
        return self.book.seat(lesson.id, person)

    async def seats(self, lesson, count, key=False):
        """So many of them."""
        return [
            await self.seat(lesson, f"s{number}", f"Student {number}", key=key)
            for number in range(1, count + 1)
        ]

    async def uses(self, key_id, *, micro=0, prompt_tokens=10, completion_tokens=20, model=MODEL, ends=True):
        """One request of that key, which costs so much; with ``ends`` False it still holds that."""
        self._requests += 1
        request_id = f"req_{self._requests}"
        hold = Hold(
            request_id=request_id,
            caller=self.keys.key(key_id).caller(),
            model=ModelIdentity(model, 3, "ab" * 32, "fake-1"),
            prompt_tokens=prompt_tokens,
            max_completion_tokens=completion_tokens,
            gflop=micro,
            gflop_of_prompt=0,
            gflop_per_token=0,
            started_ms=self.clock.now_ms(),
        )
        await self.store.ledger.reserve(hold)
        if ends:
            meters = Meters(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens, gflop=micro)
            await self.store.ledger.settle(request_id, Outcome.COMPLETED, meters)
        return request_id

    async def limit_of(self, key_id):
        """What the key may spend in all and has left, in micro-credits; None without a limit of its own."""
        accounts = await self.store.allocations.of_caller(self.keys.key(key_id).caller())
        found = [one for one in accounts if one.allocation.scope is Scope.KEY]
        return (found[0].allocation.limit_micro, found[0].left_micro) if found else None


@asynccontextmanager
async def class_desk(folder: Path):
    """Over a database of its own in that folder; its clock stands at noon."""
    path = folder / "class-desk" / "carrel.db"
    path.parent.mkdir(mode=0o700)
    path.write_bytes(await asyncio.to_thread(_empty_course))
    clock = StillClock()
    store = Store.open(path, clock)
    try:
        yield await ClassDesk(store, clock).reload()
    finally:
        store.close()
