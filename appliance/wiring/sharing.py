"""Joins what this lab gives to others of its models, and what it shows when it fetches theirs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.results import Result
from appliance.errors import CarrelError
from appliance.federation.protocol.kinds import LEASE
from appliance.federation.protocol.statements import LeaseClaims
from appliance.services.registries.leases import LeaseBook
from appliance.services.sharing.admitting import Admission
from appliance.services.sharing.checking import ShareCheck
from appliance.services.sharing.giving import WeightGiving
from appliance.services.sharing.own_list import OwnList
from appliance.services.sharing.passes import PassMaker
from appliance.services.sharing.ports import Registries
from appliance.services.sharing.shelf import Shelf
from appliance.services.sharing.showing import ShareShowing
from appliance.services.sharing.statements import StatementReceiver, StatementShowing
from appliance.services.sharing.telling import ListTeller
from appliance.store.registry_statements import RegistryStatementTable
from appliance.store.store import Store
from appliance.weights.blobs import BlobStore
from appliance.weights.inspecting.process import InspectProcess
from appliance.wiring.building import Built
from appliance.wiring.grounds import Ground
from appliance.wiring.licenses import Licensing


@dataclass(frozen=True, slots=True)
class Sharing:
    """The services."""

    own: OwnList
    check: ShareCheck
    showing: ShareShowing
    teller: ListTeller
    weights: WeightGiving
    statements: StatementReceiver
    received: StatementShowing

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "share.check": self.check.check,
            "share.send": self.own.send,
            "share.list": self.showing.list_shares,
            "share.show": self.showing.show,
            "statement.received": self.received.received,
        }


async def sharing(ground: Ground, settings: Settings, built: Built, *, clock: Clock, log: Log) -> Sharing:
    """What is shared is read from the disk. Raises ``StorageUnavailable``, ``ConfigInvalid``."""
    store, catalog, files = built.store, built.catalog, built.machine.files
    own = OwnList(store.sharing.lists, ground.identity, settings.places.organization_dir, clock)
    await own.load()
    shelf = Shelf(own, BlobStore(settings.places.models_dir), catalog, files)
    on = settings.share_weights
    return Sharing(
        own=own,
        check=ShareCheck(ground.identity, catalog, files, InspectProcess()),
        showing=ShareShowing(own, catalog, store.sharing.fetches, serves=on),
        teller=ListTeller(own, ground.identity, ground.outbox, log),
        weights=WeightGiving(
            on=on,
            shelf=shelf,
            admission=Admission(ground.registries, built.licensing.access.leases, ground.clock),
            fetches=store.sharing.fetches,
            clock=clock,
            log=log,
        ),
        statements=StatementReceiver(store.sharing.statements, ground.identity, log),
        received=StatementShowing(store.sharing.statements, ground.registries),
    )


def pass_maker(ground: Ground, known: Licensing, store: Store) -> PassMaker:
    """What this box shows to others."""
    leases = _LeaseTokens(known.access.leases, store.leases, ground.registries)
    return PassMaker(ground.identity, leases, ground.clock)


@dataclass(frozen=True, slots=True)
class _LeaseTokens:
    """Leases as they were signed."""

    book: LeaseBook
    tokens: RegistryStatementTable
    registries: Registries

    async def token_of(self, model: str) -> str:
        """Of the one that counts; empty where there is none."""
        counting = self.book.counting(model)
        if counting is None:
            return ""
        tokens = await self.tokens.all()
        return await asyncio.to_thread(self._of, counting.id, tokens)

    def _of(self, lease: str, tokens: Sequence[str]) -> str:
        for token in reversed(tokens):
            with suppress(CarrelError):  # one that is believed no more is not this one
                if self.registries.believed(token, LEASE, LeaseClaims)[0].jti == lease:
                    return token
        return ""
