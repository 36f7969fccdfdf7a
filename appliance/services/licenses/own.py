"""Licenses as a student deals with them: those that everybody who uses a model has to accept."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.domain.license import LicenseTerms
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe
from appliance.errors import ModelNotFound, NotFound, NotLicensed, RateLimited
from appliance.policy.licenses import Act as Doing
from appliance.services.labels import require_label
from appliance.services.licenses import words
from appliance.services.licenses.book import AcceptanceBook, Act
from appliance.services.licenses.permits import Permits
from appliance.services.licenses.ports import Catalog, LicenseTexts, Service

MOST_ACTS: Final = 50
"""One person's acceptances of one model since the box started: each is a row that stays."""


@dataclass(frozen=True, slots=True)
class OwnLicense:
    """One license that is accepted person by person. ``text`` is None where the box does not have it."""

    model: str
    title: str
    terms: LicenseTerms
    text: str | None
    accepted: bool
    accepted_another_text: bool


class OwnLicenses:
    """A model is shown where the box may serve it. What its tier asks besides, others tell."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        texts: LicenseTexts,
        book: AcceptanceBook,
        permits: Permits,
        service: Service,
    ) -> None:
        self._catalog = catalog
        self._texts = texts
        self._book = book
        self._permits = permits
        self._service = service
        self._acts: Counter[tuple[str, str]] = Counter()

    async def show_all(self, caller: Caller) -> Sequence[OwnLicense]:
        """Those that this caller is asked for, accepted or not."""
        return [
            await self._own(caller, recipe)
            for recipe in self._catalog.recipes
            if recipe.terms.acceptance == "person" and self._why_not(caller, recipe) is None
        ]

    async def accept(self, caller: Caller, *, model: str, text_sha256: str, purpose: str) -> OwnLicense:
        """Accept one. Raises ``ModelNotFound``, ``NotLicensed`` where more is missing than this,
        ``BadRequest`` for another text, ``RateLimited``, ``StorageUnavailable``.
        """
        recipe = self._asked(caller, model)
        words.check_own_text(recipe, text_sha256)
        place = (recipe.id, caller.holder)
        if self._acts[place] >= MOST_ACTS:
            raise RateLimited("You have accepted this license too often. Ask who runs the box.")
        self._acts[place] += 1
        act = Act(
            recipe.id,
            recipe.terms.text_sha256,
            caller.holder,
            caller.holder,
            "for themselves",
            require_label(purpose, "purpose"),
        )
        await self._book.accept(act)
        return await self._own(caller, recipe)

    async def withdraw(self, caller: Caller, *, model: str) -> None:
        """Take it back: the caller's requests to the model end. Raises ``NotFound``,
        ``StorageUnavailable``.
        """
        taken = self._book.withdraw(model, caller.holder)
        if not taken:
            raise NotFound("You have accepted no license of this model; see GET /v1/me/licenses.")
        self._service.end_requests(model, words.withdrawn_personally(model), holder=caller.holder)
        await self._book.store_withdrawal(taken)

    def _asked(self, caller: Caller, model: str) -> Recipe:
        recipe = next((one for one in self._catalog.recipes if one.id == model), None)
        if recipe is None or recipe.terms.acceptance != "person":
            raise ModelNotFound(
                "No model of that name asks you for an acceptance; see GET /v1/me/licenses.", param="model"
            )
        if (lacking := self._why_not(caller, recipe)) is not None:
            raise lacking
        return recipe

    def _why_not(self, caller: Caller, recipe: Recipe) -> NotLicensed | None:
        """What is missing that the caller cannot mend."""
        decision = self._permits.decision(recipe, Doing.ANSWER, caller)
        if decision.lacks in {"", "personal_acceptance"}:
            return None
        return NotLicensed(decision.message, lacks=decision.lacks)

    async def _own(self, caller: Caller, recipe: Recipe) -> OwnLicense:
        given = self._permits.standing(recipe, caller).personal
        accepted = any(one.text_sha256 == recipe.terms.text_sha256 for one in given)
        return OwnLicense(
            model=recipe.id,
            title=recipe.title,
            terms=recipe.terms,
            text=await asyncio.to_thread(self._texts.text, recipe.terms.text_sha256),
            accepted=accepted,
            accepted_another_text=bool(given) and not accepted,
        )
