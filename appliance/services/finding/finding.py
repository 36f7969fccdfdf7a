"""Answers ``log read`` and ``request show``."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.refusals import KnownRefusal
from appliance.domain.results import LogLines, RequestRefusal, RequestShown, RequestUse, Result
from appliance.domain.usage import RequestRow
from appliance.errors import NotAvailable, NotFound
from appliance.policy.budget import credits_text
from appliance.services.finding.log_files import Wanted, last_lines

MOST_BYTES: Final = 32 * 2**20
"""Of the log that one question reads: about six files. `carrel logs` reads all of them."""
MOST_LINES: Final = 200
"""Of one request."""


class Requests(Protocol):
    """The ledger's rows."""

    async def find(self, request_id: str) -> RequestRow | None:
        """None where nothing was reserved for it, or its row was summed up."""
        ...


class Refused(Protocol):
    """What was refused a while ago."""

    def find(self, request_id: str) -> KnownRefusal | None:
        """None: it was not, or that is forgotten."""
        ...


class FindingService:
    """Who may only look is not told whose a request was."""

    def __init__(self, log_file: Path, requests: Requests, refused: Refused) -> None:
        self._log_file = log_file
        self._requests = requests
        self._refused = refused

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"log.read": self.read, "request.show": self.show}

    async def read(
        self, *, lines: int, level: str, request: str | None = None, text: str | None = None
    ) -> LogLines:
        """``log read``. Raises ``NotAvailable`` where the gateway may not read its own log."""
        return LogLines(lines=await self._lines(Wanted(level, request, text), lines))

    async def show(self, *, id: str, actor: Actor) -> RequestShown:
        """``request show``. Raises ``NotFound``, ``StorageUnavailable``."""
        told = actor.permission is not Permission.READ
        row, refusal = await self._requests.find(id), self._refused.find(id)
        log = await self._lines(Wanted(request=id), MOST_LINES)
        if row is None and refusal is None and not log:
            raise NotFound(
                "Nothing is known of a request of this id: it came to nothing, or too long ago. Compare it "
                "with `x-request-id` of the answer; `carrel logs --request` also reads older logs.",
                param="id",
            )
        return RequestShown(
            id=id,
            use=None if row is None else _use(row, told=told),
            refusal=None if refusal is None else _refusal(refusal, told=told),
            log=log,
        )

    async def _lines(self, wanted: Wanted, most: int) -> tuple[str, ...]:
        try:
            return await asyncio.to_thread(last_lines, self._log_file, wanted, most, most_bytes=MOST_BYTES)
        except OSError as error:
            raise NotAvailable(
                "The gateway cannot read its log; `carrel doctor` looks at its files."
            ) from error


def _use(row: RequestRow, *, told: bool) -> RequestUse:
    meters = row.meters
    return RequestUse(
        model=row.model_id,
        project=row.project_id,
        person=row.person_id if told else "",
        key=row.key_id if told else "",
        op=row.op,
        outcome=row.outcome,
        prompt_tokens=meters.prompt_tokens,
        cached_tokens=meters.cached_tokens,
        completion_tokens=meters.completion_tokens,
        started_ms=row.started_ms,
        ended_ms=row.ended_ms,
        wall_ms=meters.wall_ms,
        gpu_ms=meters.gpu_ms,
        spent_credits=credits_text(meters.gflop),
    )


def _refusal(one: KnownRefusal, *, told: bool) -> RequestRefusal:
    return RequestRefusal(
        status=one.status,
        code=one.code,
        message=one.message,
        path=one.path,
        at_ms=one.at_ms,
        project=one.project_id,
        person=one.person_id if told else "",
        key=one.key_id if told else "",
    )
