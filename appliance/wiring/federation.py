"""Joins what this box says to its registry and is told by it."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
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

Handlers = Mapping[str, Callable[..., Awaitable[Result]]]


@dataclass(frozen=True, slots=True)
class Federation:
    """What answers operators and goes on in the background; ``weights`` answers other boxes."""

    ground: Ground
    weights: SharedWeights
    service: FederationService
    tables: tuple[Handlers, ...]
    background: tuple[Callable[[], Coroutine[Any, Any, None]], ...]
    """Each runs until it is cancelled."""
    watched: tuple[Callable[[], tuple[str, ...]], ...]
    """What has alarms to tell in ``status``."""

    def handlers(self) -> Handlers:
        """Operator actions and who carries them out."""
        return {name: handler for table in self.tables for name, handler in table.items()}

    def alarms(self) -> tuple[str, ...]:
        """Sentences that an operator has to see."""
        return tuple(sentence for one in self.watched for sentence in one())

    def line(self) -> str:
        """Where the box belongs, in a line of ``status``."""
        return self.service.line()


@dataclass(frozen=True, slots=True)
class _Joined:
    """What parts of the federation bring, in the order in which they are asked."""

    composers: list[Composer] = field(default_factory=list)
    receivers: list[Receiver] = field(default_factory=list)
    listeners: list[RefusalListener] = field(default_factory=list)
    tables: list[Handlers] = field(default_factory=list)
    background: list[Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=list)
    watched: list[Callable[[], tuple[str, ...]]] = field(default_factory=list)
    lines: list[Lines] = field(default_factory=list)
    """What each has to say in `carrel fed status`."""

    def part(
        self,
        composer: Composer,
        listener: RefusalListener,
        *receivers: Receiver,
        handlers: Handlers,
    ) -> None:
        """One that says something, and waits for answers."""
        self.composers.append(composer)
        self.listeners.append(listener)
        self.receivers.extend(receivers)
        self.tables.append(handlers)


async def federation(
    ground: Ground, settings: Settings, built: Built, *, clock: Clock, log: Log
) -> Federation:
    """The services. ``built`` has what is there already."""
    joined = _Joined()
    composing = Composing(joined.composers, ground.identity, log)
    asking = applying(ground, built, clock)
    joined.part(asking.sent, asking.sent, asking.answers, handlers=asking.service.handlers())
    _lease(joined, ground, settings, built)
    reports = await reporting(ground, settings, built, compose=composing.compose, log=log)
    joined.part(
        reports.composer,
        reports.acknowledgements,
        reports.acknowledgements,
        reports.spots,
        handlers=reports.handlers(),
    )
    joined.background.extend((reports.count_refusals, reports.tidy))
    joined.watched.append(reports.telling.alarms)
    joined.lines.append(reports.service.lines)
    shared = await sharing(ground, settings, built, clock=clock, log=log)
    joined.part(shared.teller, shared.teller, shared.statements, handlers=shared.handlers())
    mail = letters(ground, settings, built, shared.own, clock=clock, log=log)
    joined.part(mail.sender, mail.sender, mail.receiver, handlers=mail.handlers())
    # Last: it is given all of them.
    parts = Parts(composing, joined.receivers, joined.listeners, joined.lines, reports.composer.compose_today)
    synced = await syncing(ground, settings, built, parts, clock=clock, log=log)
    return Federation(
        ground=ground,
        service=synced.service,
        weights=shared.weights,
        tables=(*joined.tables, synced.handlers()),
        background=(*joined.background, synced.keeping.run),
        watched=(*joined.watched, synced.budgets.alarms),
    )


def _lease(joined: _Joined, ground: Ground, settings: Settings, built: Built) -> None:
    leasing = lease_sync(ground, settings, built)
    built.people.projects.warn_with(leasing.classes.warnings)
    joined.part(leasing.requester, leasing.refusals, leasing.receiver, handlers=leasing.wishes.handlers())
    joined.lines.append(leasing.lines)
    joined.background.append(ground.clock.run)
    joined.watched.extend((ground.clock.alarms, leasing.alarms))
