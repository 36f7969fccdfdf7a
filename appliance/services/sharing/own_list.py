"""What this lab shares now: the newest list that its organization signed and this box was told to send.

The list alone decides: a model that is in it can be fetched here at once, one that is not can not.
"""

import asyncio
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.catalog.publishing.giving import Given, given
from appliance.catalog.recipes import decode_recipe
from appliance.catalog.signed.names import RecipeTarget, parse_target
from appliance.domain.clock import Clock
from appliance.domain.recipe import Recipe
from appliance.domain.results import ShareSent
from appliance.domain.sharing import SentList, Sharing
from appliance.errors import BadRequest, Conflict
from appliance.services.sharing.ports import Identity, Lists, organization_of
from appliance.services.sharing.telling import listing_token

ID_BYTES: Final = 6
_NOTHING: Final[tuple["Shared", ...]] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """One model of the list."""

    recipe: Recipe
    sharing: Sharing


class OwnList:
    """``folder`` is where the organization signs, if nobody says another one. ``load`` it before use."""

    def __init__(self, lists: Lists, identity: Identity, folder: Path, clock: Clock) -> None:
        self._lists = lists
        self._identity = identity
        self._folder = folder
        self._clock = clock
        self._models: tuple[Shared, ...] = ()
        self._changing = asyncio.Lock()
        self._now: SentList | None = None

    async def load(self) -> None:
        """Learn from the disk. Raises ``StorageUnavailable``."""
        self._know(await self._lists.newest())

    @property
    def now(self) -> SentList | None:
        """As it was sent; None before the first."""
        return self._now

    @property
    def models(self) -> tuple[Shared, ...]:
        """All that are shared now, by id; none by a box that its registry does not know by that name."""
        membership = self._identity.membership
        if membership is None or self._now is None or membership.organization != self._now.organization:
            return _NOTHING
        return self._models

    async def send(self, *, at: str | None) -> ShareSent:
        """``share send``: from now on this list counts. Raises ``Conflict``, ``NotAllowed``, ``NotFound``,
        ``IntegrityFailed``, ``BadRequest``, ``StorageUnavailable``.
        """
        organization = organization_of(self._identity)
        folder = Path(at) if at else self._folder
        if not folder.is_absolute():
            raise BadRequest("`at` must be an absolute path: the box has another folder.", param="at")
        async with self._changing:
            read = await asyncio.to_thread(given, folder, organization)
            fresh = self._checked(read)
            if fresh is not None:
                # Signed once to see that it can leave: what is too large is told now, not at the next sync.
                await asyncio.to_thread(listing_token, self._identity, fresh)
                await self._lists.add(fresh)
                self._know(fresh)
        return ShareSent(
            organization=organization,
            version=read.version,
            expires_ms=read.expires_ms,
            models=tuple(f"{one.recipe.id} {one.recipe.revision}" for one in self._models),
        )

    async def queued(self, one: SentList) -> None:
        """It is in the outbox."""
        await self._lists.queued(one.id)
        await self.load()

    async def refused(self, id: str, why: str) -> None:
        """The registry did not take the one of this id."""
        await self._lists.refused(id, why)
        await self.load()

    def _checked(self, read: Given) -> SentList | None:
        """None where this very list was sent before and nobody has refused it."""
        if read.expires_ms <= self._clock.now_ms():
            raise Conflict("The list has expired; sign it anew with `carrel catalog sign`.")
        now = self._now
        if now is not None and now.organization == read.organization:
            if read.version < now.version:
                raise Conflict(f"That list is older than the one that was sent (version {now.version}).")
            if read.metadata == now.metadata and not now.refused:
                return None
        for path, data in read.files.items():
            _check_file(read.organization, path, data)
        return SentList(
            id=f"msg_{secrets.token_hex(ID_BYTES)}",
            organization=read.organization,
            version=read.version,
            expires_ms=read.expires_ms,
            metadata=read.metadata,
            files=tuple(read.files.items()),
            sent_ms=self._clock.now_ms(),
        )

    def _know(self, one: SentList | None) -> None:
        self._now = one
        recipes = [] if one is None else [_recipe(path, data) for path, data in one.files]
        shared = [Shared(found, found.sharing) for found in recipes if found is not None and found.sharing]
        self._models = tuple(sorted(shared, key=lambda one: one.recipe.id))


def _check_file(organization: str, path: str, data: bytes) -> None:
    found = _recipe(path, data)
    if found is None:
        return
    if found.sharing is None or found.sharing.organization != organization:
        raise BadRequest(
            f"{found.id} has no record of benefit and harm of {organization}; list it with `carrel share "
            "weights` or `carrel share access`."
        )


def _recipe(path: str, data: bytes) -> Recipe | None:
    """Raises ``ConfigInvalid``."""
    if not isinstance(parse_target(path), RecipeTarget):
        return None
    return decode_recipe(data, path.rpartition("/")[2]).value()
