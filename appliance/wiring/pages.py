"""Joins the pages with what they show, and puts them beside the API."""

import socket
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from litestar.types import ASGIApp

from appliance import __version__
from appliance.api.manners import Manners
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.people import Caller
from appliance.edge.doors import Doors
from appliance.errors import ModelNotFound
from appliance.lan.interfaces import candidates, interfaces
from appliance.outbound.switch import Switch
from appliance.policy.licenses import Act
from appliance.services.binding import Operations
from appliance.services.classes.joining import Joining
from appliance.store.store import Store
from appliance.web.app import web_app
from appliance.web.offering import Offering, PresentModel, Wanting
from appliance.web.parts import Naming, WebParts
from appliance.web.paths import is_page
from appliance.wiring.class_requests import ClassRequests
from appliance.wiring.computing import Computing
from appliance.wiring.lan import Lan
from appliance.wiring.licenses import Licenses, Licensing
from appliance.wiring.machinery import Machinery
from appliance.wiring.page_answers import PageAnswers, memory_of
from appliance.wiring.people import People
from appliance.wiring.sessions import Signing


@dataclass(frozen=True, slots=True)
class Around:
    """What pages need of the rest of the box, beside what the API has."""

    store: Store
    people: People
    machine: Machinery
    work: Computing
    licensing: Licensing
    licenses: Licenses
    operations: Operations
    signing: Signing
    lessons: ClassRequests
    joining: Joining
    lan: Lan
    switch: Switch


def with_pages(api: ASGIApp, around: Around, manners: Manners, clock: Clock, log: Log) -> ASGIApp:
    """Pages for people at their paths, the API everywhere else."""
    pages = web_app(_parts(around, manners, clock, log))
    return Doors(pages=pages, api=api, is_page=is_page)


def _parts(around: Around, manners: Manners, clock: Clock, log: Log) -> WebParts:
    lessons = around.lessons
    return WebParts(
        naming=Naming(socket.gethostname().partition(".")[0], __version__, handbook_folder()),
        sessions=around.signing.sessions,
        plain=around.signing.plain,
        joining=around.joining,
        operations=around.operations,
        belonging=around.people.directory,
        standing=around.people.standing,
        accounts=manners.accounts,
        days=around.store.usage,
        licenses=around.licenses.own,
        classes=lessons.book,
        troubles=lessons.troubles,
        models=_offering(around, clock).of,
        answers=PageAnswers(around.work.generator, manners.noting),
        polls=lessons.polling,
        memory=memory_of(around.machine.models.show),
        outside=around.switch,
        door=around.lan.doors,
        clock=clock,
        log=log,
        authority=lambda: around.lan.authority_pem() or b"",
        addresses=lambda: [one.address for one in candidates(interfaces())],
    )


def handbook_folder() -> Path:
    """Where the handbook lies in the package."""
    return Path(str(resources.files("appliance"))) / "handbook"


def _offering(around: Around, clock: Clock) -> Offering:
    models = around.machine.models
    titles = models.permitting.names

    def present() -> list[PresentModel]:
        return [
            PresentModel(one.id, one.recipe.title, one.state, not one.recipe.pooling)
            for one in models.present
            if not one.lent
        ]

    def why_not(caller: Caller, model: str) -> str:
        try:
            recipe, form = models.permitting.find(model)
        except ModelNotFound:
            return ""
        licensed = around.licensing.permits.decision(recipe, Act.ANSWER, caller, form)
        if not licensed.allowed:
            return licensed.message
        ruled = around.licensing.access.rule.decision(caller, recipe)
        return "" if ruled.allowed else ruled.message

    def wanting(caller: Caller) -> list[Wanting]:
        return [
            Wanting(one.model, titles.find(one.model)[0].title, one.decision.message)
            for one in around.licenses.own_access.of(caller)
        ]

    return Offering(around.lessons.listed, present, why_not, wanting, around.lessons.book, clock)
