"""What a box elsewhere has here: a project with a budget, a key for one model, the owner's restrictions."""

from contextlib import suppress
from dataclasses import dataclass

from appliance.domain.allocation import Allocation, Scope, Window
from appliance.domain.clock import Clock
from appliance.domain.peers import Peer
from appliance.domain.people import KeyLimits
from appliance.domain.restriction import NO_LIMITS
from appliance.domain.restriction import Scope as Restricted
from appliance.errors import NotFound
from appliance.services.peers.ports import (
    Allocations,
    Directory,
    Issued,
    Keys,
    OwnList,
    Projects,
    RestrictionBook,
    Restrictions,
)
from appliance.services.peers.presenting import Use


@dataclass(frozen=True, slots=True)
class Room:
    """``limit_micro`` in micro-credits and ``days`` None, ``requests_per_day`` 0: without limit."""

    limit_micro: int | None
    requests_per_day: int
    days: int | None


class PeerRooms:
    """Each step may be done again: a crash in between leaves nothing that the next decision does not mend."""

    def __init__(
        self,
        *,
        projects: Projects,
        directory: Directory,
        keys: Keys,
        allocations: Allocations,
        restrictions: Restrictions,
        book: RestrictionBook,
        own: OwnList,
        clock: Clock,
    ) -> None:
        self._projects = projects
        self._directory = directory
        self._keys = keys
        self._allocations = allocations
        self._restrictions = restrictions
        self._book = book
        self._own = own
        self._clock = clock

    def project_of(self, peer: Peer) -> str:
        """Under which it is counted here."""
        return peer.project_id or f"peer-{peer.id.removeprefix('thr_')}"

    async def open(self, peer: Peer, room: Room, by: str) -> Issued:
        """A new key; the one before ends. Raises ``StorageUnavailable``."""
        project = self.project_of(peer)
        if self._directory.project(project) is None:
            title = f"{peer.institution}: {peer.model}"[:80]
            purpose = " ".join(peer.purpose.split())
            await self._projects.new(project=project, title=title, kind="research", purpose=purpose)
        await self._allocations.set(
            Allocation("", project, Scope.PROJECT, "", Window.TOTAL, room.limit_micro)
        )
        await self._restrict(peer, project, by)
        if peer.key_id:
            with suppress(NotFound):
                await self._keys.revoke(id=peer.key_id)
        return await self._keys.issue(
            name=f"box of {peer.institution}"[:60],
            project=project,
            expires_days=room.days,
            limits=KeyLimits(requests_per_day=room.requests_per_day),
        )

    async def close(self, peer: Peer) -> None:
        """Its key opens nothing from now on, and what it runs ends."""
        with suppress(NotFound):
            await self._keys.revoke(id=peer.key_id)
        with suppress(NotFound):
            await self._projects.close(project=peer.project_id)

    async def use(self, peer: Peer) -> Use:
        """What was used, and what is left. Nothing where the project was never made."""
        try:
            standing = await self._allocations.standing(peer.project_id)
        except NotFound:
            return Use()
        for allocation, accounts in standing:
            if (allocation.scope, allocation.window) == (Scope.PROJECT, Window.TOTAL) and accounts:
                return Use(accounts[0].spent_micro, accounts[0].left_micro)
        return Use()

    async def _restrict(self, peer: Peer, project: str, by: str) -> None:
        """What the entry says holds here too, whatever the other box does with it."""
        for one in self._own.models:
            if one.recipe.id == peer.model and one.sharing.restrictions != NO_LIMITS:
                why = one.sharing.why or f"as {peer.model} is listed"
                made = await self._restrictions.add(
                    Restricted("project", project),
                    one.sharing.restrictions,
                    why=why,
                    by=by,
                    now_ms=self._clock.now_ms(),
                )
                self._book.put(made)
