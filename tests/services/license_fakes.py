"""Licenses over tables in memory, with a real key and a service that only notes what it is told."""

from dataclasses import dataclass, field, replace

from appliance.domain.license import LicenseTerms
from appliance.domain.people import Caller
from appliance.errors import ModelNotFound
from appliance.services.licenses.book import AcceptanceBook
from appliance.services.licenses.licenses import LicenseService
from appliance.services.licenses.own import OwnLicenses
from appliance.services.licenses.permits import Permits
from appliance.services.licenses.records import Records
from appliance.services.licenses.register import Register
from tests.models.fakes import recipe

TEXT, NEW_TEXT = "a1" * 32, "c3" * 32
ADA, BOB = Caller("key_a", "default", "nlp"), Caller("key_b", "default", "vision")
TERMS = LicenseTerms("LicenseRef-box", text_sha256=TEXT, acceptance="institution")


class AcceptancesInMemory:
    """``refuses`` makes the disk say no."""

    def __init__(self):
        self.rows = []
        self.refuses = None

    async def add(self, acceptance):
        self._check()
        self.rows.append(acceptance)

    async def withdraw(self, ids, now_ms):
        self._check()
        self.rows = [replace(one, withdrawn_ms=now_ms) if one.id in ids else one for one in self.rows]

    async def all(self):
        return list(self.rows)

    def _check(self):
        if self.refuses is not None:
            raise self.refuses


class Gated:
    """Tiers: nobody has a grant until ``granted`` says so."""

    def __init__(self):
        self.granted = False

    def is_open_to(self, caller, recipe):
        return self.granted or recipe.tier == "open"

    def lacks_for_box(self, model, tier):
        return "" if self.granted or tier == "open" else f"No grant for {model}."

    def current_grants(self, model, tier):
        return int(self.granted)


class Texts:
    """Known texts by hash."""

    def __init__(self):
        self.known = {TEXT: "Do no harm.", NEW_TEXT: "Do no harm at all."}

    def text(self, sha256):
        return self.known.get(sha256)


class ShopOfModels:
    """``small`` wants an acceptance, ``each`` everybody's, ``gated`` a grant, ``open`` nothing."""

    def __init__(self):
        self.recipes = [
            replace(recipe("small"), terms=TERMS),
            replace(recipe("each"), terms=replace(TERMS, acceptance="person")),
            replace(recipe("gated"), tier="approved"),
            recipe("open"),
        ]

    def change(self, model, **terms):
        self.recipes = [
            replace(one, terms=replace(one.terms, **terms)) if one.id == model else one
            for one in self.recipes
        ]

    def drop(self, model):
        self.recipes = [one for one in self.recipes if one.id != model]

    def find(self, model_id):
        for one in self.recipes:
            if (form := one.form_of(model_id)) is not None:
                return one, form
        raise ModelNotFound("No such model.")


class NotedService:
    """Notes who was ended, and why."""

    def __init__(self):
        self.ended = []
        self.stopped = []

    def end_requests(self, recipe_id, error, *, project="", holder=""):
        self.ended.append((recipe_id, project, holder, error))

    async def stop_serving(self, recipe_id):
        self.stopped.append(recipe_id)


@dataclass
class Bureau:
    """All services of licenses, over one set of tables."""

    clock: object
    key: object
    acceptances: AcceptancesInMemory = field(default_factory=AcceptancesInMemory)
    tiers: Gated = field(default_factory=Gated)
    texts: Texts = field(default_factory=Texts)
    catalog: ShopOfModels = field(default_factory=ShopOfModels)
    service: NotedService = field(default_factory=NotedService)

    def __post_init__(self):
        self.open()

    def open(self):
        """As a box does when it starts; nothing is loaded yet."""
        self.register = Register()
        self.permits = Permits(self.register, tiers=self.tiers)
        self.book = AcceptanceBook(self.acceptances, Records(lambda: self.key), self.register, self.clock)
        shared = {"catalog": self.catalog, "texts": self.texts, "book": self.book}
        shared |= {"permits": self.permits, "service": self.service}
        self.licenses = LicenseService(**shared)
        self.own = OwnLicenses(**shared)

    async def accept(self, model="small", text=TEXT[:12], **more):
        words = {"who": "Dr. A", "authority": "head of the lab", "purpose": "study", **more}
        return await self.licenses.accept(model=model, text=text, **words)

    def recipe(self, model):
        return self.catalog.find(model)[0]
