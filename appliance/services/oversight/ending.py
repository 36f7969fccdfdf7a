"""Ends what nobody has looked at: once a minute, in the clock's time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from appliance.domain.log import Log
from appliance.domain.oversight import Level
from appliance.errors import CarrelError
from appliance.services.oversight.incident_book import IncidentBook

EVERY_S: Final = 60.0
BOX: Final = "box"
ENDED: Final = "incident.expire"
"""The act, as the audit log tells it."""
Sleep = Callable[[float], Awaitable[None]]


class AuditLog(Protocol):
    """Where the box writes down what it did by itself."""

    async def note(self, actor: str, act: str, about: Mapping[str, object]) -> None:
        """Raises ``StorageUnavailable``."""
        ...


async def end_once(book: IncidentBook, audit: AuditLog) -> None:
    """Throttles and holds that end are audited, notes and warnings are not. Raises ``StorageUnavailable``."""
    for one in book.end_old():
        if one.level in {Level.THROTTLE, Level.HOLD}:
            await audit.note(BOX, ENDED, {"id": one.id, "wire": one.wire, "level": one.level.value})


async def end_unreviewed(
    book: IncidentBook, audit: AuditLog, log: Log, *, sleep: Sleep = asyncio.sleep
) -> None:
    """Until it is cancelled. A hold is over at its time whether or not that could be written."""
    while True:
        try:
            await end_once(book, audit)
        except CarrelError as error:
            log.warning("incidents_not_ended", reason=error.message)
        await sleep(EVERY_S)
