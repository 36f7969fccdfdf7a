"""Answers ``access grant``, ``revoke``, ``list`` and ``countersign``. A grant that runs out lets running
requests finish; one that is taken back does not.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.access import TIERS, Application, Grant
from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.recipe import Recipe
from appliance.domain.results import GrantList, GrantSummary, Result
from appliance.errors import BadRequest, NotFound, NotLicensed, NotPermitted
from appliance.policy.access.deciding import asks_grant, fits, holds
from appliance.policy.access.reviewing import self_approved, somebody_else_reviews
from appliance.services.access.grants import GrantBook
from appliance.services.access.ports import Catalog, Directory, Service
from appliance.services.access.registry_standing import RegistryStanding
from appliance.services.labels import require_label
from appliance.services.registries.countersignatures import CountersignatureBook

DAY_MS: Final = 86_400_000
RESTRICTED: Final = TIERS[-1]
_ID_BYTES: Final = 6


@dataclass(frozen=True, slots=True)
class Granted:
    """What is given; ``days`` None: until it is taken back."""

    project: str
    model: str
    tier: str
    days: int | None
    conditions: str
    reason: str
    application: str = ""


class Leases(Protocol):
    """The registry's permissions."""

    def why_no_grant(self, recipe: Recipe) -> str:
        """Why no further project may be let use it now, as a sentence; empty: nothing is against it."""
        ...


class GrantService:
    """Grants are of projects; whoever belongs to one has what it has."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        directory: Directory,
        book: GrantBook,
        countersignatures: CountersignatureBook,
        standing: RegistryStanding,
        service: Service,
        clock: Clock,
        leases: Leases | None = None,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._catalog = catalog
        self._directory = directory
        self._book = book
        self._countersignatures = countersignatures
        self._standing = standing
        self._service = service
        self._clock = clock
        self._leases = leases
        self._random_bytes = random_bytes

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "access.grant": self.grant,
            "access.revoke": self.revoke,
            "access.list": self.show_all,
            "access.countersign": self.countersign,
        }

    async def grant(
        self,
        *,
        project: str,
        actor: Actor,
        model: str | None = None,
        tier: str | None = None,
        days: int | None = None,
        conditions: str | None = None,
        reason: str | None = None,
    ) -> GrantList:
        """``access grant``; in place of the one that the project has. Raises ``ModelNotFound``, ``NotFound``,
        ``BadRequest`` for a model that wants none, ``NotPermitted``, ``StorageUnavailable``.
        """
        named = self.named(model, tier)
        self.require_project(project)
        self.check_lease(named[0])
        alone = self._alone(project, actor)
        others = somebody_else_reviews(self._directory.people(), actor.person)
        if alone and actor.person and others and actor.permission is not Permission.ADMIN:
            raise own_decision("A grant for a project that is only yours", "access grant")
        words = [
            one and require_label(one, name) for one, name in ((conditions, "conditions"), (reason, "reason"))
        ]
        given = await self.give(
            Granted(project, *named, days, words[0] or "", words[1] or ""), actor, alone=alone
        )
        return GrantList(grants=(self.summary(given),))

    async def answer(self, approved: Application, days: int, actor: Actor) -> Grant:
        """The grant that an approved application leads to. Raises ``StorageUnavailable``."""
        granted = Granted(
            approved.project_id,
            approved.model,
            approved.tier,
            days,
            approved.conditions,
            approved.reason,
            approved.id,
        )
        alone = self._alone(approved.project_id, actor) or approved.person_id == actor.person
        return await self.give(granted, actor, alone=alone)

    async def give(self, granted: Granted, actor: Actor, *, alone: bool) -> Grant:
        """Store it, then let it hold; ``alone`` marks it as given by the only one who has it. Raises
        ``StorageUnavailable``.
        """
        now_ms = self._clock.now_ms()
        grant = Grant(
            model=granted.model,
            project_id=granted.project,
            until_ms=None if granted.days is None else now_ms + granted.days * DAY_MS,
            granted_ms=now_ms,
            tier=granted.tier,
            id=f"grt_{self._random_bytes(_ID_BYTES).hex()}",
            conditions=granted.conditions,
            reason=granted.reason,
            given_by=actor.known_as,
            application=granted.application,
            self_approved=alone,
        )
        await self._book.give(grant)
        return grant

    async def revoke(
        self,
        *,
        project: str,
        model: str | None = None,
        tier: str | None = None,
        reason: str | None = None,
    ) -> GrantList:
        """``access revoke``: what no other grant of the project covers ends at once. Raises ``NotFound``,
        ``BadRequest``, ``StorageUnavailable``: then the grant is back after a restart.
        """
        if (model is None) == (tier is None):
            raise _one_of()
        why = "" if reason is None else require_label(reason, "reason")
        taken = self._book.take(project, (model or "").partition("@")[0], tier or "")
        if taken is None:
            raise NotFound("The project has no such grant. `carrel access list` shows them all.")
        self._end_requests(taken, why)
        await self._book.store_end(taken)
        return await self.show_all()

    async def show_all(self, *, project: str | None = None) -> GrantList:
        """``access list``."""
        given = (one for one in self._book.grants if project in {None, one.project_id})
        return GrantList(grants=tuple(self.summary(one) for one in given))

    async def countersign(self, *, file: str) -> GrantList:
        """``access countersign``. Raises ``IntegrityFailed``, ``ConfigInvalid``, ``BadRequest``,
        ``NotFound``, ``StorageUnavailable``.
        """
        claims = await self._countersignatures.add(file)
        grant = self._book.find(claims.grant)
        return GrantList(grants=() if grant is None else (self.summary(grant),))

    def named(self, model: str | None, tier: str | None) -> tuple[str, str]:
        """A recipe's id and a tier, one of them empty. Raises ``ModelNotFound``, ``BadRequest``."""
        if (model is None) == (tier is None):
            raise _one_of()
        if model is None:
            return "", tier or ""
        recipe, _ = self._catalog.find(model)
        if not asks_grant(recipe.tier):
            raise BadRequest(
                f"{recipe.id} is of tier {recipe.tier}: every project may use it without a grant.",
                param="model",
            )
        return recipe.id, ""

    def check_lease(self, model: str) -> None:
        """Whether a further project may be let use it now; empty: a tier, of whose models nothing is known
        beforehand. Raises ``NotLicensed``, ``ModelNotFound``.
        """
        if model and self._leases is not None:
            why = self._leases.why_no_grant(self._catalog.find(model)[0])
            if why:
                raise NotLicensed(why, lacks="lease")

    def require_project(self, project: str) -> None:
        """Raises ``NotFound``."""
        if self._directory.project(project) is None:
            raise NotFound("No project has this id. `carrel project list` shows them all.", param="project")

    def summary(self, grant: Grant) -> GrantSummary:
        """As it is shown."""
        now_ms = self._clock.now_ms()
        signed = [one.until_ms for one in self._countersignatures.of([grant.id])]
        return GrantSummary(
            id=grant.id,
            model=grant.model,
            tier=grant.tier,
            project=grant.project_id,
            granted_ms=grant.granted_ms,
            until_ms=grant.until_ms,
            state="holds" if holds(grant, now_ms) else "run out",
            conditions=grant.conditions,
            reason=grant.reason,
            given_by=grant.given_by,
            application=grant.application,
            self_approved=grant.self_approved,
            countersigned_until_ms=max(signed, default=None),
            registry=self.registry_line(grant),
        )

    def answering(self, application_id: str) -> Grant | None:
        """The grant that answers an application and was not taken back."""
        return next((one for one in self._book.grants if one.application == application_id), None)

    def registry_line(self, grant: Grant) -> str:
        """How it stands with the registry; empty where no model of it asks for that."""
        restricted = [one.id for one in self._catalog.recipes if one.tier == RESTRICTED]
        return self._standing.line(grant, [one for one in restricted if fits(grant, one, RESTRICTED)])

    def require_restricted(self, model: str, application: str) -> str:
        """The id of a model that the registry countersigns. Raises ``ModelNotFound``, ``BadRequest``."""
        recipe, _ = self._catalog.find(model)
        if recipe.tier != RESTRICTED:
            raise BadRequest(
                f"{recipe.id} is of tier {recipe.tier}, which no registry countersigns: nothing of "
                f"application {application} has to leave the box.",
                param="model",
            )
        return recipe.id

    def _alone(self, project: str, actor: Actor) -> bool:
        members = [one.person_id for one in self._directory.members(project)]
        return self_approved(self._directory.people(), members, actor.person)

    def _end_requests(self, taken: Grant, why: str) -> None:
        now_ms = self._clock.now_ms()
        for recipe in self._catalog.recipes:
            left = self._book.of(taken.project_id, recipe.id, recipe.tier)
            if fits(taken, recipe.id, recipe.tier) and not any(holds(one, now_ms) for one in left):
                error = grant_taken(recipe.id, taken.project_id, why)
                self._service.end_requests(recipe.id, error, project=taken.project_id)


def own_decision(what: str, command: str) -> NotPermitted:
    """Nobody decides for themself where somebody else can."""
    return NotPermitted(
        f"{what} is decided by another reviewer, and this box has one. `carrel person list` shows who "
        f"reviews; they run `carrel {command}`.",
        rule="own decision",
        waits_for="reviewer",
    )


def grant_taken(model: str, project: str, why: str) -> NotPermitted:
    """For requests that end because a grant was taken back."""
    because = f": {why.rstrip('.')}" if why else ""
    return NotPermitted(
        f"The grant of project {project} for {model} was taken back{because}. Its requests end. Ask a "
        "reviewer, or choose another model.",
        rule="grant",
        waits_for="reviewer",
    )


def _one_of() -> BadRequest:
    return BadRequest("Name either a model or a tier, with `--tier`.", param="model")
