"""Joins what this box says to its registry and is told by it."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from appliance.api.shared_weights import SharedWeights
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.results import Result
from appliance.services.federation.composing import Composing
from appliance.services.federation.ports import Composer, Receiver, RefusalListener
from appliance.services.federation.service import FederationService, Lines
from appliance.wiring.applications import applying
from appliance.wiring.building import Built
from appliance.wiring.grounds import Ground
from appliance.wiring.lease_sync import lease_sync
from appliance.wiring.letters import letters
from appliance.wiring.sharing import sharing
from appliance.wiring.syncing import Parts, syncing
from appliance.wiring.usage_reports import reporting


@dataclass(frozen=True, slots=True)
class Federation:
    """What answers operators and goes on in the background; ``weights`` answers other boxes."""

    ground: Ground
    weights: SharedWeights
    service: FederationService
    tables: tuple[Mapping[str, Callable[..., Awaitable[Result]]], ...]
    background: tuple[Callable[[], Coroutine[Any, Any, None]], ...]
    """Each runs until it is cancelled."""
    watched: tuple[Callable[[], tuple[str, ...]], ...]
    """What has alarms to tell in ``status``."""

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {name: handler for table in self.tables for name, handler in table.items()}

    def alarms(self) -> tuple[str, ...]:
        """Sentences that an operator has to see."""
        return tuple(sentence for one in self.watched for sentence in one())

    def line(self) -> str:
        """Where the box belongs, in a line of ``status``."""
        return self.service.line()


async def federation(
    ground: Ground, settings: Settings, built: Built, *, clock: Clock, log: Log
) -> Federation:
    """The services. ``built`` has what is there already."""
    composers: list[Composer] = []
    receivers: list[Receiver] = []
    listeners: list[RefusalListener] = []
    tables: list[Mapping[str, Callable[..., Awaitable[Result]]]] = []
    background: list[Callable[[], Coroutine[Any, Any, None]]] = []
    watched: list[Callable[[], tuple[str, ...]]] = []
    lines: list[Lines] = []
    """What each part has to say in `carrel fed status`."""
    composing = Composing(composers, ground.identity, log)
    asking = applying(ground, built, clock)
    composers.append(asking.sent)
    receivers.append(asking.answers)
    listeners.append(asking.sent)
    tables.append(asking.service.handlers())
    leasing = lease_sync(ground, settings, built)
    built.people.projects.warn_with(leasing.classes.warnings)
    composers.append(leasing.requester)
    receivers.append(leasing.receiver)
    listeners.append(leasing.refusals)
    tables.append(leasing.wishes.handlers())
    lines.append(leasing.lines)
    background.append(ground.clock.run)
    watched += [ground.clock.alarms, leasing.alarms]
    reports = await reporting(ground, settings, built, compose=composing.compose, log=log)
    composers.append(reports.composer)
    receivers += [reports.acknowledgements, reports.spots]
    listeners.append(reports.acknowledgements)
    tables.append(reports.handlers())
    background += [reports.count_refusals, reports.tidy]
    watched.append(reports.telling.alarms)
    lines.append(reports.service.lines)
    shared = await sharing(ground, settings, built, clock=clock, log=log)
    composers.append(shared.teller)
    receivers.append(shared.statements)
    listeners.append(shared.teller)
    tables.append(shared.handlers())
    mail = letters(ground, settings, built, shared.own, clock=clock, log=log)
    composers.append(mail.sender)
    receivers.append(mail.receiver)
    listeners.append(mail.sender)
    tables.append(mail.handlers())
    synced = await syncing(
        ground,
        settings,
        built,
        Parts(composing, receivers, listeners, lines, reports.composer.compose_today),
        clock=clock,
        log=log,
    )
    tables.append(synced.handlers())
    background.append(synced.keeping.run)
    watched.append(synced.budgets.alarms)
    return Federation(
        ground=ground,
        service=synced.service,
        weights=shared.weights,
        tables=tuple(tables),
        background=tuple(background),
        watched=tuple(watched),
    )
