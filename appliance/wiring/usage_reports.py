"""Joins what reports the box's use to its registry."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from appliance import __version__
from appliance.config import Settings
from appliance.domain.audit import AuditHead
from appliance.domain.log import Log
from appliance.domain.people import ProjectKind
from appliance.domain.recipe import Recipe
from appliance.domain.results import Result
from appliance.federation.protocol.usage import CatalogSeen
from appliance.services.federation.reporting.acknowledging import Acknowledgements
from appliance.services.federation.reporting.checking import SpotRequests
from appliance.services.federation.reporting.composing import ReportComposer
from appliance.services.federation.reporting.linking import Linking
from appliance.services.federation.reporting.making import Making
from appliance.services.federation.reporting.previewing import Previews
from appliance.services.federation.reporting.refusals import RefusalCounts
from appliance.services.federation.reporting.service import ReportService
from appliance.services.federation.reporting.telling import Telling
from appliance.services.federation.reporting.tidying import Tidying
from appliance.trust.own_secret import own_secret
from appliance.wiring.building import Built
from appliance.wiring.grounds import Ground

_KEYS: Final = "key_"
"""Ids of keys begin with it; no person's does (``policy.person_ids``)."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """``acknowledgements`` hear of acknowledgements and refusals, ``spots`` of spot checks."""

    composer: ReportComposer
    acknowledgements: Acknowledgements
    spots: SpotRequests
    telling: Telling
    service: ReportService
    refusals: RefusalCounts
    tidying: Tidying

    async def count_refusals(self) -> None:
        """Until it is cancelled."""
        await self.refusals.write(asyncio.sleep)

    async def tidy(self) -> None:
        """Until it is cancelled."""
        await self.tidying.run(asyncio.sleep)

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return self.service.handlers()


async def reporting(
    ground: Ground, settings: Settings, built: Built, *, compose: Callable[[], Awaitable[object]], log: Log
) -> Reporting:
    """``compose`` asks every part of the box what it has to say. Raises ``StorageUnavailable``."""
    store, identity, clock = built.store, ground.identity, ground.clock
    tallies, chains, checks = store.report_tally, store.report_batches, store.report_checks
    # What a copied database had is told apart from what comes now.
    await tallies.end_open()
    secret = partial(own_secret, settings.places.federation_secret)
    linking = Linking(identity, clock)
    telling = Telling(chains, alert=built.checked.telling.alerts.tell, clock=clock)
    await telling.load()
    people = built.people.directory
    refusals = RefusalCounts(
        tallies,
        reporting=lambda: identity.enrolled,
        backend=_backend,
        erased=lambda holder: not holder.startswith(_KEYS) and people.person(holder) is None,
        clock=clock,
        log=log,
    )
    built.work.admission.on_refused(refusals.refused)
    making = Making(
        tallies=tallies,
        chains=chains,
        around=_Around(ground, built),
        linking=linking,
        secret=secret,
        software=f"carrel {__version__}"[:40],
    )
    composer = ReportComposer(
        identity=identity,
        tallies=tallies,
        chains=chains,
        making=making,
        outbox=ground.outbox,
        refusals=refusals,
        reporting=store.federation.reporting,
        clock=clock,
        log=log,
    )
    spots = SpotRequests(
        identity=identity,
        checks=checks,
        chains=chains,
        tallies=tallies,
        telling=telling,
        secret=secret,
        clock=clock,
    )
    return Reporting(
        composer=composer,
        acknowledgements=Acknowledgements(
            identity=identity,
            chains=chains,
            composer=composer,
            linking=linking,
            telling=telling,
            clock=clock,
            log=log,
        ),
        spots=spots,
        telling=telling,
        service=ReportService(
            identity=identity,
            switch=store.federation,
            previews=Previews(store.outbox, composer, compose),
            composer=composer,
            chains=chains,
            checks=checks,
            spots=spots,
            clock=clock,
        ),
        refusals=refusals,
        tidying=Tidying(chains, clock, log),
    )


def _backend(recipe: Recipe, model: str) -> tuple[str, str]:
    form = recipe.form_of(model)
    if recipe.upstream is not None or form is None:
        return "", "remote"
    return form.sha256, form.engine.replace("llama_cpp", "llama.cpp")


@dataclass(frozen=True, slots=True)
class _Around:
    ground: Ground
    built: Built

    def purpose(self, project_id: str) -> ProjectKind:
        """Of a project that is gone nobody knows any more."""
        project = self.built.people.directory.project(project_id)
        return "research" if project is None else project.kind

    def lease(self, model: str) -> str:
        """Of the one that counts now."""
        held = self.built.licensing.access.leases.counting(model)
        return "" if held is None else held.id

    async def audit(self) -> AuditHead:
        """Where it stands."""
        return await self.built.audit.log.head()

    async def catalog(self) -> CatalogSeen:
        """As it was verified last."""
        membership = self.ground.identity.membership
        if membership is None:
            return CatalogSeen()
        seen = await asyncio.to_thread(self.built.signed.snapshot_seen, membership.registry)
        return CatalogSeen() if seen is None else CatalogSeen(*seen)
