"""A lease was taken back: the model stops, its files go where nothing opens them, and the registry is told.

Each step may be interrupted; then all of it is done again, and the registry is told once. A later lease
brings back what was put away.
"""

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.lease import HowLeft, LeaseRevocation
from appliance.domain.recipe import Recipe
from appliance.federation.protocol.kinds import DELETION
from appliance.federation.protocol.messages import Deletion
from appliance.services.federation.ports import Identity, Outbox, Outgoing
from appliance.services.registries.held_lease import HeldLease

_MOST_FILES: Final = 512


class Leases(Protocol):
    """The registry's permissions."""

    def revoked(self, model: str) -> Sequence[HeldLease]:
        """Those that were taken back."""
        ...


class Service(Protocol):
    """What is being served."""

    async def stop_serving(self, recipe_id: str) -> None:
        """Stop every form of a model; it does not come back after a restart."""
        ...


class Files(Protocol):
    """The files of models. Every method blocks, and raises ``StorageUnavailable``, ``IntegrityFailed``."""

    def names(self, recipe_id: str) -> Sequence[str]:
        """Those that a model has here, put away or not."""
        ...

    def put_away(self, recipe_id: str) -> None:
        """Where nothing opens them."""
        ...

    def bring_back(self, recipe_id: str) -> bool:
        """False where nothing was put away."""
        ...

    def delete(self, recipe_id: str, sha256s: Collection[str]) -> None:
        """For good; of what was fetched too."""
        ...


class Seals(Protocol):
    """What is known of files that were hashed."""

    async def forget(self, recipe_id: str, names: Sequence[str]) -> None:
        """They are read in full before they are opened again."""
        ...


class Done(Protocol):
    """What was done about leases that were taken back."""

    async def add(self, one: LeaseRevocation) -> None:
        """The first of a lease counts. Raises ``StorageUnavailable``."""
        ...

    async def all(self) -> Sequence[LeaseRevocation]:
        """Oldest first."""
        ...


class Revoking:
    """``carry_out`` and ``undo`` change nothing where it was done before."""

    def __init__(
        self,
        leases: Leases,
        service: Service,
        files: Files,
        seals: Seals,
        done: Done,
        *,
        identity: Identity,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self._leases = leases
        self._service = service
        self._files = files
        self._seals = seals
        self._done = done
        self._identity = identity
        self._outbox = outbox
        self._clock = clock

    async def carry_out(self, recipe: Recipe) -> None:
        """Its lease was taken back. Raises ``CarrelError``: then it has to be asked again."""
        known = {one.lease for one in await self._done.all()}
        taken = [one for one in self._leases.revoked(recipe.id) if one.id not in known]
        if not taken:
            return
        await self._service.stop_serving(recipe.id)
        names = await asyncio.to_thread(self._files.names, recipe.id)
        sha256s = sorted({one.sha256 for form in recipe.forms for one in form.files})
        here = [one.sha256 for form in recipe.forms for one in form.files if one.name in names]
        how: HowLeft = "deleted" if recipe.terms.on_revocation == "delete" else "quarantined"
        if how == "deleted":
            await asyncio.to_thread(self._files.delete, recipe.id, sha256s)
        else:
            await asyncio.to_thread(self._files.put_away, recipe.id)
        await self._seals.forget(recipe.id, names)
        # Renewals of one right are taken back together, and told of once.
        message = await self._tell(max(taken, key=lambda one: one.until_ms), sorted(set(here)), how)
        for one in taken:
            await self._done.add(LeaseRevocation(one.id, recipe.id, how, message, self._clock.now_ms()))

    async def undo(self, recipe: Recipe) -> None:
        """It has a lease again: what was put away is back, and is read in full before it is opened. Raises as
        ``carry_out``.
        """
        if await asyncio.to_thread(self._files.bring_back, recipe.id):
            names = await asyncio.to_thread(self._files.names, recipe.id)
            await self._seals.forget(recipe.id, names)

    async def _tell(self, lease: HeldLease, files: Sequence[str], how: HowLeft) -> str:
        """The id of the message; empty where there is no registry to be told."""
        if not self._identity.enrolled:
            return ""
        now_ms = self._clock.now_ms()
        # Of the lease, so that whatever was interrupted tells it under the same id.
        jti = f"msg_{hashlib.sha256(lease.id.encode()).hexdigest()[:12]}"
        message = Deletion(
            box=await asyncio.to_thread(lambda: self._identity.box_id),
            jti=jti,
            iat=now_ms // 1000,
            model=lease.model,
            lease=lease.id,
            files=tuple(files[:_MOST_FILES]),
            how=how,
            at=now_ms // 1000,
        )
        token = await asyncio.to_thread(self._identity.sign, DELETION, message)
        await self._outbox.put(Outgoing(jti, DELETION, token, now_ms, f"{lease.model}: files {how}"))
        return jti
