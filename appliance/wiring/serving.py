"""Joins both apps with what they answer from, each on its listener."""

import os
from dataclasses import dataclass

from litestar.types import ASGIApp

from appliance.api.admin import admin_app
from appliance.api.health import Readiness
from appliance.api.openai.routes import ApiLimits
from appliance.api.overnight import Overnight
from appliance.api.public import public_app
from appliance.api.shared_weights import SharedWeights
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.edge.bodies import BodyLimits
from appliance.edge.listening import Listener
from appliance.edge.noting import AllNote, Noting
from appliance.outbound.switch import Switch
from appliance.services.binding import Operations
from appliance.services.classes.joining import Joining
from appliance.services.watching.watching import Watching
from appliance.store.store import Store
from appliance.wiring.checks import Checks
from appliance.wiring.class_requests import ClassRequests
from appliance.wiring.computing import Computing
from appliance.wiring.lan import Lan
from appliance.wiring.ledger import Budgeting
from appliance.wiring.licenses import Licenses, Licensing
from appliance.wiring.listening import admin_listener, outermost, public_listener
from appliance.wiring.machinery import Machinery
from appliance.wiring.manners import manners
from appliance.wiring.overnight import overnight
from appliance.wiring.oversight import Oversight
from appliance.wiring.pages import Around, with_pages
from appliance.wiring.people import People
from appliance.wiring.privacy import Privacy
from appliance.wiring.restrictions import Restricting
from appliance.wiring.sessions import Signing


@dataclass(frozen=True, slots=True)
class Serving:
    """What is reached over the network and over the socket, and what goes on in the night."""

    overnight: Overnight
    app: ASGIApp
    """What every socket of TCP serves."""
    public: Listener
    admin: Listener
    watching: Watching


def serving(
    settings: Settings,
    machine: Machinery,
    work: Computing,
    *,
    store: Store,
    people: People,
    seen: Oversight,
    restricting: Restricting,
    licenses: Licenses,
    checks: Checks,
    privacy: Privacy,
    budgets: Budgeting,
    operations: Operations,
    readiness: Readiness,
    weights: SharedWeights,
    switch: Switch,
    signing: Signing,
    lessons: ClassRequests,
    licensing: Licensing,
    joining: Joining,
    lan: Lan,
    refusals: Noting,
    clock: Clock,
    log: Log,
) -> Serving:
    """Nothing listens yet."""
    limits = ApiLimits(body=BodyLimits(settings.body_limit_bytes, settings.body_timeout_s))
    nights = overnight(
        settings,
        store=store,
        generator=work.generator,
        people=people,
        limits=limits,
        origins=restricting.origins,
        clock=clock,
        log=log,
    )
    manner = manners(
        settings,
        store=store,
        people=people,
        seen=seen,
        models=machine.models,
        queue=machine.queue,
        runs=work.generator.runs,
        restricting=restricting,
        counting=work.counting,
        alarms=machine.alarms,
        connections=lambda: listener.connections + lan.connections,
        licenses=licenses,
        reports=checks.flaws.own,
        policy=privacy.policy,
        budgets=budgets,
        operations=operations,
        weights=weights,
        switch=switch,
        lessons=lessons,
        noting=AllNote(lessons.troubles, refusals),
        clock=clock,
    )
    public = public_app(
        authenticator=people.keys,
        generations=work.generator,
        tokenizing=work.tokenizing,
        directory=lessons.listed,
        readiness=readiness,
        log=log,
        manners=manner,
        overnight=nights,
        limits=limits,
        sessions=signing.sessions,
        plain=signing.plain,
    )
    around = Around(
        store=store,
        people=people,
        machine=machine,
        work=work,
        licensing=licensing,
        licenses=licenses,
        operations=operations,
        signing=signing,
        lessons=lessons,
        joining=joining,
        lan=lan,
        switch=switch,
    )
    app = outermost(with_pages(public, around, manner, clock, log), work.counting, settings)
    listener = public_listener(app, settings, clock, log)
    watching = Watching(operations, log)
    admin = admin_app(operations, own_uid=os.getuid(), log=log, known=people.logins.known, watching=watching)
    return Serving(nights, app, listener, admin_listener(admin, settings, clock, log), watching)
