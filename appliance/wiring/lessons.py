"""Joins classes with who signs in to them."""

from dataclasses import dataclass

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.outbound.switch import Switch
from appliance.services.classes.door import ClassDoor
from appliance.wiring.building import Built
from appliance.wiring.class_requests import ClassRequests
from appliance.wiring.classes import Around, Classes, classes
from appliance.wiring.ledger import Budgeting
from appliance.wiring.sessions import Signing, signing


@dataclass(frozen=True, slots=True)
class Lessons:
    """What pages ask of both."""

    classes: Classes
    signing: Signing


async def lessons(
    settings: Settings,
    built: Built,
    asking: ClassRequests,
    *,
    budgets: Budgeting,
    door: ClassDoor,
    switch: Switch,
    clock: Clock,
    log: Log,
) -> Lessons:
    """Nobody comes yet. Sessions that are on the disk are known."""
    signed_in = await signing(
        settings,
        built.store,
        built.people,
        asking.book,
        asking.rehearsals,
        alerts=built.checked.telling.alerts,
        clock=clock,
        log=log,
    )
    signed_in.sessions.on_begun(asking.first_uses.used)
    around = Around(
        store=built.store,
        people=built.people,
        machine=built.machine,
        work=built.work,
        requests=asking,
        restricting=built.restricting,
        budgets=budgets,
        door=door,
        offline=lambda: switch.offline,
        plain=signed_in.plain,
    )
    return Lessons(classes(settings, around, clock=clock, log=log), signed_in)
