"""``report …``: file one for somebody, list, triage, see the case again."""

from collections.abc import Awaitable, Callable, Mapping

from appliance.domain.actor import Actor
from appliance.domain.adjustment import AdjustmentKind
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.people import DEFAULT_ID
from appliance.domain.report_travel import NO_JOURNEY
from appliance.domain.reports import Category, Drawn, Report, ReportState, Severity
from appliance.domain.results import Result
from appliance.domain.results.reports import ReportLine, ReportList, ReportSeenAgain
from appliance.domain.results.samples import SealedContent, SealedText
from appliance.errors import BadRequest, CarrelError, Conflict, NotFound
from appliance.policy.budget import parse_credits
from appliance.policy.reports import BOUNTIES
from appliance.services.reports.filing import Case, Filing
from appliance.services.reports.ports import (
    Directory,
    Journeys,
    NoJourneys,
    Paying,
    Reports,
    SealedTexts,
)
from appliance.services.reports.presenting import report_line
from appliance.services.reports.reproducing import Reproducer
from appliance.services.reports.wording import require_text

Triaged = Callable[[Report], Awaitable[None]]
"""Hears of a report that was decided."""


class ReportReviews:
    """What operators and reviewers do about reports."""

    def __init__(
        self,
        *,
        reports: Reports,
        filing: Filing,
        sealed: SealedTexts,
        paying: Paying,
        reproducer: Reproducer,
        directory: Directory,
        clock: Clock,
        log: Log,
        journeys: Journeys = NoJourneys(),  # noqa: B008 - has no state
    ) -> None:
        self._reports = reports
        self._filing = filing
        self._sealed = sealed
        self._paying = paying
        self._reproducer = reproducer
        self._directory = directory
        self._clock = clock
        self._log = log
        self._journeys = journeys
        self._triaged: list[Triaged] = []

    def on_triaged(self, listener: Triaged) -> None:
        """Call ``listener`` with every report that was decided."""
        self._triaged.append(listener)

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "report.new": self.new,
            "incident.report": self.new,
            "report.list": self.list_reports,
            "report.show": self.show,
            "report.triage": self.triage,
            "report.reproduce": self.reproduce,
            "report.fetch": self.fetch,
        }

    async def new(
        self,
        *,
        model: str,
        seed: int,
        severity: Severity,
        category: Category,
        description: str,
        prompt_file: str | None,
        prompt_sha256: str | None,
        share_text: bool,
        to_owner: bool,
        temperature: str | None,
        top_p: str | None,
        top_k: int | None,
        max_tokens: int | None,
        seen: int,
        person: str | None,
        project: str,
        actor: Actor,
    ) -> ReportLine:
        """``report new``. Raises what ``Filing.file_for`` raises."""
        case = Case(
            model=model,
            drawn=Drawn(
                seed,
                temperature=_number(temperature),
                top_p=_number(top_p),
                top_k=top_k,
                max_tokens=max_tokens,
            ),
            severity=severity,
            category=category,
            description=description,
            seen=seen,
            prompt_sha256=prompt_sha256,
            prompt=prompt_file,
            share=share_text,
            to_owner=to_owner,
        )
        who = person or actor.person or DEFAULT_ID
        if self._directory.person(who) is None or self._directory.project(project) is None:
            raise NotFound(
                "There is no such person or project; see `carrel person list`, `carrel project list`."
            )
        return await self._line(await self._filing.file_for(who, who, project, case))

    async def list_reports(self, *, all: bool, limit: int) -> ReportList:
        """``report list``."""
        found = await self._reports.page(open_only=not all, limit=limit)
        journeys = await self._journeys.journeys([one.id for one in found])
        return ReportList(reports=tuple(report_line(one, journeys.get(one.id, NO_JOURNEY)) for one in found))

    async def show(self, *, id: str) -> ReportLine:
        """``report show``. Raises ``NotFound``."""
        return await self._line(await self._reports.get(id))

    async def triage(
        self, *, id: str, verdict: ReportState, reason: str, credits: str | None, actor: Actor
    ) -> ReportLine:
        """``report triage``. Raises ``NotFound``, ``Conflict``, ``BadRequest``."""
        report = await self._reports.get(id)
        journey = (await self._journeys.journeys([id])).get(id, NO_JOURNEY)
        micro = _bounty(report, verdict, credits, ours=journey.origin is None)
        why = require_text(reason, "reason")
        now_ms = self._clock.now_ms()
        await self._reports.triage(id, verdict, reason=why, micro=micro, by=actor.known_as, now_ms=now_ms)
        triaged = await self._reports.get(id)
        if micro:
            await self._pay(triaged)
        for listener in self._triaged:
            await listener(triaged)
        return await self._line(await self._reports.get(id))

    async def reproduce(self, *, id: str, prompt_file: str) -> ReportSeenAgain:
        """``report reproduce``. Raises ``NotFound``, ``BadRequest`` for another prompt, and what asking the
        model raises.
        """
        report = await self._reports.get(id)
        seen = await self._reproducer.see_again(report, prompt_file)
        return ReportSeenAgain(
            id=report.id,
            model=seen.identity.id,
            same_model=(seen.identity.recipe_revision, seen.identity.file_sha256)
            == (report.model.recipe_revision, report.model.file_sha256),
            fingerprint=seen.identity.fingerprint,
            seed=report.drawn.seed,
            tokens=seen.tokens,
            reason=seen.reason,
            answer=seen.answer,
        )

    async def fetch(self, *, id: str) -> SealedContent:
        """``report fetch``. Raises ``NotFound`` where nothing is there."""
        report = await self._reports.get(id)
        sealed = await self._sealed.of(report.id, self._clock.now_ms())
        if not sealed:
            raise NotFound("Its reporter shared no prompt, or its time is over.", param="id")
        texts = tuple(SealedText(key=one.key_id, jwe=one.jwe) for one in sealed)
        return SealedContent(id=report.id, sealed=texts)

    async def pay_due(self) -> None:
        """Accepted ones that a crash has left unpaid. What cannot be paid now is tried at the next start."""
        for report in await self._reports.due():
            try:
                await self._pay(report)
            except CarrelError as error:
                self._log.warning("bounty_not_paid", report=report.id, error=error.code)

    async def _line(self, report: Report) -> ReportLine:
        journeys = await self._journeys.journeys([report.id])
        return report_line(report, journeys.get(report.id, NO_JOURNEY))

    async def _pay(self, report: Report) -> None:
        try:
            await self._paying.adjust(
                project=report.project_id,
                micro=report.micro,
                kind=AdjustmentKind.BOUNTY,
                reason=f"accepted report {report.id}",
                reference=report.id,
                actor=report.decided_by,
            )
        except Conflict:
            self._log.info("bounty was paid before", report=report.id)
        await self._reports.paid(report.id)


def _bounty(report: Report, verdict: ReportState, credits: str | None, *, ours: bool) -> int:
    if verdict != "accepted" or not ours:
        if credits is not None:
            raise BadRequest(
                "Only an accepted report of this box's own people pays credits; leave out `--credits`.",
                param="credits",
            )
        return 0
    if credits is None:
        return BOUNTIES[report.severity]
    return parse_credits(credits) or 0


def _number(text: str | None) -> float | None:
    return None if text in {None, "none"} else float(text or 0)
