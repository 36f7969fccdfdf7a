"""Which project may use which model of the tiers that want a grant."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.license import Grant
from appliance.domain.results import GrantList, GrantSummary, Result
from appliance.errors import BadRequest, NotFound
from appliance.policy.licenses import needs_grant
from appliance.services.licenses import words
from appliance.services.licenses.ports import Catalog, Grants, KnownProjects, Service
from appliance.services.licenses.register import Register

DAY_MS: Final = 86_400_000


class AccessService:
    """Answers ``access grant``, ``revoke`` and ``list``. A grant that runs out lets running requests finish;
    one that is taken back does not.
    """

    def __init__(
        self,
        *,
        catalog: Catalog,
        projects: KnownProjects,
        grants: Grants,
        register: Register,
        service: Service,
        clock: Clock,
    ) -> None:
        self._catalog = catalog
        self._projects = projects
        self._grants = grants
        self._register = register
        self._service = service
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"access.grant": self.grant, "access.revoke": self.revoke, "access.list": self.show_all}

    async def grant(self, *, model: str, project: str, days: int | None = None) -> GrantList:
        """``access grant``; in place of the one that the project has. Raises ``ModelNotFound``, ``NotFound``,
        ``BadRequest`` for a model that wants none, ``StorageUnavailable``.
        """
        recipe, _ = self._catalog.find(model)
        if not needs_grant(recipe.tier):
            raise BadRequest(
                f"{recipe.id} is of tier {recipe.tier}: every project may use it without a grant.",
                param="model",
            )
        if all(one.id != project for one in await self._projects.all()):
            raise NotFound("No project has this id. `carrel project list` shows them all.", param="project")
        now_ms = self._clock.now_ms()
        given = Grant(recipe.id, project, None if days is None else now_ms + days * DAY_MS, now_ms)
        await self._grants.give(given)
        self._register.give(given)
        return GrantList(grants=(self._summary(given),))

    async def revoke(self, *, model: str, project: str) -> GrantList:
        """``access revoke``: the project's requests to the model end at once. Raises ``NotFound``,
        ``StorageUnavailable``: then the grant is back after a restart.
        """
        model_id = model.partition("@")[0]
        if self._register.revoke(model_id, project) is None:
            raise NotFound("The project has no grant for this model. `carrel access list` shows them all.")
        self._service.end_requests(model_id, words.grant_taken(model_id, project), project=project)
        await self._grants.revoke(model_id, project, self._clock.now_ms())
        return await self.show_all()

    async def show_all(self, *, project: str | None = None) -> GrantList:
        """``access list``."""
        given = (one for one in self._register.grants if project in {None, one.project_id})
        return GrantList(grants=tuple(self._summary(one) for one in given))

    def _summary(self, grant: Grant) -> GrantSummary:
        over = grant.until_ms is not None and grant.until_ms <= self._clock.now_ms()
        return GrantSummary(
            model=grant.model,
            project=grant.project_id,
            granted_ms=grant.granted_ms,
            until_ms=grant.until_ms,
            state="run out" if over else "holds",
        )
