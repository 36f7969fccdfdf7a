"""Asks every part of the box what it has to say; one at a time, since a sync, a preview and an export may be
asked for at once.
"""

import asyncio
from collections.abc import Sequence

from appliance.domain.log import Log
from appliance.errors import CarrelError
from appliance.services.federation.ports import Composer, Identity


class Composing:
    """``composers`` in their order, those too that join later."""

    def __init__(self, composers: Sequence[Composer], identity: Identity, log: Log) -> None:
        self._composers = composers
        self._identity = identity
        self._log = log
        self._lock = asyncio.Lock()

    async def compose(self) -> tuple[str, ...]:
        """What is due is in the outbox then. Sentences about what one part could not say, which keeps no
        other from it; nothing is asked where the box belongs to no registry.
        """
        if not self._identity.enrolled:
            return ()
        async with self._lock:
            troubles = [await self._ask(one) for one in self._composers]
        return tuple(one for one in troubles if one)

    async def _ask(self, composer: Composer) -> str:
        try:
            await composer.compose()
        except CarrelError as error:
            part = type(composer).__name__
            self._log.warning("federation_part_silent", part=part, reason=error.message)
            return error.message
        return ""
