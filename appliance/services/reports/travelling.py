"""``report preview``, ``consent`` and ``send``: a report goes to the owner of the model, byte for byte as its
reporter has seen it, or not at all.
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.people import Owner
from appliance.domain.report_travel import Journey, Travel
from appliance.domain.reports import Report
from appliance.domain.results import Result
from appliance.domain.results.reports import ReportLine, ReportPreview
from appliance.domain.sharing import Sharing
from appliance.errors import BadRequest, Conflict, NotFound
from appliance.federation.protocol.letters import FlawAnswer, FlawReport
from appliance.policy.reports import check_same_prompt
from appliance.services.letters.ports import Arrived, Reader
from appliance.services.reports.ports import Letters, Names, Reports, Travels
from appliance.services.reports.presenting import report_line
from appliance.trust.canonical import canonical

DIGITS: Final = 12
"""So many first hex digits of the SHA-256 show that somebody had the bytes before them."""
_BESIDE: Final = (
    "the id of this box, and the institution that its registry has for it",
    "when the letter was signed",
    "no name, no id of a person, a project or a key",
)


class TravelService:
    """Whoever consents says which bytes; whoever sends can send no others."""

    def __init__(
        self, reports: Reports, travels: Travels, names: Names, letters: Letters, clock: Clock
    ) -> None:
        self._reports = reports
        self._travels = travels
        self._names = names
        self._letters = letters
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"report.preview": self.preview, "report.consent": self.consent, "report.send": self.send}

    async def preview(
        self, *, id: str, prompt_file: str | None, project: str | None, person: str | None, actor: Actor
    ) -> ReportPreview:
        """``report preview``. Raises ``NotFound``, ``BadRequest`` where nobody owns the model or the prompt
        is another.
        """
        report = await self._theirs(id, project, person, actor)
        sharing, content = self._content(report, prompt_file)
        travel = await self._travels.of(id)
        sha256 = _sha256(content)
        return ReportPreview(
            id=id,
            organization=sharing.organization,
            sealed=bool(sharing.sealing_key),
            beside=_BESIDE,
            content=content.decode(),
            size_bytes=len(content),
            sha256=sha256,
            consented=travel is not None and travel.sha256 == sha256,
        )

    async def consent(
        self,
        *,
        id: str,
        sha256: str,
        prompt_file: str | None,
        project: str | None,
        person: str | None,
        actor: Actor,
    ) -> ReportLine:
        """``report consent``: to these bytes and no others. Raises as ``preview``, and ``Conflict`` once it
        was sent.
        """
        report = await self._theirs(id, project, person, actor)
        _, content = self._content(report, prompt_file)
        found = _sha256(content)
        if len(sha256) < DIGITS or not found.startswith(sha256.lower()):
            raise BadRequest(
                f"These are other bytes: `carrel report preview {id}` shows them with their SHA-256, whose "
                f"first {DIGITS} digits are enough.",
                param="sha256",
            )
        travel = await self._travels.of(id) or Travel(id)
        if travel.sent_ms is not None:
            raise Conflict("This report was sent already.")
        now_ms = self._clock.now_ms()
        agreed = replace(travel, sha256=found, consented_by=actor.known_as, consented_ms=now_ms)
        await self._travels.put(agreed)
        return report_line(report, Journey(agreed))

    async def send(self, *, id: str, prompt_file: str | None, actor: Actor) -> ReportLine:
        """``report send``. Raises ``NotFound``, ``Conflict`` without consent to these bytes, or where it was
        sent, ``BadRequest``.
        """
        report = await self._reports.get(id)
        travel = await self._travels.of(id)
        if travel is None or not travel.sha256:
            raise Conflict(
                f"Its reporter has not agreed that it leaves: `carrel report preview {id}` shows what would "
                f"go, `carrel report consent {id} --sha256 DIGITS` agrees to it."
            )
        if travel.sent_ms is not None:
            raise Conflict("This report was sent already.")
        sharing, content = self._content(report, prompt_file)
        if _sha256(content) != travel.sha256:
            raise Conflict(
                "These are other bytes than its reporter agreed to. If they agreed to send the prompt, give "
                "it with --prompt-file; else they have to look again."
            )
        self._letters.require_enrolled()
        travel = replace(travel, thread=travel.thread or f"thr_{secrets.token_hex(6)}")
        await self._travels.put(travel)
        reader = Reader(organization=sharing.organization, sealing_key=sharing.sealing_key)
        await self._letters.send(reader, travel.thread, self._body(report, prompt_file))
        sent = replace(travel, sent_by=actor.known_as, sent_ms=self._clock.now_ms())
        await self._travels.put(sent)
        return report_line(report, Journey(sent))

    async def answered(self, letter: Arrived, answer: FlawAnswer) -> None:
        """The owner has decided; the first answer counts. Raises ``NotFound``."""
        travel = await self._travels.of_thread(letter.thread)
        if travel is None:
            raise NotFound("A letter answers a report that this box never sent.")
        report = await self._reports.get(travel.report_id)
        if letter.organization != self._owner(report).organization:
            raise NotFound("A letter answers a report that was sent to another lab.")
        if travel.answered_ms is None:
            reason = " ".join(answer.reason.split())
            now_ms = self._clock.now_ms()
            await self._travels.put(
                replace(travel, verdict=answer.verdict, reason=reason, answered_ms=now_ms)
            )

    async def undelivered(self, thread: str, reason: str) -> None:
        """The registry did not take it: it can be sent again."""
        travel = await self._travels.of_thread(thread)
        if travel is not None and travel.answered_ms is None:
            await self._travels.put(
                replace(travel, thread="", sent_ms=None, reason=f"the registry did not carry it: {reason}")
            )

    async def _theirs(self, id: str, project: str | None, person: str | None, actor: Actor) -> Report:
        """A member's own; of an operator any."""
        if actor.permission is Permission.MEMBER:
            return await self._reports.get(id, Owner(person or actor.person, project or actor.project))
        return await self._reports.get(id)

    def _content(self, report: Report, prompt: str | None) -> tuple[Sharing, bytes]:
        return self._owner(report), canonical(self._body(report, prompt))

    def _owner(self, report: Report) -> Sharing:
        recipe, _ = self._names.find(report.model.id)
        if recipe.sharing is None or recipe.approval.by != "catalog":
            raise BadRequest(
                f"No other lab shares {report.model.id} with this box, so there is no owner to tell.",
                param="id",
            )
        return recipe.sharing

    def _body(self, report: Report, prompt: str | None) -> FlawReport:
        if prompt is not None:
            check_same_prompt(report, prompt)
        drawn = report.drawn
        return FlawReport(
            model=report.model.id.partition("@")[0],
            revision=report.model.recipe_revision,
            file_sha256=report.model.file_sha256,
            severity=report.severity,
            category=report.category,
            description=report.description.replace("\t", " "),
            seen=report.seen,
            seed=str(drawn.seed),
            temperature=_text(drawn.temperature),
            top_p=_text(drawn.top_p),
            top_k=drawn.top_k,
            min_p=_text(drawn.min_p),
            max_tokens=drawn.max_tokens,
            prompt_sha256=report.prompt_sha256,
            prompt=prompt or "",
        )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:.6f}".rstrip("0").rstrip(".")
