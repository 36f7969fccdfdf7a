"""Takes a report in: what the reporter says, and what the box knows of the model. The prompt is hashed, and
kept only sealed and only where its reporter said so.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from appliance.domain.clock import Clock
from appliance.domain.people import DEFAULT_ID, Caller
from appliance.domain.reports import Category, Drawn, Report, ReportedModel, Severity
from appliance.domain.samples import Sealed
from appliance.errors import BadRequest
from appliance.policy.reports import MOST_OPEN, check_share, hash_of
from appliance.policy.sampling.choosing import DAY_MS
from appliance.policy.sampling.content import as_content
from appliance.services.reports.ports import (
    Admission,
    Journeys,
    Names,
    NoJourneys,
    Reports,
    Sealing,
)
from appliance.services.reports.wording import require_text


@dataclass(frozen=True, slots=True)
class Case:
    """What a reporter says. ``prompt`` is hashed and forgotten, unless ``share``. ``to_owner``: it shall go
    to the owner of the model, once its reporter has seen what exactly goes.
    """

    model: str
    drawn: Drawn
    severity: Severity
    category: Category
    description: str
    seen: int = 1
    prompt_sha256: str | None = None
    prompt: str | None = None
    share: bool = False
    to_owner: bool = False


class Filing:
    """``days`` is how long a shared prompt is kept, sealed."""

    def __init__(
        self,
        *,
        reports: Reports,
        names: Names,
        admission: Admission,
        keys: Sealing,
        clock: Clock,
        days: int,
        journeys: Journeys = NoJourneys(),  # noqa: B008 - has no state
    ) -> None:
        self._reports = reports
        self._names = names
        self._admission = admission
        self._keys = keys
        self._clock = clock
        self._days = days
        self._journeys = journeys

    async def file(self, caller: Caller, case: Case) -> Report:
        """One's own. Raises as ``file_for``, and what asking the model would raise."""
        self._admission.check(caller, case.model)
        meant = replace(case, model=self._admission.rename(caller, case.model))
        return await self.file_for(caller.holder, caller.person_id, caller.project_id, meant)

    async def file_for(self, holder: str, person: str, project: str, case: Case) -> Report:
        """Raises ``ModelNotFound``, ``BadRequest``, ``Conflict``, ``TryAgain``."""
        recipe, form = self._names.find(case.model)
        check_share(case.prompt, share=case.share, readers=self._keys.count)
        if case.to_owner and recipe.sharing is None:
            raise BadRequest(
                f"No other lab has shared {recipe.id} with this box, so there is no owner to tell. Report it "
                "without that.",
                param="share_with_owner",
            )
        report = Report(
            id=f"rep_{secrets.token_hex(6)}",
            holder=holder,
            person_id=person or DEFAULT_ID,
            project_id=project,
            model=ReportedModel(recipe.model_id(form), recipe.revision, form.sha256 if form.files else ""),
            prompt_sha256=hash_of(case.prompt, case.prompt_sha256),
            drawn=case.drawn,
            severity=case.severity,
            category=case.category,
            description=require_text(case.description, "description"),
            seen=case.seen,
            made_ms=self._clock.now_ms(),
        )
        await self._reports.add(report, self._sealed(report, case), most_open=MOST_OPEN)
        if case.to_owner:
            await self._journeys.want(report.id)
        return await self._reports.get(report.id)

    def _sealed(self, report: Report, case: Case) -> Sequence[Sealed]:
        if not case.share or case.prompt is None:
            return ()
        until_ms = report.made_ms + self._days * DAY_MS
        sealed = self._keys.seal(as_content(case.prompt))
        return [Sealed(report.id, key, jwe, until_ms) for key, jwe in sealed]
