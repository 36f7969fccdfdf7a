"""Asks the registry for the leases that this box needs and that its operators want."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.lease import LeaseRequestRow
from appliance.domain.license import Acceptance, LeaseNeed
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.federation.protocol.kinds import LEASE_REQUEST
from appliance.federation.protocol.messages import LeaseRequest, WantedLease
from appliance.policy.lease_requests import LeaseFacts, is_due
from appliance.services.federation.ports import Identity, Outbox, Outgoing
from appliance.services.registries.leases import LeaseBook

_A_MESSAGE: Final = 16
"""Models: with their acceptances they stay far below what a message may hold."""
_MOST_FORMS: Final = 32
_ID_BYTES: Final = 6


class Catalog(Protocol):
    """What is approved."""

    @property
    def recipes(self) -> Sequence[Recipe]:
        """Every approved model."""
        ...


class Files(Protocol):
    """Where the files of models lie."""

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> object | None:
        """The folder that holds all files of the form, or None. Blocks."""
        ...


class Acceptances(Protocol):
    """What was accepted."""

    async def of(self, model: str = "") -> Sequence[tuple[Acceptance, bool]]:
        """All of a model, oldest first, and whether each is believed."""
        ...


class Requests(Protocol):
    """What was asked before."""

    async def asked(self, models: Sequence[str], message: str, now_ms: int) -> None:
        """A message asks for these. Raises ``StorageUnavailable``."""
        ...

    async def all(self) -> Sequence[LeaseRequestRow]:
        """By model."""
        ...


class LeaseRequester:
    """A ``Composer``. One request a model a day, unless an operator asks. ``pseudonym`` is what a project is
    called on the wire; it blocks at first.
    """

    def __init__(
        self,
        catalog: Catalog,
        book: LeaseBook,
        requests: Requests,
        *,
        files: Files,
        acceptances: Acceptances,
        pseudonym: Callable[[str], str],
        identity: Identity,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self._catalog = catalog
        self._book = book
        self._requests = requests
        self._files = files
        self._acceptances = acceptances
        self._pseudonym = pseudonym
        self._identity = identity
        self._outbox = outbox
        self._clock = clock

    async def compose(self) -> None:
        """Ask for what is due. Raises ``CarrelError``."""
        leased = [one for one in self._catalog.recipes if one.terms.lease]
        if not leased:
            return
        asked = {one.model: one for one in await self._requests.all()}
        waits = await self._outbox.waiting(LEASE_REQUEST) > 0
        now_ms = self._clock.now_ms()
        due = [
            (recipe, row)
            for recipe in leased
            for row in [asked.get(recipe.id, LeaseRequestRow(recipe.id))]
            if is_due(await asyncio.to_thread(self._facts, recipe, waits), row, now_ms)
        ]
        for first in range(0, len(due), _A_MESSAGE):
            await self._ask(due[first : first + _A_MESSAGE], now_ms)

    async def _ask(self, due: Sequence[tuple[Recipe, LeaseRequestRow]], now_ms: int) -> None:
        message = f"msg_{secrets.token_hex(_ID_BYTES)}"
        request = LeaseRequest(
            box=await asyncio.to_thread(lambda: self._identity.box_id),
            jti=message,
            iat=now_ms // 1000,
            wanted=tuple([await asyncio.to_thread(self._wanted, *one) for one in due]),
            acceptances=tuple([token for recipe, _ in due for token in await self._accepted(recipe)]),
        )
        token = await asyncio.to_thread(self._identity.sign, LEASE_REQUEST, request)
        models = [recipe.id for recipe, _ in due]
        await self._outbox.put(
            Outgoing(message, LEASE_REQUEST, token, now_ms, f"leases of {', '.join(models)}")
        )
        await self._requests.asked(models, message, now_ms)

    def _facts(self, recipe: Recipe, waits: bool) -> LeaseFacts:
        best = self._book.counting(recipe.id)
        needs = [LeaseNeed(file, recipe.terms.text_sha256) for file in _hashes(recipe)] or [
            LeaseNeed(text_sha256=recipe.terms.text_sha256)
        ]
        found = [self._book.of(recipe.id, need) for need in needs]
        return LeaseFacts(
            lease=self._book.of(recipe.id),
            from_ms=best.from_ms if best else 0,
            until_ms=best.until_ms if best else 0,
            present=any(self._files.folder_of(recipe, form) is not None for form in recipe.forms),
            covers=all(one is not None and not one.misfit for one in found),
            waits=waits,
        )

    def _wanted(self, recipe: Recipe, row: LeaseRequestRow) -> WantedLease:
        return WantedLease(
            model=recipe.id,
            files=tuple(_hashes(recipe)),
            terms_sha256=recipe.terms.text_sha256,
            until=row.until_ms // 1000 if row.until_ms > self._clock.now_ms() else 0,
            project=self._pseudonym(row.project_id) if row.project_id else "",
        )

    async def _accepted(self, recipe: Recipe) -> list[str]:
        """The newest act of the institution, as the box signed it. What persons accepted stays here."""
        holds = [
            one.record
            for one, believed in await self._acceptances.of(recipe.id)
            if believed
            and not one.person
            and one.withdrawn_ms is None
            and one.text_sha256 == recipe.terms.text_sha256
        ]
        return holds[-1:]


def _hashes(recipe: Recipe) -> list[str]:
    """Of its forms."""
    return sorted({form.sha256 for form in recipe.forms if form.files})[:_MOST_FORMS]
