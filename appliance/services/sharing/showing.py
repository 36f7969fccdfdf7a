"""``share list`` and ``share show``: what this lab gives, how that stands, and who took it."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.recipe import Recipe
from appliance.domain.results import ShareDetail, ShareFetch, ShareLine, ShareList, ShareRecord
from appliance.domain.sharing import SentList, Sharing
from appliance.errors import ModelNotFound, NotFound
from appliance.services.sharing.own_list import Shared
from appliance.services.sharing.ports import Catalog, Fetches


class SharedNow(Protocol):
    """What this lab shares."""

    @property
    def now(self) -> SentList | None:
        """The newest list."""
        ...

    @property
    def models(self) -> Sequence[Shared]:
        """All of it."""
        ...


class ShareShowing:
    """``serves``: whether this box gives files."""

    def __init__(self, own: SharedNow, catalog: Catalog, fetches: Fetches, *, serves: bool) -> None:
        self._own = own
        self._catalog = catalog
        self._fetches = fetches
        self._serves = serves

    async def list_shares(self) -> ShareList:
        """``share list``."""
        now = self._own.now
        if now is None:
            return ShareList(
                organization="",
                version=0,
                sent_ms=0,
                expires_ms=0,
                serves=self._serves,
                refused="",
                models=(),
            )
        return ShareList(
            organization=now.organization,
            version=now.version,
            sent_ms=now.sent_ms,
            expires_ms=now.expires_ms,
            serves=self._serves,
            refused=now.refused,
            models=tuple(self._line(one, now) for one in self._own.models),
        )

    async def show(self, *, model: str) -> ShareDetail:
        """``share show``. Raises ``NotFound``."""
        now = self._own.now
        found = [one for one in self._own.models if model in {one.recipe.id, _own_name(one)}]
        if now is None or not found:
            raise NotFound("This lab shares no such model; `carrel share list` shows those that it does.")
        one = found[0]
        fetched = await self._fetches.of(one.recipe.id)
        return ShareDetail(
            line=self._line(one, now),
            license=one.recipe.license_expression,
            record=_record(one.sharing),
            sources=_sources(one.recipe),
            fetched=tuple(
                ShareFetch(box=row.box, day=row.day, requests=row.requests, bytes=row.size_bytes)
                for row in fetched
            ),
        )

    def _line(self, one: Shared, now: SentList) -> ShareLine:
        return ShareLine(
            model=one.recipe.id,
            revision=one.recipe.revision,
            kind=one.sharing.kind,
            tier=one.recipe.tier,
            lease=one.recipe.terms.lease,
            state=self._state(one, now),
            reviewed_on=one.sharing.reviewed_on,
        )

    def _state(self, one: Shared, now: SentList) -> str:
        if self._is_listed(one):
            return "listed"
        if now.refused:
            return "refused"
        return "sent" if now.queued else "waits"

    def _is_listed(self, one: Shared) -> bool:
        """Whether the registry's catalog has this very revision, as this box knows it."""
        try:
            found, _ = self._catalog.find(one.recipe.id)
        except ModelNotFound:
            return False
        return found.approval.by == "catalog" and found.revision == one.recipe.revision


def _own_name(one: Shared) -> str:
    return one.recipe.id.removeprefix(f"{one.sharing.organization}.")


def _sources(recipe: Recipe) -> tuple[str, ...]:
    sources = (source.label for form in recipe.forms for source in form.sources)
    return tuple(dict.fromkeys(sources))


def _record(sharing: Sharing) -> ShareRecord:
    return ShareRecord(
        contact=sharing.contact,
        benefits=sharing.benefits,
        harms=sharing.harms,
        evaluations=sharing.evaluations,
        reviewed_by=sharing.reviewed_by,
        reviewed_on=sharing.reviewed_on,
    )
