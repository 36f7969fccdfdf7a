"""The registries' status lists: the newest of each, which of its leases it has taken back, and until when it
counts as fresh.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from appliance.errors import CarrelError, IntegrityFailed
from appliance.federation.protocol.kinds import STATUS_LIST
from appliance.federation.protocol.lease_state import NO_LIST, ListView
from appliance.federation.protocol.statements import LeaseClaims, StatusList
from appliance.federation.protocol.status_list import Statuses
from appliance.services.registries.statements import Registries


class StatusLists(Protocol):
    """Where they are remembered, as they were signed."""

    async def keep(self, registry: str, signed_ms: int, token: str) -> None:
        """An older one changes nothing. Raises ``StorageUnavailable``."""
        ...

    async def all(self) -> Sequence[str]:
        """Their tokens."""
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    signed_s: int
    until_s: int
    statuses: Statuses


class StatusBook:
    """By the name of the registry (``iss``)."""

    def __init__(self, lists: StatusLists, registries: Registries) -> None:
        self._lists = lists
        self._registries = registries
        self._known: dict[str, _Known] = {}

    async def load(self) -> None:
        """Learn what is on the disk and still believed."""
        for token in await self._lists.all():
            try:
                await asyncio.to_thread(self._read_kept, token)
            except CarrelError:
                continue  # its leases are in their days of grace until a list comes that is believed

    async def take(self, token: str, one: StatusList) -> bool:
        """Whether it is news. Raises ``IntegrityFailed`` for one that is older than what is known, or cannot
        be unpacked; ``StorageUnavailable``.
        """
        known = self._known.get(one.iss)
        if known is not None and one.iat < known.signed_s:
            raise IntegrityFailed(
                "This status list is older than the one that is here: somebody has kept it back, or the "
                "registry was restored from a backup. The newer one counts."
            )
        found = _known(one)
        await self._lists.keep(one.iss, one.iat * 1000, token)
        self._known[one.iss] = found
        return known is None or one.iat > known.signed_s

    def view(self, claims: LeaseClaims) -> ListView:
        """What is said of a lease."""
        known = self._known.get(claims.iss)
        if known is None or claims.status < 0:
            return NO_LIST
        return ListView(known.statuses.at(claims.status), known.until_s)

    def ends_before(self, claims: LeaseClaims) -> bool:
        """Whether there is a list, and it has no place for this lease, which should never be."""
        known = self._known.get(claims.iss)
        return known is not None and claims.status >= 0 and known.statuses.at(claims.status) is None

    def until_ms(self, registry: str) -> int:
        """Until when its list counts as fresh; 0: there is none."""
        known = self._known.get(registry)
        return 0 if known is None else known.until_s * 1000

    def _read_kept(self, token: str) -> None:
        one, _ = self._registries.believed(token, STATUS_LIST, StatusList)
        self._known[one.iss] = _known(one)


def _known(one: StatusList) -> _Known:
    return _Known(one.iat, one.exp, Statuses.unpack(one.lst))
