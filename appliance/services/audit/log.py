"""Writes the audit log: a row before anything is done, how it ended afterwards.

What cannot be written is not done. Where the log stands is told to a second file, and to the box's own log,
with every record.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from appliance.domain.action import Action, Kind
from appliance.domain.actor import Actor
from appliance.domain.audit import BEGUN, NO_HASH, Act, AuditHead, AuditOutcome, AuditRow
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.errors import CarrelError
from appliance.policy.audit_arguments import told
from appliance.policy.audit_chain import Reached, beginning, next_outcome, next_row
from appliance.services.audit.ports import HeadFile, Last, Rows

OK: Final = "ok"
LEFT: Final = "cancelled"
"""Its caller left, or the box stopped, before it was done."""
BOX: Final = "box"
"""Who acts where nobody does."""
CUT: Final = "audit.cut_short"
"""The act of noticing that rows are gone."""


class AuditLog:
    """``box`` is the thumbprint of the box's key."""

    def __init__(self, rows: Rows, heads: HeadFile, *, box: str, clock: Clock, log: Log) -> None:
        self._rows = rows
        self._heads = heads
        self._box = box
        self._clock = clock
        self._log = log
        self._telling = asyncio.Lock()

    async def open(self) -> None:
        """Begin a log that has no row. Set aside what the second file knows of rows that are not there.

        Raises ``StorageUnavailable``.
        """
        known = await asyncio.to_thread(self._heads.current)
        reached = reached_by(await self._rows.last())
        if known is None and reached.seq >= 0:
            self._log.error("audit_head_missing", last=reached.seq)
        cut = known is not None and (known.seq > reached.seq or known.outcomes > reached.outcomes)
        if cut:
            await asyncio.to_thread(self._heads.set_aside, reached.seq)
        if reached.seq < 0:
            await self._add(Act(self._clock.now_ms(), BOX, BOX, BOX, BEGUN, beginning(self._box)))
        if cut and known is not None:
            self._log.error("audit_log_cut_short", last=reached.seq, known=known.seq)
            await self.note(BOX, CUT, {"last": reached.seq, "known": known.seq})
        await self._tell()

    @asynccontextmanager
    async def recording(
        self, action: Action, arguments: Mapping[str, object], actor: Actor
    ) -> AsyncIterator[None]:
        """Scope in which an action is carried out. Raises ``StorageUnavailable`` before anything is done."""
        files = {one.name for one in action.arguments if one.kind is Kind.FILE}
        ids = {one.name for one in action.arguments if one.is_id}
        act = Act(
            self._clock.now_ms(),
            actor.name,
            actor.permission.value,
            actor.origin,
            action.name,
            told(arguments, files, ids),
        )
        row = await self._add(act)
        try:
            yield
        except CarrelError as error:
            await self._note(row.seq, error.code)
            raise
        except asyncio.CancelledError:
            await asyncio.shield(self._note(row.seq, LEFT))
            raise
        except Exception:
            await self._note(row.seq, CarrelError.code)
            raise
        await self._note(row.seq, OK)

    async def note(self, actor: str, act: str, about: Mapping[str, object]) -> None:
        """What the box does by itself, such as ending a hold that nobody looked at; or somebody who is at no
        socket. Raises ``StorageUnavailable``.
        """
        row = await self._add(Act(self._clock.now_ms(), actor, BOX, BOX, act, told(about)))
        await self._note(row.seq, OK)

    async def head(self) -> AuditHead:
        """Where the log stands."""
        return reached_by(await self._rows.last()).head(self._box)

    async def _add(self, act: Act) -> AuditRow:
        row = await self._rows.add(lambda last: next_row(reached_by(last), act))
        await self._tell()
        self._log.info("audit", seq=row.seq, action=row.action, who=row.actor, hash=row.hash)
        return row

    async def _note(self, seq: int, outcome: str) -> None:
        now_ms = self._clock.now_ms()

        def make(last: Last) -> AuditOutcome:
            return next_outcome(reached_by(last), seq, now_ms, outcome)

        try:
            await self._rows.note(make)
            await self._tell()
        except CarrelError as error:
            # It is done; that nobody knows how it ended is what its row says then.
            self._log.error("audit_outcome_not_noted", seq=seq, outcome=outcome, code=error.code)

    async def _tell(self) -> None:
        async with self._telling:
            # Asked again inside: who comes second must not overwrite what is newer.
            await asyncio.to_thread(self._heads.write, await self.head())


def reached_by(last: Last) -> Reached:
    """What was reached by the last row and the last outcome."""
    row, outcome = last
    seq, row_hash = (-1, NO_HASH) if row is None else (row.seq, row.hash)
    noted = (0, NO_HASH) if outcome is None else (outcome.number, outcome.hash)
    return Reached(seq, row_hash, *noted)
