"""Answers ``fed lease``: an operator wants a lease, which the next sync asks for."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from appliance.domain.clock import Clock
from appliance.domain.days import end_ms
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import LeaseList, Result
from appliance.errors import BadRequest, Conflict, NotFound
from appliance.services.registries.lease_service import LeaseService


class Wishes(Protocol):
    """Where they are remembered."""

    async def wish(self, model: str, *, until_ms: int, project_id: str, now_ms: int) -> None:
        """The last one of a model counts. Raises ``StorageUnavailable``."""
        ...


class Catalog(Protocol):
    """What is approved."""

    def find(self, model_id: str) -> tuple[Recipe, RecipeForm]:
        """Raises ``ModelNotFound``."""
        ...


class Directory(Protocol):
    """Which projects there are."""

    def project(self, project_id: str) -> object | None:
        """One, or None."""
        ...


class LeaseWishes:
    """``enrolled`` says whether there is a registry to be asked."""

    def __init__(
        self,
        wishes: Wishes,
        leases: LeaseService,
        catalog: Catalog,
        directory: Directory,
        *,
        enrolled: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self._wishes = wishes
        self._leases = leases
        self._catalog = catalog
        self._directory = directory
        self._enrolled = enrolled
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"fed.lease": self.wish}

    async def wish(self, *, model: str, until: str | None = None, project: str | None = None) -> LeaseList:
        """``fed lease``. Raises ``ModelNotFound``, ``BadRequest`` for a model that wants none, ``NotFound``,
        ``Conflict`` without a registry, ``StorageUnavailable``.
        """
        recipe, _ = self._catalog.find(model)
        if not recipe.terms.lease:
            raise BadRequest(f"The license of {recipe.id} asks for no lease.", param="model")
        if project is not None and self._directory.project(project) is None:
            raise NotFound("No project has this id. `carrel project list` shows them all.", param="project")
        if not self._enrolled():
            raise Conflict(
                "This box belongs to no registry that could be asked. Enroll it with "
                "`carrel fed enroll CODE`, or take in a lease that came otherwise with "
                "`carrel license lease FILE`."
            )
        now_ms = self._clock.now_ms()
        until_ms = 0 if until is None else end_ms(until, "until")
        if until is not None and until_ms <= now_ms:
            raise BadRequest("A lease cannot be asked for until a day that is over.", param="until")
        await self._wishes.wish(recipe.id, until_ms=until_ms, project_id=project or "", now_ms=now_ms)
        return await self._leases.show_all()
