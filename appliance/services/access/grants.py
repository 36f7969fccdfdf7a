"""The book of grants: in memory for every request, on the disk for good.

What is given is stored before it holds; what is taken back holds no more before that is stored.
"""

from collections.abc import Sequence

from appliance.domain.access import Grant
from appliance.domain.clock import Clock
from appliance.policy.access.deciding import fits, holds, lacks_for_box
from appliance.services.access.ports import Grants


class GrantBook:
    """The only writer of grants."""

    def __init__(self, grants: Grants, clock: Clock) -> None:
        self._grants = grants
        self._clock = clock
        self._held: dict[str, dict[tuple[str, str], Grant]] = {}

    async def load(self) -> None:
        """Learn what is on the disk."""
        for one in await self._grants.all():
            self._put(one)

    async def give(self, grant: Grant) -> None:
        """In place of the one that the project has. Raises ``StorageUnavailable``."""
        await self._grants.give(grant)
        self._put(grant)

    def take(self, project: str, model: str, tier: str) -> Grant | None:
        """It holds no more; returns it, to be given to ``store_end``, or None where there was none."""
        return self._held.get(project, {}).pop((model, tier), None)

    async def store_end(self, grant: Grant) -> None:
        """Raises ``StorageUnavailable``: then it holds again after a restart."""
        await self._grants.revoke(grant, self._clock.now_ms())

    @property
    def grants(self) -> Sequence[Grant]:
        """All that were not taken back, by project."""
        return [grant for held in self._held.values() for grant in held.values()]

    def find(self, grant_id: str) -> Grant | None:
        """Of that id."""
        return next((one for one in self.grants if one.id == grant_id), None)

    def of(self, project: str, model: str, tier: str) -> tuple[Grant, ...]:
        """A project's that are for this model, whether or not they have run out."""
        return tuple(one for one in self._held.get(project, {}).values() if fits(one, model, tier))

    def lacks_for_box(self, model: str, tier: str) -> str:
        """What is missing before the box fetches or starts it, as a sentence; empty: nothing."""
        return lacks_for_box(model, tier, tuple(self.grants), self._clock.now_ms())

    def current_grants(self, model: str, tier: str) -> int:
        """How many projects have a grant for it now."""
        now_ms = self._clock.now_ms()
        return len({one.project_id for one in self.grants if fits(one, model, tier) and holds(one, now_ms)})

    def _put(self, grant: Grant) -> None:
        self._held.setdefault(grant.project_id, {})[grant.model, grant.tier] = grant
