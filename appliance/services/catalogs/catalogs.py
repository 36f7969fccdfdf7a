"""Answers ``catalog show`` and ``catalog refresh``."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from appliance.domain.catalogs import CatalogState, RefreshOutcome
from appliance.domain.log import Log
from appliance.domain.results import (
    CatalogFault,
    CatalogList,
    CatalogRecipe,
    CatalogRefresh,
    CatalogRole,
    CatalogsRefreshed,
    CatalogSummary,
    Result,
)
from appliance.errors import BadRequest
from appliance.services.catalogs.ports import Catalog, Signed


class CatalogService:
    """What is fetched counts at once: the box's own catalog is read again."""

    def __init__(self, signed: Signed, catalog: Catalog, log: Log) -> None:
        self._signed = signed
        self._catalog = catalog
        self._log = log

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"catalog.show": self.show, "catalog.refresh": self.refresh}

    async def show(self) -> CatalogList:
        """``catalog show``."""
        states = await asyncio.to_thread(self._signed.states)
        return CatalogList(catalogs=tuple(_summary(one) for one in states))

    async def refresh(self, *, name: str | None, mirror: str | None) -> CatalogsRefreshed:
        """``catalog refresh``."""
        folder = Path(mirror) if mirror else None
        if folder is not None and not folder.is_absolute():
            raise BadRequest("`mirror` must be an absolute path: the box has another folder.", param="mirror")
        outcomes = await self.bring(name, folder)
        return CatalogsRefreshed(catalogs=tuple(_told(one) for one in outcomes))

    async def bring(self, name: str | None = None, mirror: Path | None = None) -> tuple[RefreshOutcome, ...]:
        """Fetch, and read the catalog again whatever came. Raises what ``Signed.refresh`` raises."""
        try:
            outcomes = await asyncio.to_thread(self._signed.refresh, name, mirror)
        finally:
            await asyncio.to_thread(self._catalog.reload)
        for one in outcomes:
            self._note(one)
        return outcomes

    async def look_again(self) -> None:
        """Read everything again, since time alone makes a list stale."""
        await asyncio.to_thread(self._catalog.reload)

    def _note(self, one: RefreshOutcome) -> None:
        if one.outcome == "refused":
            self._log.warning("catalog_refused", catalog=one.name, reason=one.reason)
        elif one.came or one.went or one.changed:
            self._log.info(
                "catalog_changed", catalog=one.name, came=one.came, went=one.went, changed=one.changed
            )


def _summary(one: CatalogState) -> CatalogSummary:
    return CatalogSummary(
        name=one.name,
        place=one.place,
        prefix=one.prefix,
        freshness=one.freshness,
        reason=one.reason,
        roles=tuple(
            CatalogRole(
                role=role.role,
                version=role.version,
                expires_ms=role.expires_ms or None,
                freshness=role.freshness,
            )
            for role in one.roles
        ),
        recipes=tuple(
            CatalogRecipe(
                id=recipe.id,
                revision=recipe.revision,
                signed_by=recipe.organization or "targets",
                freshness=recipe.freshness,
            )
            for recipe in one.recipes
        ),
        left_out=tuple(CatalogFault(what=fault.what, reason=fault.reason) for fault in one.left_out),
    )


def _told(one: RefreshOutcome) -> CatalogRefresh:
    return CatalogRefresh(
        name=one.name,
        outcome=one.outcome,
        reason=one.reason,
        came=one.came,
        went=one.went,
        changed=one.changed,
    )
