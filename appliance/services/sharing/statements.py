"""What other boxes used of this lab's models, as the registry signed it: taken in, kept, shown."""

import asyncio
import re
from typing import Final

import msgspec

from appliance.domain.log import Log
from appliance.domain.results import ReceivedLine, ReceivedStatement, ReceivedStatements
from appliance.domain.sharing import KeptStatement
from appliance.errors import BadRequest, CarrelError, IntegrityFailed
from appliance.federation.protocol.kinds import STATEMENT
from appliance.federation.protocol.limits import LEAST_USERS
from appliance.federation.protocol.statements import OwnerStatementClaims, StatementLine
from appliance.services.federation.ports import Item
from appliance.services.sharing.ports import Identity, KeptStatements, Registries

_MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{2}\Z")


class StatementReceiver:
    """A ``Receiver``. A statement about another organization is none of this lab's business."""

    kinds = frozenset({STATEMENT})

    def __init__(self, kept: KeptStatements, identity: Identity, log: Log) -> None:
        self._kept = kept
        self._identity = identity
        self._log = log

    async def take(self, item: Item) -> None:
        """Remember it. Raises ``IntegrityFailed``, ``StorageUnavailable``."""
        try:
            claims = item.read(OwnerStatementClaims)
        except msgspec.DecodeError as error:
            raise IntegrityFailed("A statement of use has another shape than its kind.") from error
        membership = self._identity.membership
        own = membership.organization if membership else ""
        if claims.organization != own:
            raise IntegrityFailed("A statement of use came that is about another organization.")
        if any(not line.model.startswith(f"{own}.") for line in claims.lines):
            raise IntegrityFailed("A statement of use names a model that is not this organization's.")
        await self._kept.add(
            KeptStatement(
                id=claims.jti,
                organization=own,
                first_day=claims.first_day,
                token=item.token,
                registry=item.registry,
                signed_ms=claims.iat * 1000,
            )
        )
        self._log.info("statement_received", first_day=claims.first_day, models=len(claims.lines))


class StatementShowing:
    """Reads them again from what was signed: a row that somebody changed is not shown."""

    def __init__(self, kept: KeptStatements, registries: Registries) -> None:
        self._kept = kept
        self._registries = registries

    async def received(self, *, month: str | None, limit: int) -> ReceivedStatements:
        """``statement received``. Raises ``BadRequest``."""
        if month is not None and not _MONTH.match(month):
            raise BadRequest("A month is written as 2026-10.", param="month")
        rows = await self._kept.newest(limit, month or "")
        read = [await asyncio.to_thread(self._read, row) for row in rows]
        return ReceivedStatements(
            least_users=LEAST_USERS, statements=tuple(one for one in read if one is not None)
        )

    def _read(self, row: KeptStatement) -> ReceivedStatement | None:
        try:
            claims, registry = self._registries.believed(row.token, STATEMENT, OwnerStatementClaims)
        except CarrelError:
            return None
        return ReceivedStatement(
            organization=claims.organization,
            first_day=claims.first_day,
            last_day=claims.last_day,
            signed_ms=claims.iat * 1000,
            registry=registry,
            lines=tuple(_line(one) for one in claims.lines),
        )


def _line(one: StatementLine) -> ReceivedLine:
    return ReceivedLine(
        model=one.model,
        boxes=one.boxes,
        institutions=one.institutions,
        requests=one.requests,
        input_tokens=one.input_tokens,
        output_tokens=one.output_tokens,
        gflop=one.gflop,
    )
