"""Joins enrollment, syncs and sticks: how what all parts say gets to the registry, and its word to them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from appliance import __version__
from appliance.catalog.signed.trusting import TrustToml, pin
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.federation import Membership
from appliance.domain.log import Log
from appliance.domain.results import Result
from appliance.federation.exchange.http import HttpTransport
from appliance.federation.exchange.ports import Transport
from appliance.federation.protocol.enroll_code import EnrollCode
from appliance.outbound.address import Address
from appliance.outbound.client import Outbound
from appliance.services.federation.carrying import Carrying
from appliance.services.federation.catching_up import CatchingUp
from appliance.services.federation.composing import Composing
from appliance.services.federation.dispatching import Dispatcher, Times
from appliance.services.federation.enrolling import Enrolling
from appliance.services.federation.keeping import Keeping
from appliance.services.federation.notices import Budgets, Notices
from appliance.services.federation.ports import Receiver, RefusalListener
from appliance.services.federation.rotating import Rotating
from appliance.services.federation.sending import Sender
from appliance.services.federation.service import FederationService, Lines
from appliance.services.federation.syncing import Syncing
from appliance.store.store import Store
from appliance.wiring.building import Built
from appliance.wiring.grounds import Ground

_SOFTWARE: Final = f"carrel {__version__}"[:40]


@dataclass(slots=True)
class Parts:
    """Those that take part. ``close_today`` lets today count as over, for whoever reports."""

    composing: Composing
    receivers: list[Receiver]
    listeners: list[RefusalListener]
    lines: list[Lines]
    close_today: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Synced:
    """What answers operators, and what goes on in the background."""

    service: FederationService
    rotating: Rotating
    notices: Notices
    budgets: Budgets
    keeping: Keeping

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {**self.service.handlers(), **self.rotating.handlers(), **self.notices.handlers()}


async def syncing(
    ground: Ground, settings: Settings, built: Built, parts: Parts, *, clock: Clock, log: Log
) -> Synced:
    """Raises ``StorageUnavailable``."""
    store = built.store
    notices, budgets = Notices(store.federation, clock), Budgets(store.federation)
    await budgets.load()
    rotating = Rotating(ground.identity, ground.outbox, clock)
    parts.receivers += [rotating, notices, budgets]
    talk = await _talk(ground, settings, built, parts, clock=clock, log=log)
    lines = [*parts.lines, _clock(ground), _told(budgets)]
    service = _service(settings, built, parts, talk, lines, clock)
    keeping = Keeping(
        talk.syncing,
        store.federation,
        ground.identity,
        every_h=settings.sync_hours,
        switch=ground.switch,
        clock=clock,
        log=log,
    )
    return Synced(service, rotating, notices, budgets, keeping)


@dataclass(frozen=True, slots=True)
class _Talk:
    """How messages go and statements come."""

    ground: Ground
    times: Times
    dispatcher: Dispatcher
    sender: Sender
    catching_up: CatchingUp
    ways: "_Ways"
    syncing: Syncing


async def _talk(
    ground: Ground, settings: Settings, built: Built, parts: Parts, *, clock: Clock, log: Log
) -> _Talk:
    store = built.store
    times = Times(lambda: ground.clock.latest_s, ground.clock.learn)
    dispatcher = Dispatcher(
        parts.receivers,
        believing=ground.registries,
        who=ground.identity,
        seen=store.federation,
        times=times,
        clock=clock,
        log=log,
    )
    sender = Sender(store.outbox, store.federation, dispatcher, parts.listeners, clock=clock, log=log)
    catching_up = CatchingUp(built.catalogs, built.signed, ground.registries)
    ways = _Ways(settings, ground)
    syncing = Syncing(
        who=ground.identity,
        rows=store.outbox,
        remembered=store.federation,
        composing=parts.composing,
        sender=sender,
        catching_up=catching_up,
        connect=ways.to_membership,
        every_h=settings.sync_hours,
        software=_SOFTWARE,
        clock=clock,
        log=log,
    )
    await syncing.load()
    return _Talk(ground, times, dispatcher, sender, catching_up, ways, syncing)


def _service(  # noqa: PLR0917 - as they are made
    settings: Settings, built: Built, parts: Parts, talk: _Talk, lines: list[Lines], clock: Clock
) -> FederationService:
    store, who, switch = built.store, talk.ground.identity, talk.ground.switch
    enrolling = _enrolling(settings, store, talk, clock)
    carrying = Carrying(
        who=who,
        rows=store.outbox,
        remembered=store.federation,
        composing=parts.composing,
        syncing=talk.syncing,
        sender=talk.sender,
        dispatcher=talk.dispatcher,
        enrolling=enrolling,
        catching_up=talk.catching_up,
        work=settings.places.data_dir / "federation",
        clock=clock,
    )
    return FederationService(
        who=who,
        rows=store.outbox,
        remembered=store.federation,
        notices=store.federation,
        enrolling=enrolling,
        syncing=talk.syncing,
        carrying=carrying,
        dispatcher=talk.dispatcher,
        lines=lines,
        close_today=parts.close_today or _nothing,
        by_hand=lambda: switch.offline or not settings.sync_hours,
        clock=clock,
    )


def _enrolling(settings: Settings, store: Store, talk: _Talk, clock: Clock) -> Enrolling:
    def trust(name: str, root: bytes, address: str, plain_http: bool) -> None:
        pin(settings.places.catalogs_dir, name, root, TrustToml(address=address, plain_http=plain_http))

    return Enrolling(
        who=talk.ground.identity,
        remembered=store.federation,
        catalogs=talk.catching_up,
        believing=talk.ground.registries,
        trust=trust,
        connect=talk.ways.to_code,
        sealing_key=talk.ground.sealing.public,
        latest_s=talk.times.latest_s,
        learn=talk.times.learn,
        switch=talk.ground.switch,
        software=_SOFTWARE,
        clock=clock,
    )


@dataclass(frozen=True, slots=True)
class _Ways:
    """To a registry over the network."""

    settings: Settings
    ground: Ground

    def to_membership(self, membership: Membership) -> Transport:
        """The one that the box belongs to. Raises ``ConfigInvalid``."""
        return self._to(membership.address, plain_http=membership.plain_http)

    def to_code(self, code: EnrollCode) -> Transport:
        """The one that a code names. Raises ``ConfigInvalid``."""
        return self._to(code.address, plain_http=code.plain_http)

    def _to(self, address: str, *, plain_http: bool) -> Transport:
        settings = self.settings
        outbound = Outbound(switch=self.ground.switch, proxy=settings.proxy, ca_file=settings.ca_file)
        where = Address.parse(address, plain_http=plain_http)
        return HttpTransport(outbound, where, self.ground.identity.sign_as)


def _told(budgets: Budgets) -> Lines:
    async def lines() -> tuple[tuple[str, str], ...]:
        return budgets.lines()

    return lines


def _clock(ground: Ground) -> Lines:
    async def lines() -> tuple[tuple[str, str], ...]:
        words = ground.clock.words()
        return (("clock", words.trouble or "believed"),)

    return lines


async def _nothing() -> None:
    """Where nobody reports."""
