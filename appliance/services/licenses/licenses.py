"""Licenses as an operator deals with them: read, accept, withdraw."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from appliance.domain.recipe import Recipe
from appliance.domain.results import LicenseDetail, LicenseList, Result
from appliance.errors import ModelNotFound, NotFound
from appliance.policy.access.deciding import asks_grant
from appliance.policy.licenses import needs_nothing
from appliance.services.labels import require_label
from appliance.services.licenses import words
from appliance.services.licenses.book import AcceptanceBook, Act
from appliance.services.licenses.permits import Permits
from appliance.services.licenses.ports import Catalog, LicenseTexts, Service
from appliance.services.licenses.presenting import acceptance_summary, license_line, model_terms


class LicenseService:
    """Answers ``license list``, ``show``, ``accept`` and ``withdraw``."""

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

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "license.list": self.show_all,
            "license.show": self.show,
            "license.accept": self.accept,
            "license.withdraw": self.withdraw,
        }

    async def show_all(self) -> LicenseList:
        """``license list``."""
        written = await self._book.of()
        lines = (
            license_line(recipe, self._permits, self._permits.people(recipe.id))
            for recipe in self._catalog.recipes
            if not needs_nothing(recipe.terms) or asks_grant(recipe.tier)
        )
        return LicenseList(
            models=tuple(lines), not_believed=sum(1 for one, believed in written if not believed)
        )

    async def show(self, *, model: str, text: bool = False) -> LicenseDetail:
        """``license show``. Raises ``ModelNotFound``, ``BadRequest`` where the text is not here."""
        recipe, _ = self._catalog.find(model)
        return await self._detail(recipe.id, recipe, text=await self._text(recipe) if text else None)

    async def accept(
        self,
        *,
        model: str,
        who: str,
        authority: str,
        purpose: str,
        text: str | None = None,
        person: str | None = None,
    ) -> LicenseDetail:
        """``license accept``. Raises ``ModelNotFound``, ``BadRequest``, ``StorageUnavailable``."""
        recipe, _ = self._catalog.find(model)
        words.check_text(recipe, text)
        await self._text(recipe)
        act = Act(
            recipe.id,
            recipe.terms.text_sha256,
            "" if person is None else words.check_person(recipe, person),
            require_label(who, "who"),
            require_label(authority, "authority"),
            require_label(purpose, "purpose"),
        )
        await self._book.accept(act)
        return await self.show(model=model)

    async def withdraw(self, *, model: str, person: str | None = None) -> LicenseDetail:
        """``license withdraw``: requests end at once, then the model stops. A model that left the catalog
        can still have its license withdrawn. Raises ``ModelNotFound``, ``NotFound``, ``StorageUnavailable``.
        """
        recipe = self._known(model)
        model_id = model.partition("@")[0]
        taken = self._book.withdraw(model_id, person or "")
        if not taken:
            raise NotFound(
                f"There is no acceptance to withdraw; `carrel license show {model_id}` shows who accepted.",
                param="person" if person else "model",
            )
        if person:
            self._service.end_requests(model_id, words.withdrawn_personally(model_id), holder=person)
            await self._book.store_withdrawal(taken)
            return await self._detail(model_id, recipe)
        self._service.end_requests(model_id, words.withdrawn(model_id))
        try:
            await self._book.store_withdrawal(taken)
        finally:
            await self._service.stop_serving(model_id)
        return await self._detail(model_id, recipe, note=words.after_withdrawal(recipe, model_id))

    async def _detail(
        self, model_id: str, recipe: Recipe | None, *, text: str | None = None, note: str | None = None
    ) -> LicenseDetail:
        terms = recipe.terms if recipe else None
        found = await self._book.of(model_id)
        return LicenseDetail(
            terms=model_terms(recipe, self._permits) if recipe else None,
            acceptances=tuple(acceptance_summary(one, terms, believed=believed) for one, believed in found),
            text=text,
            note=note,
        )

    def _known(self, model: str) -> Recipe | None:
        try:
            return self._catalog.find(model)[0]
        except ModelNotFound:
            return None

    async def _text(self, recipe: Recipe) -> str:
        sha256 = recipe.terms.text_sha256
        text = await asyncio.to_thread(self._texts.text, sha256) if sha256 else None
        if text is None:
            raise words.missing_text(recipe)
        return text
