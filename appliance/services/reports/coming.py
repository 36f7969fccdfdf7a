"""Reports that other boxes send about models that this lab shares, and what they are told of them."""

import hashlib
import secrets
from collections.abc import Sequence

from appliance.domain.clock import Clock
from appliance.domain.people import DEFAULT_ID
from appliance.domain.report_travel import Origin
from appliance.domain.reports import Drawn, Report, ReportedModel
from appliance.domain.samples import Sealed
from appliance.errors import NotFound
from appliance.federation.protocol.letters import FlawAnswer, FlawReport
from appliance.policy.reports import MOST_OPEN, MOST_TEXT_BYTES, hash_of
from appliance.policy.sampling.choosing import DAY_MS
from appliance.policy.sampling.content import as_content
from appliance.services.letters.ports import Arrived, Reader
from appliance.services.reports.ports import Letters, OwnModels, Sealing, Travels


class ComingReports:
    """They are of nobody on this box and pay nobody here. A prompt that came along is sealed to the reviewers
    at once, and is nowhere else; where no reviewer has a key, its hash alone is kept. ``days`` as for others.
    """

    def __init__(
        self,
        travels: Travels,
        own: OwnModels,
        keys: Sealing,
        letters: Letters,
        *,
        clock: Clock,
        days: int,
    ) -> None:
        self._travels = travels
        self._own = own
        self._keys = keys
        self._letters = letters
        self._clock = clock
        self._days = days

    async def take(self, letter: Arrived, body: FlawReport) -> None:
        """Raises ``NotFound`` for a model that this lab does not share, ``BadRequest`` where the prompt is
        not the one that was hashed, ``TryAgain`` where that box has too many open.
        """
        now_ms = self._clock.now_ms()
        report = Report(
            id=f"rep_{secrets.token_hex(6)}",
            # No person and no key is called so.
            holder=f"box:{hashlib.sha256(letter.box.encode()).hexdigest()[:16]}",
            person_id=DEFAULT_ID,
            project_id=DEFAULT_ID,
            model=ReportedModel(self._hosted(body.model), body.revision, body.file_sha256),
            prompt_sha256=hash_of(body.prompt or None, body.prompt_sha256),
            drawn=_drawn(body),
            severity=body.severity,
            category=body.category,
            description=body.description,
            seen=body.seen,
            made_ms=now_ms,
        )
        origin = Origin(
            report.id, letter.thread, letter.box, letter.institution, body.model, letter.sealing_key
        )
        sealed = self._sealed(report, body.prompt)
        await self._travels.came(report, sealed, origin, most_open=MOST_OPEN)

    async def decided(self, report: Report) -> None:
        """Its box is told. Nothing where it is of this box. Raises as ``Letters.send``."""
        origin = await self._travels.origin(report.id)
        if origin is None or origin.answered_ms is not None or report.state == "open":
            return
        answer = FlawAnswer(
            model=origin.model,
            verdict=report.state,
            reason=" ".join(report.reason.split())[:1000],
        )
        await self._letters.send(
            Reader(box=origin.box, sealing_key=origin.sealing_key), origin.thread, answer
        )
        await self._travels.answered(report.id, self._clock.now_ms())

    def _hosted(self, model: str) -> str:
        for one in self._own.models:
            if one.recipe.id == model:
                return model if one.recipe.upstream is None else one.recipe.upstream.model
        raise NotFound("A letter reports a flaw of a model that this lab does not share.")

    def _sealed(self, report: Report, prompt: str) -> Sequence[Sealed]:
        if not prompt or len(prompt.encode()) > MOST_TEXT_BYTES or not self._keys.count:
            return ()
        until_ms = report.made_ms + self._days * DAY_MS
        return [Sealed(report.id, key, jwe, until_ms) for key, jwe in self._keys.seal(as_content(prompt))]


def _drawn(body: FlawReport) -> Drawn:
    return Drawn(
        int(body.seed) % 2**63,
        temperature=_number(body.temperature),
        top_p=_number(body.top_p),
        top_k=body.top_k,
        min_p=_number(body.min_p),
        max_tokens=body.max_tokens,
    )


def _number(text: str) -> float | None:
    return float(text) if text else None
