"""What is done about duties: handed in, signed off, taken back. Each with who, when and on what evidence."""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.duties import DutyName, DutyRecord
from appliance.domain.results import DutyDetail, Result
from appliance.errors import BadRequest, NotFound, NotPermitted
from appliance.policy.access.reviewing import self_approved, somebody_else_reviews
from appliance.policy.duties.answers import read_answers
from appliance.policy.duties.checklist import VERSION
from appliance.policy.duties.table import FULFILLED_MS
from appliance.services.duties.looking import DutyView
from appliance.services.duties.ports import Directory
from appliance.services.duties.register import DutyRegister
from appliance.services.labels import require_label

_ID_BYTES: Final = 6
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}\Z")
_EXTENDED: Final = "extended-review"


class DutyRecording:
    """Answers ``duty submit``, ``accept`` and ``fulfil``; ``take_back`` is a part of ``duty withdraw``."""

    def __init__(
        self,
        register: DutyRegister,
        directory: Directory,
        view: DutyView,
        clock: Clock,
        *,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._register = register
        self._directory = directory
        self._view = view
        self._clock = clock
        self._random_bytes = random_bytes

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"duty.submit": self.submit, "duty.accept": self.accept, "duty.fulfil": self.fulfil}

    async def submit(
        self,
        *,
        project: str,
        duty: DutyName,
        actor: Actor,
        who: str | None = None,
        evidence: str | None = None,
        sha256: str | None = None,
        answers: str | None = None,
    ) -> DutyDetail:
        """``duty submit``. Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``."""
        self._view.require(project)
        record = self._written(project, duty, actor, who or actor.known_as)
        await self._register.add(_with_matter(record, evidence, sha256, answers))
        return await self._view.show(project=project)

    async def fulfil(
        self,
        *,
        project: str,
        duty: DutyName,
        who: str,
        actor: Actor,
        evidence: str | None = None,
        sha256: str | None = None,
        answers: str | None = None,
    ) -> DutyDetail:
        """``duty fulfil``. Raises as ``submit``, and ``NotPermitted`` for one's own project."""
        self._view.require(project)
        record = _with_matter(self._written(project, duty, actor, who), evidence, sha256, answers)
        await self._register.add(self._accepted(record, actor, f"duty fulfil --project {project}"))
        return await self._view.show(project=project)

    async def accept(self, *, id: str, actor: Actor) -> DutyDetail:
        """``duty accept``. Raises ``NotFound``, ``NotPermitted`` for one's own project, ``Conflict`` where it
        was decided before, ``StorageUnavailable``.
        """
        found = self._register.record(id)
        if found is None:
            raise NotFound("Nothing of this id was handed in; `carrel duty list` shows all.", param="id")
        await self._register.accept(self._accepted(found, actor, f"duty accept {id}"))
        return await self._view.show(project=found.project_id)

    async def take_back(self, record: DutyRecord, reason: str, actor: Actor) -> DutyDetail:
        """Raises ``Conflict`` where it was taken back before, ``StorageUnavailable``."""
        taken = replace(
            record,
            withdrawn_by=actor.known_as,
            withdrawn_ms=self._clock.now_ms(),
            reason=require_label(reason, "reason"),
        )
        await self._register.withdraw(taken)
        return await self._view.show(project=record.project_id)

    def _written(self, project: str, duty: DutyName, actor: Actor, who: str) -> DutyRecord:
        return DutyRecord(
            id=f"dut_{self._random_bytes(_ID_BYTES).hex()}",
            project_id=project,
            duty=duty,
            who=require_label(who, "who"),
            submitted_by=actor.known_as,
            submitted_ms=self._clock.now_ms(),
        )

    def _accepted(self, record: DutyRecord, actor: Actor, command: str) -> DutyRecord:
        """Nobody signs off for a project of their own where somebody else can."""
        people = self._directory.people()
        members = [one.person_id for one in self._directory.members(record.project_id)]
        if actor.person in {*members, record.submitted_by} - {""} and somebody_else_reviews(
            people, actor.person
        ):
            raise NotPermitted(
                "Duties of your own project are signed off by another reviewer, and this box has one. "
                f"`carrel person list` shows who reviews; they run `carrel {command}`.",
                rule="own decision",
                waits_for="reviewer",
            )
        now_ms = self._clock.now_ms()
        return replace(
            record,
            accepted_by=actor.known_as,
            accepted_ms=now_ms,
            until_ms=now_ms + FULFILLED_MS,
            self_approved=self_approved(people, members, actor.person),
        )


def _with_matter(
    record: DutyRecord, evidence: str | None, sha256: str | None, answers: str | None
) -> DutyRecord:
    """What is handed in fits the duty. Raises ``BadRequest``."""
    if (record.duty == _EXTENDED) != (answers is not None):
        wanted = "wants" if record.duty == _EXTENDED else "has no"
        raise BadRequest(
            f"The duty {record.duty} {wanted} `--answers FILE`: only an extended review goes through the "
            "checklist, which `carrel duty checklist` prints.",
            param="answers",
        )
    if sha256 is not None and _SHA256.match(sha256) is None:
        raise BadRequest("sha256 must be 64 hex digits, as `sha256sum FILE` tells them.", param="sha256")
    if evidence is None and record.duty not in {"conduct", "description", _EXTENDED}:
        raise BadRequest(
            f"Say with `--evidence TEXT` what was done about {record.duty}, and where it lies.",
            param="evidence",
        )
    return replace(
        record,
        evidence="" if evidence is None else require_label(evidence, "evidence"),
        sha256="" if sha256 is None else sha256.lower(),
        answers={} if answers is None else read_answers(answers),
        version=0 if answers is None else VERSION,
    )
