"""A box as its pages see it: ports that keep their contract in memory, and a browser without scripts.

    box = WebBox()
    async with box.browser() as browser:
        page = await browser.signed_in("/me")

``box.operations.answers["class.new"]`` is what an action answers, or the error that it raises; what is not
there is a sample of its result, with ``box.operations.text`` in every text of it.
"""

import dataclasses
import functools
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import httpx

import appliance
from appliance.domain.actions import ACTIONS
from appliance.domain.actions import classes as class_actions
from appliance.domain.classes import SchoolClass, Seat, SeatCaps
from appliance.domain.model import ModelCard
from appliance.domain.people import Caller, Person, Project
from appliance.domain.sessions import Session
from appliance.domain.usage import Meters, UsageSum
from appliance.edge.heads import HeadsAsGets
from appliance.edge.last_resort import LastResort
from appliance.edge.request_ids import RequestIds
from appliance.edge.sessions import COOKIE, csrf_token
from appliance.edge.ways import IN_THE_CLEAR
from appliance.errors import NotAllowed, NotAuthenticated, NotFound, NotPermitted
from appliance.services.classes.book import ClassBook
from appliance.web.app import web_app
from appliance.web.parts import Naming, OfferedModel, WebParts
from tests.admin.fake_box import sample
from tests.api.fakes import FakeAccounts, FakeLicenses, RecordingLog

NOON_MS = 1_700_000_000_000
HOUR_MS = 3_600_000
STUDENT = Caller("key_student", "ada", "seminar")
LEAD = Caller("key_lead", "prof", "seminar")
NOBODY = Caller("key_nobody", "default", "default")
KEYS = {"crl_student": STUDENT, "crl_lead": LEAD, "crl_nobody": NOBODY}
ABROAD = "10.20.0.9"
"""An address on the network, where others can read along."""


class StillClock:
    def __init__(self):
        self.ms = NOON_MS

    def now_ms(self):
        return self.ms

    def monotonic_s(self):
        return self.ms / 1000


@dataclass(frozen=True)
class Begun:
    cookie: str
    session: Session
    caller: Caller


class FakeSessions:
    """A session for each of ``KEYS``, its cookie made from the key."""

    def __init__(self, clock):
        self._clock = clock
        self.going_on = {}
        self.seen = []

    async def begin(self, raw_key, *, secure, address):
        self.seen.append((secure, address))
        if raw_key not in KEYS:
            raise NotAuthenticated("This key is unknown or was revoked. Ask who runs the box for a new one.")
        return self._begin(KEYS[raw_key], secure)

    async def begin_for(self, key_id, *, secure, address):
        return self._begin(next(one for one in KEYS.values() if one.key_id == key_id), secure)

    def _begin(self, caller, secure):
        cookie = (hashlib.sha256(caller.key_id.encode()).hexdigest() * 2)[:43]
        self.going_on[cookie] = caller
        now_ms = self._clock.now_ms()
        return Begun(cookie, Session("ses_1", caller.key_id, now_ms, now_ms + HOUR_MS, secure), caller)

    async def end(self, cookie):
        self.going_on.pop(cookie, None)

    async def caller(self, cookie, *, secure, address):
        if cookie not in self.going_on:
            raise NotAuthenticated("This session is over. Sign in again with your key.")
        return self.going_on[cookie]


class PlainForClasses:
    """Keys in ``allowed`` may be used in the clear."""

    def __init__(self):
        self.allowed = set()

    def check(self, caller):
        if caller.key_id not in self.allowed:
            raise NotAllowed(IN_THE_CLEAR)


class FakeJoining:
    def __init__(self):
        self.offers = {}
        self.claims = []

    async def look(self, code, address, *, secure):
        if code not in self.offers:
            raise NotFound("No class has this code now. Look at the projector, or ask your teacher.")
        return self.offers[code]

    async def claim(self, code, number, address, *, secure):
        await self.look(code, address, secure=secure)
        self.claims.append((code, number))
        return self.claimed


class FakeOperations:
    """Notes each call and answers by script."""

    def __init__(self):
        self.actions = (*ACTIONS, *(one for one in class_actions.ACTIONS if one not in ACTIONS))
        self.answers = {}
        self.text = "text"
        self.calls = []
        self.actors = []

    async def run(self, name, arguments, operator):
        self.calls.append((name, dict(arguments)))
        self.actors.append(operator)
        action = next(one for one in self.actions if one.name == name)
        answer = self.answers.get(name)
        if answer is None:
            return sample(action.result, self.text)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def called(self, name):
        """With which arguments, each time."""
        return [arguments for one, arguments in self.calls if one == name]


class FakePeople:
    """``prof`` leads the seminar; everybody has a name."""

    def __init__(self):
        self.names = {"ada": "Ada Oakley", "prof": "Prof. Oakley"}
        self.kind = "course"

    def part(self, project_id, person_id):
        return {("seminar", "prof"): "lead", ("seminar", "ada"): "member"}.get((project_id, person_id))

    def person(self, id):
        return Person(id, self.names[id], NOON_MS) if id in self.names else None

    def project(self, id):
        return Project(id, id.title(), NOON_MS, kind=self.kind) if id == "seminar" else None


class FakeStanding:
    """``suspended`` may see what is theirs, ``gone`` nothing."""

    def __init__(self):
        self.suspended, self.gone = set(), set()

    def check(self, caller, *, belonging_only=False):
        if caller.person_id in self.gone:
            raise NotPermitted("You belong to no project any more. Ask who runs the box.")
        if caller.person_id in self.suspended and not belonging_only:
            raise NotPermitted("You are suspended. Ask who runs the box.")


class FakeDays:
    def __init__(self):
        self.days = (UsageSum("2023-11-13", 3, Meters(10, 4, 5, 3, 6, 50)),)

    async def own_days(self, caller, since_ms):
        return self.days


class FakeTroubles:
    def __init__(self):
        self.by_key = {}

    def of_key(self, key_id):
        return self.by_key.get(key_id, ())


@dataclass
class FakeOutside:
    offline: bool = False
    reasons: tuple = ("A class of mode offline is open.",)

    def because(self):
        return self.reasons if self.offline else ()


class FakeDoor:
    async def open(self, lesson):
        return self.plain_address(lesson)

    async def close(self, lesson): ...

    def addresses(self, lesson):
        return ("http://10.20.0.5:7480", "https://10.20.0.5:7443")

    def plain_address(self, lesson):
        return "http://10.20.0.5:7480" if lesson.plain else ""

    def fingerprint(self):
        return ":".join(["AB"] * 32)

    def name_url(self, lesson=None):
        return "https://carrel.local:7443"


def card(id="tiny", **changes):
    fields = {"title": id.title(), "created_ms": NOON_MS, "context_tokens": 2048, "chats": True}
    return ModelCard(id, **{**fields, **changes})


@dataclass
class WebBox:
    """Parts, and the app over them, made when first asked for."""

    text: str = "text"
    clock: StillClock = field(default_factory=StillClock)
    operations: FakeOperations = field(default_factory=FakeOperations)
    people: FakePeople = field(default_factory=FakePeople)
    standing: FakeStanding = field(default_factory=FakeStanding)
    plain: PlainForClasses = field(default_factory=PlainForClasses)
    joining: FakeJoining = field(default_factory=FakeJoining)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)
    days: FakeDays = field(default_factory=FakeDays)
    licenses: FakeLicenses = field(default_factory=FakeLicenses)
    troubles: FakeTroubles = field(default_factory=FakeTroubles)
    outside: FakeOutside = field(default_factory=FakeOutside)
    door: FakeDoor = field(default_factory=FakeDoor)
    log: RecordingLog = field(default_factory=RecordingLog)
    answers: object = None
    polls: object = None
    memory: dict = field(default_factory=dict)
    box_name: str = "lab-01"
    authority: bytes = b""
    addresses: tuple = ("10.20.0.5",)

    def __post_init__(self):
        self.sessions = FakeSessions(self.clock)
        self.classes = ClassBook(self.clock)
        self.models = [
            OfferedModel("tiny", "Tiny", usable=True, card=card()),
            OfferedModel("opt", "OPT", usable=False, why="It asks for an application; see Access."),
        ]

    async def _memory_of(self, model):
        return self.memory.get(model)

    @property
    def parts(self):
        return WebParts(
            naming=Naming(self.box_name, "9.9", Path(appliance.__file__).with_name("handbook")),
            sessions=self.sessions,
            plain=self.plain,
            joining=self.joining,
            operations=self.operations,
            belonging=self.people,
            standing=self.standing,
            accounts=self.accounts,
            days=self.days,
            licenses=self.licenses,
            classes=self.classes,
            troubles=self.troubles,
            models=lambda caller: tuple(self.models),
            answers=self.answers,
            polls=self.polls,
            memory=self._memory_of,
            outside=self.outside,
            door=self.door,
            clock=self.clock,
            log=self.log,
            authority=lambda: self.authority,
            addresses=lambda: self.addresses,
        )

    @property
    def app(self):
        """Made once for all boxes, since making it takes longer than most tests; it is this box's now."""
        _POOL.box = self
        return _POOL.app

    def lesson(self, caller=STUDENT, **changes):
        """A class that is open, with a seat for the caller's key."""
        wanted = {
            "id": "monday",
            "project_id": "seminar",
            "title": "Monday",
            "mode": "open",
            "models": ("tiny",),
            "caps": SeatCaps(),
            "ends_ms": NOON_MS + HOUR_MS,
            "opened_ms": NOON_MS - HOUR_MS,
            "created_ms": NOON_MS - HOUR_MS,
            "created_by": "prof",
        }
        made = SchoolClass(**{**wanted, **changes})
        self.classes.put_class(made)
        self.classes.put_seat(Seat(made.id, caller.person_id, 1, caller.person_id, caller.key_id, NOON_MS))
        self.classes.put_key(caller.key_id, made.id, caller.person_id)
        return made

    @asynccontextmanager
    async def browser(self, key=None, *, address="127.0.0.1", base_url="http://box.test") -> AsyncIterator:
        """A browser without scripts; with ``key`` it has signed in."""
        app = RequestIds(LastResort(HeadsAsGets(self.app), self.log))
        transport = httpx.ASGITransport(app=app, client=(address, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url=base_url) as http:
            browser = Browser(http)
            if key is not None:
                await browser.sign_in(key)
            yield browser


class _Pool:
    """One page app, over the parts of whichever box is its own now."""

    def __init__(self):
        self.box = WebBox()

    @functools.cached_property
    def app(self):
        fields = {one.name for one in dataclasses.fields(WebParts)}
        return web_app(WebParts(**{name: _Now(self, name) for name in fields}))


class _Now:
    """A part of the box of now."""

    def __init__(self, pool, name):
        self._pool, self._name = pool, name

    def _part(self):
        return getattr(self._pool.box.parts, self._name)

    def __getattr__(self, name):
        return getattr(self._part(), name)

    def __call__(self, *arguments):
        return self._part()(*arguments)


_POOL = _Pool()


class Browser:
    """Sends forms as a browser does: with the page's token and its origin."""

    def __init__(self, http):
        self.http = http

    @property
    def cookie(self):
        return self.http.cookies.get(COOKIE) or self.http.cookies.get(f"__Host-{COOKIE}") or ""

    async def sign_in(self, key="crl_student", to="me"):
        answer = await self.send("/login", key=key, to=to)
        assert answer.status_code == 303, answer.text
        return answer

    async def get(self, path, **headers):
        return await self.http.get(path, headers=headers)

    async def page(self, path, **headers):
        """Its parsed HTML; it has to be there."""
        answer = await self.get(path, **headers)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return parsed(answer.text)

    async def send(self, path, *, token=True, origin=None, files=None, headers=None, **fields):
        """A form."""
        data = {name: value for name, value in fields.items() if value is not None}
        if token and self.cookie:
            data["csrf"] = csrf_token(self.cookie)
        sent = {"origin": origin or str(self.http.base_url).rstrip("/"), **(headers or {})}
        return await self.http.post(path, data=data, files=files, headers=sent)


@dataclass
class Element:
    """One element of a page, with the text that is in it."""

    tag: str
    attributes: dict
    parent: "Element | None" = None
    text: str = ""
    children: list = field(default_factory=list)

    def all(self, tag=None, **attributes):
        """Every element below of that tag and those attributes (``_`` for ``-``)."""
        found = []
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        for child in self.children:
            fits = tag in {None, child.tag}
            if fits and all(child.attributes.get(name) == value for name, value in wanted.items()):
                found.append(child)
            found += child.all(tag, **attributes)
        return found

    def one(self, tag=None, **attributes):
        """The only one."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, (tag, attributes, len(found))
        return found[0]

    @property
    def words(self):
        """All text below, with single spaces."""
        return " ".join(self.text.split())


_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class _Parser(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = self._at = Element("", {})

    def handle_starttag(self, tag, attrs):
        made = Element(tag, {name: value or "" for name, value in attrs}, self._at)
        self._at.children.append(made)
        if tag not in _VOID:
            self._at = made

    def handle_endtag(self, tag):
        at = self._at
        while at.parent is not None and at.tag != tag:
            at = at.parent
        if at.parent is not None:
            self._at = at.parent

    def handle_data(self, data):
        at = self._at
        while at is not None:
            at.text += data
            at = at.parent


def parsed(html):
    """The tree of a page."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return parser.root
