"""Answers ``access apply``, ``queue``, ``mine``, ``show``, ``decide`` and ``withdraw``."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from appliance.domain.access import Application
from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.people import DEFAULT_ID
from appliance.domain.results import ApplicationList, ApplicationSummary, Result
from appliance.errors import BadRequest, Conflict, NotFound, NotPermitted, RateLimited
from appliance.policy.access.agreements import DIGITS, is_text
from appliance.policy.access.reviewing import REVIEWING, somebody_else_reviews
from appliance.services.access.agreements import AgreementBook, Signing
from appliance.services.access.granting import DAY_MS, GrantService, own_decision
from appliance.services.access.looking_up import may_see, require_application
from appliance.services.access.ports import Applications, Directory
from appliance.services.access.waiting import WaitingApplications
from appliance.services.labels import require_label

MOST_OPEN: Final = 5
"""Of one person."""
MOST_A_DAY: Final = 20
GRANT_DAYS: Final = 180
"""Where neither the applicant nor the reviewer says."""
_ID_BYTES: Final = 6


class ApplicationService:
    """Who applies is told who decides; who decides is told who waits."""

    def __init__(
        self,
        *,
        applications: Applications,
        waiting: WaitingApplications,
        agreements: AgreementBook,
        grants: GrantService,
        directory: Directory,
        clock: Clock,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._applications = applications
        self._waiting = waiting
        self._agreements = agreements
        self._grants = grants
        self._directory = directory
        self._clock = clock
        self._random_bytes = random_bytes

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "access.apply": self.apply,
            "access.queue": self.queue,
            "access.mine": self.mine,
            "access.show": self.show,
            "access.decide": self.decide,
            "access.withdraw": self.withdraw,
        }

    async def apply(
        self,
        *,
        project: str,
        affiliation: str,
        intended_use: str,
        agreement: str,
        actor: Actor,
        person: str | None = None,
        model: str | None = None,
        tier: str | None = None,
        publications: str | None = None,
        days: int | None = None,
    ) -> ApplicationSummary:
        """``access apply``. Raises ``ModelNotFound``, ``NotFound``, ``BadRequest`` for a model that wants no
        application or another text, ``Conflict`` where one waits already, ``RateLimited``,
        ``StorageUnavailable``.
        """
        applicant = self._applicant(person, project)
        named = self._grants.named(model, tier)
        text = self._agreements.current("access")
        if not is_text(agreement, text.text_sha256):
            raise BadRequest(
                "That is not the hash of the present agreement; `carrel agreement show access`, or `POST "
                f'/v1/me/agreement/show` with {{"kind": "access"}}, shows both, and at least {DIGITS} digits '
                "are wanted.",
                param="agreement",
            )
        now_ms = self._clock.now_ms()
        await self._check_room(applicant, project, named, now_ms)
        application = Application(
            id=f"app_{self._random_bytes(_ID_BYTES).hex()}",
            project_id=project,
            person_id=applicant,
            model=named[0],
            tier=named[1],
            affiliation=require_label(affiliation, "affiliation"),
            intended_use=require_label(intended_use, "intended_use"),
            publications=require_label(publications or "none", "publications"),
            agreement_sha256=text.text_sha256,
            applied_ms=now_ms,
            days=days or 0,
        )
        await self._agreements.sign(Signing(text, applicant, project, False, actor.known_as, actor.origin))
        await self._waiting.add(application)
        return self._summary(application)

    async def queue(self) -> ApplicationList:
        """``access queue``: those that wait, oldest first."""
        return ApplicationList(applications=tuple(self._summary(one) for one in self._waiting.open))

    async def mine(self, *, actor: Actor, person: str | None = None) -> ApplicationList:
        """``access mine``: a person's, newest first. Raises ``BadRequest`` where nobody is meant."""
        whose = person or actor.person
        if not whose:
            raise BadRequest("Say whose: `--person ID`.", param="person")
        found = () if whose == DEFAULT_ID else await self._applications.of_person(whose)
        seen = (one for one in found if may_see(one, actor))
        return ApplicationList(applications=tuple(self._summary(one) for one in seen))

    async def show(self, *, id: str, actor: Actor) -> ApplicationSummary:
        """``access show``. Raises ``NotFound``, also for a member who asks for another's."""
        return self._summary(await require_application(self._applications, id, actor))

    async def decide(
        self,
        *,
        id: str,
        approve: bool,
        deny: bool,
        reason: str,
        actor: Actor,
        days: int | None = None,
        conditions: str | None = None,
    ) -> ApplicationSummary:
        """``access decide``. Raises ``NotFound``, ``BadRequest``, ``Conflict`` where it was decided,
        ``NotPermitted`` for one's own, ``StorageUnavailable``.
        """
        if approve == deny:
            raise BadRequest("Say either `--approve` or `--deny`.", param="approve")
        found = await require_application(self._applications, id, actor)
        if found.person_id == actor.person and somebody_else_reviews(self._directory.people(), actor.person):
            raise own_decision("Your own application", f"access decide {found.id}")
        now_ms = self._clock.now_ms()
        granted_days = days or found.days or GRANT_DAYS
        decided = replace(
            found,
            state="approved" if approve else "denied",
            decided_ms=now_ms,
            decided_by=actor.known_as,
            reason=require_label(reason, "reason"),
            conditions="" if conditions is None else require_label(conditions, "conditions"),
            until_ms=now_ms + granted_days * DAY_MS if approve else None,
        )
        if approve:
            self._grants.check_lease(found.model)
        async with self._waiting.deciding(decided):
            if approve:
                await self._grants.answer(decided, granted_days, actor)
        return self._summary(decided)

    async def withdraw(self, *, id: str, actor: Actor) -> ApplicationSummary:
        """``access withdraw``. Raises ``NotFound``, ``Conflict``, ``StorageUnavailable``."""
        found = await require_application(self._applications, id, actor)
        by = actor.known_as
        withdrawn = replace(found, state="withdrawn", decided_ms=self._clock.now_ms(), decided_by=by)
        async with self._waiting.deciding(withdrawn):
            return self._summary(withdrawn)

    def _applicant(self, person: str | None, project: str) -> str:
        self._grants.require_project(project)
        if person is None:
            raise BadRequest(
                "Say who applies: `--person ID`, as `carrel person list` shows it. Without an application, "
                "`carrel access grant` gives a grant to a project.",
                param="person",
            )
        if person == DEFAULT_ID:
            raise NotPermitted(
                "This key is of nobody in particular, and an application is somebody's. Ask who runs the box "
                f"for a key of your own, or for `carrel access grant MODEL --project {project}`.",
                rule="grant",
                waits_for="operator",
            )
        if self._directory.part(project, person) is None:
            raise NotFound(
                f"No person of this id belongs to project {project}. `carrel member add {person} --project "
                f"{project}` lets them.",
                param="person",
            )
        return person

    async def _check_room(self, person: str, project: str, named: tuple[str, str], now_ms: int) -> None:
        mine = [one for one in self._waiting.open if one.person_id == person]
        same = next((one for one in mine if (one.project_id, one.model, one.tier) == (project, *named)), None)
        if same is not None:
            raise Conflict(
                f"Application {same.id} for this waits already, for {self._who_decides(same)}. `carrel "
                f"access withdraw {same.id}` takes it back."
            )
        recent = await self._applications.of_person(person, since_ms=now_ms - DAY_MS, most=MOST_A_DAY)
        if len(mine) >= MOST_OPEN or len(recent) >= MOST_A_DAY:
            raise RateLimited(
                f"{len(mine)} of your applications wait, and you made {len(recent)} today: at most "
                f"{MOST_OPEN} wait, and {MOST_A_DAY} are made a day. Take one back, or wait for a reviewer.",
                retry_after_s=3600,
            )

    def _who_decides(self, one: Application) -> str:
        people = self._directory.people()
        reviewers = [
            person.id
            for person in people
            if person.role in REVIEWING and person.ended_ms is None and person.id != one.person_id
        ]
        return "a reviewer: " + (", ".join(reviewers[:3]) or "who runs the box")

    def _summary(self, one: Application) -> ApplicationSummary:
        project = self._directory.project(one.project_id)
        until_ms = one.decided_ms or self._clock.now_ms()
        grant = self._grants.answering(one.id) if one.state == "approved" else None
        return ApplicationSummary(
            id=one.id,
            project=one.project_id,
            person=one.person_id,
            model=one.model,
            tier=one.tier,
            affiliation=one.affiliation,
            intended_use=one.intended_use,
            publications=one.publications,
            purpose="" if project is None else project.purpose,
            agreement_sha256=one.agreement_sha256,
            days=one.days,
            state=one.state,
            applied_ms=one.applied_ms,
            waiting_s=max(0, until_ms - one.applied_ms) // 1000,
            waits_for=self._who_decides(one) if one.state == "open" else "",
            decided_ms=one.decided_ms,
            decided_by=one.decided_by,
            reason=one.reason,
            conditions=one.conditions,
            until_ms=one.until_ms,
            registry="" if grant is None else self._grants.registry_line(grant),
        )
