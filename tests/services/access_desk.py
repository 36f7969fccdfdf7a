"""All services of access over tables in memory, with a real key and a service that only notes."""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.people import Caller, Membership, Person, Project, Role
from appliance.errors import ModelNotFound
from appliance.services.access.agreement_service import AgreementService
from appliance.services.access.agreements import AgreementBook
from appliance.services.access.applying import ApplicationService
from appliance.services.access.asking_registry import AskedBook
from appliance.services.access.countersigning import CountersigningService
from appliance.services.access.deciding import AccessRule
from appliance.services.access.early import EarlyBook
from appliance.services.access.early_service import EarlyService
from appliance.services.access.granting import GrantService
from appliance.services.access.grants import GrantBook
from appliance.services.access.records import SignatureRecords
from appliance.services.access.registry_standing import RegistryStanding
from appliance.services.access.sending_applications import RegistryAnswers, SentApplications
from appliance.services.access.waiting import WaitingApplications
from appliance.services.licenses.permits import Permits
from appliance.services.licenses.register import Register
from appliance.services.registries.countersignatures import CountersignatureBook
from appliance.services.registries.lease_service import LeaseService
from appliance.services.registries.leases import LeaseBook
from appliance.services.registries.status_lists import StatusBook
from appliance.trust.box_key import BoxKey
from appliance.trust.registry_keys import RegistryKeys
from tests.models.fakes import recipe
from tests.services.registry_fakes import (
    AskedRows,
    NoRequests,
    OutboxRows,
    OwnBox,
    StatusListRows,
    TrustedStill,
)
from tests.services.registry_stand_in import Registry

ROOT = Actor("uid 0", Permission.ADMIN)
KEY_OF_NOBODY = Caller("key_a", "default", "nlp")


def member(person, project="nlp"):
    return Actor(person, Permission.MEMBER, person, project, "10.0.0.7")


def reviewer(person):
    return Actor(f"uid of {person}", Permission.REVIEW, person)


def caller(person, project="nlp"):
    return Caller(f"key_{person}", person, project)


class Rows:
    """What every table in memory is made of; ``refuses`` makes the disk say no."""

    def __init__(self):
        self.rows = []
        self.refuses = None

    def check(self):
        if self.refuses is not None:
            raise self.refuses

    async def all(self):
        return list(self.rows)


class AgreementRows(Rows):
    def __init__(self):
        super().__init__()
        self.signed = []

    async def publish(self, agreement):
        self.check()
        self.rows.append(agreement)

    async def sign(self, signature):
        self.check()
        self.signed.append(signature)

    async def versions(self):
        return list(self.rows)

    async def signatures(self):
        return list(self.signed)


class GrantRows(Rows):
    async def give(self, grant):
        await self.revoke(grant, 0)
        self.rows.append(grant)

    async def revoke(self, grant, now_ms):
        self.check()
        place = (grant.project_id, grant.model, grant.tier)
        self.rows = [one for one in self.rows if (one.project_id, one.model, one.tier) != place]


class ApplicationRows(Rows):
    async def add(self, application):
        self.check()
        self.rows.append(application)

    async def decide(self, decided):
        self.check()
        self.rows = [decided if one.id == decided.id else one for one in self.rows]
        return True

    async def get(self, application_id):
        return next((one for one in self.rows if one.id == application_id), None)

    async def open(self):
        return [one for one in self.rows if one.state == "open"]

    async def of_person(self, person_id, *, since_ms=0, most=200):
        mine = [one for one in self.rows if one.person_id == person_id and one.applied_ms >= since_ms]
        return mine[::-1][:most]


class StageRows(Rows):
    async def put(self, stage, now_ms):
        self.check()
        await self.end(stage.model)
        self.rows.append(stage)

    async def end(self, model):
        self.rows = [one for one in self.rows if one.model != model]


class StatementRows(Rows):
    async def add(self, jti, token, now_ms):
        self.check()
        self.rows.append(token)


class Shop:
    """One model of each tier, called as its tier; ``small`` is open."""

    def __init__(self):
        tiers = ("registered", "approved", "restricted")
        self.recipes = [recipe("small"), *(replace(recipe(tier), tier=tier) for tier in tiers)]

    def find(self, model_id):
        for one in self.recipes:
            if (form := one.form_of(model_id)) is not None:
                return one, form
        raise ModelNotFound("No such model.")


class Noted:
    """Notes who was ended, and why."""

    def __init__(self):
        self.ended = []
        self.ended_now = asyncio.Event()

    def end_requests(self, recipe_id, error, *, project="", holder=""):
        self.ended.append((recipe_id, project, holder, error))
        self.ended_now.set()


@dataclass
class AccessDesk:
    """``open`` builds everything anew over the same tables, as a start does."""

    clock: object
    directory: object
    folder: Path
    agreement_rows: AgreementRows = field(default_factory=AgreementRows)
    grant_rows: GrantRows = field(default_factory=GrantRows)
    application_rows: ApplicationRows = field(default_factory=ApplicationRows)
    stage_rows: StageRows = field(default_factory=StageRows)
    countersigned_rows: StatementRows = field(default_factory=StatementRows)
    lease_rows: StatementRows = field(default_factory=StatementRows)
    list_rows: StatusListRows = field(default_factory=StatusListRows)
    asked_rows: AskedRows = field(default_factory=AskedRows)
    outbox: OutboxRows = field(default_factory=OutboxRows)
    catalog: Shop = field(default_factory=Shop)
    service: Noted = field(default_factory=Noted)

    def __post_init__(self):
        self.key = BoxKey.at(self.folder / "box-key.pem")
        self.owner = OwnBox(self.key)
        self.trusted = TrustedStill(self.clock)
        self.registry = Registry(self.folder)
        self.registry.trusted_in(self.folder / "registry-keys")

    @property
    def box(self):
        return self.key.public.id

    async def open(self):
        registries = RegistryKeys(self.folder / "registry-keys")
        self.agreements = AgreementBook(self.agreement_rows, SignatureRecords(lambda: self.key), self.clock)
        self.grant_book = GrantBook(self.grant_rows, self.clock)
        self.countersignatures = CountersignatureBook(
            self.countersigned_rows, registries, self.owner, self.grant_book, self.trusted
        )
        statuses = StatusBook(self.list_rows, registries)
        self.leases = LeaseBook(self.lease_rows, registries, self.owner, self.trusted, statuses)
        self.asked = AskedBook(self.asked_rows, self.clock)
        self.standing = RegistryStanding(
            enrolled=lambda: self.owner.enrolled,
            by_hand=lambda: registries.present,
            asked=self.asked,
            countersignatures=self.countersignatures,
            clock=self.clock,
        )
        self.waiting = WaitingApplications(self.application_rows)
        self.early_book = EarlyBook(self.stage_rows, self.clock)
        for one in (
            self.agreements,
            self.grant_book,
            self.countersignatures,
            self.leases,
            self.asked,
            self.waiting,
            self.early_book,
        ):
            await one.load()
        self.rule = AccessRule(
            self.directory,
            agreements=self.agreements,
            grants=self.grant_book,
            countersignatures=self.countersignatures,
            waiting=self.waiting,
            early=self.early_book,
            standing=self.standing,
            clock=self.clock,
        )
        self.agreeing = AgreementService(self.agreements, self.directory, self, self.clock)
        self.granting = GrantService(
            catalog=self.catalog,
            directory=self.directory,
            book=self.grant_book,
            countersignatures=self.countersignatures,
            standing=self.standing,
            service=self.service,
            clock=self.clock,
            leases=Permits(Register(), self.leases),
        )
        self.applying = ApplicationService(
            applications=self.application_rows,
            waiting=self.waiting,
            agreements=self.agreements,
            grants=self.granting,
            directory=self.directory,
            clock=self.clock,
        )
        self.early = EarlyService(self.early_book, self.catalog, self.directory, self.service, self.clock)
        self.leasing = LeaseService(
            self.leases,
            registries,
            lambda: self.box,
            self.trusted,
            requests=NoRequests(),
            trouble=lambda: "",
        )
        self.countersigning = CountersigningService(
            applications=self.application_rows,
            grants=self.granting,
            book=self.asked,
            identity=self.owner,
            clock=self.clock,
        )
        self.sent = SentApplications(self.asked, self.owner, self.outbox)
        self.answers = RegistryAnswers(self.asked, self.countersignatures)

    async def describe(self, project, purpose):
        """What a project does, as the service of projects keeps it."""
        self.directory.put_project(replace(self.directory.project(project), purpose=purpose))

    def joins(self, person, project="nlp", part="member", role="member"):
        if self.directory.project(project) is None:
            self.directory.put_project(Project(project, project, 1, purpose="A study."))
        self.directory.put_person(Person(person, person.title(), 1, role=Role(role)))
        self.directory.put_member(Membership(project, person, part, 1))

    def lacks(self, model, who):
        return self.rule.decision(who, self.catalog.find(model)[0]).lacks

    async def signs(self, person="ada", project="nlp", **more):
        digits = self.agreements.current("conduct").text_sha256[:12]
        return await self.agreeing.sign(project=project, actor=member(person, project), text=digits, **more)

    async def applies(self, person="ada", model="approved", **more):
        words = {
            "project": "nlp",
            "affiliation": "Uni",
            "intended_use": "A study.",
            "agreement": self.agreements.current("access").text_sha256[:12],
            **({} if "tier" in more else {"model": model}),
            **more,
        }
        return await self.applying.apply(person=person, actor=member(person), **words)
