"""Two labs and the registry between them in one process: real services, real databases, the real desk."""

import itertools
from dataclasses import dataclass

import msgspec

from appliance.catalog.entries import entry
from appliance.catalog.live import LiveCatalog
from appliance.catalog.places import recipes_folder
from appliance.catalog.recipes import decode_recipe
from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.approval import Approval
from appliance.domain.federation import Membership
from appliance.domain.people import Caller
from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import Received
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.statements import Forwarded
from appliance.services.federation.own_sealing_key import OwnSealingKey
from appliance.services.federation.ports import Item, Refusal
from appliance.services.letters.receiving import LetterReceiver
from appliance.services.letters.sending import LetterSender
from appliance.services.peers.asked import PeerRequests
from appliance.services.peers.book import BorrowBook, Loans, PeerBook
from appliance.services.peers.borrowing import BorrowingService
from appliance.services.peers.lending import LendingService
from appliance.services.peers.letters import AccessLetters
from appliance.services.peers.offering import OfferService
from appliance.services.peers.rooms import PeerRooms
from appliance.services.reports.coming import ComingReports
from appliance.services.reports.filing import Filing
from appliance.services.reports.letters import FlawLetters
from appliance.services.reports.own import OwnReports
from appliance.services.reports.reviewing import ReportReviews
from appliance.services.reports.travelling import TravelService
from appliance.services.restrictions.book import RestrictionBook
from appliance.store.store import Store
from appliance.trust.signed import PublicKey, kind_of, unfold
from appliance.upstreams.secrets import Secrets
from appliance.wiring.people import people
from tests.admin.fake_box import SilentLog
from tests.registry.desks import BoxForTests, DeskForTests

OPERATOR = Actor("uid 0", Permission.ADMIN)
RECORD = """
contact = "models@north.example"
benefits = ["Answers questions about this appliance."]
harms = ["It may answer wrongly, and be believed."]
evaluations = ["Asked 200 questions; 180 answers were right."]
reviewed_by = "The board"
reviewed_on = "2026-11-21"
"""
LISTED = "north.handbook-tiny"
RELEASE = LiveCatalog(recipes_folder())


class Clock:
    """The registry's, for boxes."""

    def __init__(self, desk):
        self._desk = desk

    def now_ms(self):
        return self._desk.clock.now_ms()

    def monotonic_s(self):
        return self._desk.clock.monotonic_s()


class Identity:
    """Of a box that has enrolled."""

    def __init__(self, box: BoxForTests, organization: str):
        self.box = box
        self.membership = Membership(box.id, box.id, "central", "", False, "", "", organization, "", 0, ())

    @property
    def enrolled(self):
        return self.membership is not None

    @property
    def box_id(self):
        return self.box.id

    def ids(self):
        return frozenset({self.box.id})

    def sign(self, kind, value):
        return self.box.key.sign(kind, value)


class Outbox:
    def __init__(self):
        self.rows = {}

    async def put(self, message):
        self.rows.setdefault(message.id, message)


class Catalog:
    """The release's recipes, and those that a test lists."""

    def __init__(self):
        self._release = RELEASE
        self.listed = {}

    def list(self, toml):
        recipe = decode_recipe(toml, "listed")
        approval = Approval(by="catalog", name="central", role=f"org.{recipe.id.partition('.')[0]}")
        self.listed[recipe.id] = entry(toml, recipe, approval).recipe

    @property
    def recipes(self):
        return (*self._release.recipes, *self.listed.values())

    def find(self, model):
        found = self.listed.get(model)
        return (found, found.forms[0]) if found else self._release.find(model)

    def toml_of(self, model):
        return self._release.toml_of(model)


@dataclass(frozen=True)
class Shared:
    recipe: object

    @property
    def sharing(self):
        return self.recipe.sharing


class Own:
    """What the lab shares: what its list has."""

    def __init__(self):
        self.models = ()


class Serving:
    def __init__(self):
        self.stopped = []

    async def stop_serving(self, recipe_id):
        self.stopped.append(recipe_id)


class Everybody:
    """Whoever asks is let in."""

    def check(self, caller, model):
        """Nothing stands against it."""

    def rename(self, caller, model):
        return model


class Readers:
    """Keys of reviewers: none, until a test gives one."""

    def __init__(self):
        self.keys = {}

    @property
    def count(self):
        return len(self.keys)

    def seal(self, content):
        return tuple((one, key.seal(content)) for one, key in self.keys.items())


class Told(SilentLog):
    """What was wrong with letters, in words."""

    def __init__(self):
        self.why = []

    def warning(self, event, **facts):
        self.why.append(facts["why"])


class Ledger:
    def __init__(self):
        self.given = []

    async def adjust(self, **given):
        self.given.append(given)


class Lab:
    """A box, all of it that has to do with letters."""

    def __init__(self, desk: DeskForTests, folder, institution, organization=""):
        self.desk, self.folder, self.institution, self.organization = desk, folder, institution, organization
        self.clock, self.log = Clock(desk), Told()
        self.opener = OwnSealingKey(folder / "sealing.json")
        self.box = BoxForTests(desk)
        code = desk.code(institution, organization)
        message = msgspec.structs.replace(self.box.enroll_message(code), sealing_key=self.opener.public())
        desk.send(self.box.key, self.box.key.sign(kinds.ENROLL, message))

    async def open(self) -> "Lab":
        self.store = Store.open(self.folder / "data" / "carrel.db", self.clock)
        self.people = await people(self.store, self.clock)
        self.identity, self.outbox = Identity(self.box, self.organization), Outbox()
        self.catalog, self.own, self.serving = Catalog(), Own(), Serving()
        self.ledger, self.readers = Ledger(), Readers()
        kept = self.store.correspondence
        self.loans = Loans(PeerBook(kept.peers), BorrowBook(kept.borrowed, self.clock))
        await self.loans.load()
        self.restrictions = RestrictionBook(lambda _model: "open")
        self.secrets = Secrets(self.folder / "data" / "upstream-keys")
        self.sender = LetterSender(kept.letters, self.identity, self.outbox, self.clock)
        self._lend()
        self._report()
        takers = (
            AccessLetters(
                self.loans.peers,
                PeerRequests(self.loans.peers, self.own, self.clock, SilentLog()),
                self.lending,
                self.borrowing,
            ),
            FlawLetters(self.coming, self.travelling),
        )
        self.sender.tell(takers)
        self.receiver = LetterReceiver(
            kept.letters,
            self.identity,
            self.opener,
            takers,
            organization=lambda: self.organization,
            clock=self.clock,
            log=self.log,
        )
        return self

    def _lend(self):
        rooms = PeerRooms(
            projects=self.people.projects,
            directory=self.people.directory,
            keys=self.people.keys,
            allocations=self.store.allocations,
            restrictions=self.store.restrictions,
            book=self.restrictions,
            own=self.own,
            clock=self.clock,
        )
        self.lending = LendingService(self.loans.peers, rooms, self.sender, self.clock)
        self.borrowing = BorrowingService(
            self.loans.borrowed,
            self.catalog,
            self.people.directory,
            self.sender,
            sealing=self.opener,
            secrets=self.secrets,
            serving=self.serving,
            clock=self.clock,
        )
        self.offering = OfferService(self.catalog, self.identity, self.own, self.opener, lambda _recipe: None)

    def _report(self):
        kept, reports = self.store.correspondence, self.store.reports
        self.filing = Filing(
            reports=reports,
            names=self.catalog,
            admission=Everybody(),
            keys=self.readers,
            clock=self.clock,
            days=30,
            journeys=kept.travel,
        )
        self.reviews = ReportReviews(
            reports=reports,
            filing=self.filing,
            sealed=self.store.sealed,
            paying=self.ledger,
            reproducer=None,
            directory=self.people.directory,
            clock=self.clock,
            log=SilentLog(),
            journeys=kept.travel,
        )
        self.own_reports = OwnReports(reports, self.filing, kept.travel)
        self.travelling = TravelService(reports, kept.travel, self.catalog, self.sender, self.clock)
        self.coming = ComingReports(
            kept.travel, self.own, self.readers, self.sender, clock=self.clock, days=30
        )
        self.reviews.on_triaged(self.coming.decided)

    async def sync(self):
        """Send what waits, then read what is there."""
        await self.sender.compose()
        rows, self.outbox.rows = self.outbox.rows, {}
        for one in rows.values():
            try:
                self.desk.send(self.box.key, one.token)
            except Refused as error:
                refusal = Refusal(one.id, one.kind, error.name, error.title, {})
                if not await self.sender.refused(refusal):
                    self.outbox.rows[one.id] = one
        for token in self.letters():
            await self.read(token)

    def letters(self):
        """Statements that bring letters, as the registry signs them."""
        return [one for one in self.box.sync().items if kind_of(one) == kinds.FORWARDED]

    async def read(self, token):
        """One of them, as a sync hands it over."""
        key = self.desk.signers.statements.public
        payload = unfold(token, kinds.FORWARDED, PublicKey.parse(key.text))
        jti = msgspec.json.decode(payload, type=Forwarded).jti
        await self.receiver.take(Item(kinds.FORWARDED, token, payload, key.id))
        self.box.say(kinds.RECEIVED, Received, items=(jti,))

    def caller(self, secret) -> Caller:
        return self.people.keys.ring.recognize(secret)

    def close(self):
        self.store.close()


@dataclass
class TwoLabs:
    """``north`` hosts a model that others may ask, ``south`` is another lab."""

    desk: DeskForTests
    north: Lab
    south: Lab

    async def list(self, *others, **said):
        """North shares its model, and everybody sees it."""
        given = {"tier": None, "restrictions": None, "prompt_credits": "2", "answer_credits": "5"}
        made = await self.north.offering.entry(
            model="handbook-tiny", record=RECORD, address="https://north.example:7411", **(given | said)
        )
        recipe = decode_recipe(made.toml.encode(), "listed").value()
        self.north.own.models = (Shared(recipe),)
        for lab in (self.south, *others):
            lab.catalog.list(made.toml.encode())
        return made

    async def sync(self, *others):
        for lab in itertools.chain((self.south, self.north), others, (self.south, self.north), others):
            await lab.sync()

    async def asked(self, **said):
        """South has asked, and north has its request."""
        await ask(self.south, **said)
        await self.sync()
        (line,) = (await self.north.lending.requests(all=False)).peers
        return line

    async def granted(self, **said):
        line = await self.asked()
        await decide(self.north, line.id, grant=True, **said)
        await self.sync()
        return line.id


async def ask(lab, **said):
    given = {"purpose": "A seminar", "project": None, "contact": None, "requests_per_day": None, "days": None}
    return await lab.borrowing.request(model=LISTED, actor=OPERATOR, **(given | said))


async def decide(lab, id, **said):
    given = {
        "grant": False, "deny": False, "reason": None, "credits": "2", "requests_per_day": None, "days": None,
        "conditions": None,
    }  # fmt: skip
    return await lab.lending.decide(id=id, actor=OPERATOR, **(given | said))
