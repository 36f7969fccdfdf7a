"""``share request``, ``share borrowed``, ``share return``: models that others host for this box."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.peers import Borrowed, PeerState
from appliance.domain.recipe import Recipe
from appliance.domain.results import Result
from appliance.domain.results.peers import BorrowedList
from appliance.domain.sharing import ACCESS_KEY
from appliance.errors import BadRequest, Conflict, NotFound
from appliance.federation.protocol.letters import AccessEnd, AccessGrant, AccessRequest
from appliance.services.labels import require_label
from appliance.services.letters.ports import Arrived, Reader
from appliance.services.peers.book import BorrowBook
from appliance.services.peers.ports import Catalog, Directory, SealingKey, Secrets, Sender, Serving
from appliance.services.peers.presenting import borrowed_line


class BorrowingService:
    """A key that an owner gives is stored under the model's own name, and sent nowhere but to its host."""

    def __init__(
        self,
        book: BorrowBook,
        catalog: Catalog,
        directory: Directory,
        sender: Sender,
        *,
        sealing: SealingKey,
        secrets: Secrets,
        serving: Serving,
        clock: Clock,
    ) -> None:
        self._book = book
        self._catalog = catalog
        self._directory = directory
        self._sender = sender
        self._sealing = sealing
        self._secrets = secrets
        self._serving = serving
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "share.request": self.request,
            "share.borrowed": self.borrowed,
            "share.return": self.give_back,
        }

    async def request(
        self,
        *,
        model: str,
        purpose: str | None,
        project: str | None,
        contact: str | None,
        requests_per_day: int | None,
        days: int | None,
        actor: Actor,
    ) -> BorrowedList:
        """``share request``. Raises ``ModelNotFound``, ``BadRequest``, ``Conflict``,
        ``StorageUnavailable``.
        """
        recipe, _ = self._catalog.find(model)
        owner, sealing_key = _owner(recipe)
        self._sender.require_enrolled()
        before = self._book.of_model(recipe.id)
        if before is not None and before.state in {"asked", "granted"} and self._waits(before):
            raise Conflict(f"This box has asked for {recipe.id} already; `carrel share borrowed` shows it.")
        why = self._purpose(purpose, project)
        letter = AccessRequest(
            model=recipe.id,
            purpose=why,
            contact=require_label(contact or "who runs the box", "contact"),
            requests_per_day=requests_per_day or 0,
            days=days or 0,
            sealing_key=await asyncio.to_thread(self._sealing.public),
        )
        asked = Borrowed(
            id=f"thr_{secrets.token_hex(6)}",
            model=recipe.id,
            organization=owner,
            purpose=why,
            asked_by=actor.known_as,
            asked_ms=self._clock.now_ms(),
        )
        await self._book.put(asked)
        await self._sender.send(Reader(organization=owner, sealing_key=sealing_key), asked.id, letter)
        return self._listed(asked)

    async def borrowed(self) -> BorrowedList:
        """``share borrowed``."""
        return self._listed(*self._book.all())

    async def give_back(self, *, model: str, reason: str) -> BorrowedList:
        """``share return``: the key is removed here, and its owner is told. Raises ``NotFound``."""
        one = self._book.of_model(model)
        if one is None or one.state not in {"asked", "granted"}:
            raise NotFound(f"This box has no access to {model} that it could give back.", param="model")
        why = require_label(reason, "reason")
        await self._end(one, "returned", why)
        letter = AccessEnd(model=one.model, why="returned", reason=why)
        await self._sender.send(Reader(organization=one.organization), one.id, letter)
        return self._listed(self._book.get(one.id) or one)

    async def granted(self, letter: Arrived, grant: AccessGrant) -> None:
        """Its owner said yes. The same again stores the same; a later one has a new key."""
        one = self._asked(letter, grant.model)
        if one.state not in {"asked", "granted"}:
            raise Conflict("An access was granted that this box does not want any more.")
        await asyncio.to_thread(self._secrets.write, ACCESS_KEY + one.model, grant.key)
        if one.state == "granted":
            # What runs was started with the key before.
            await self._serving.stop_serving(one.model)
        await self._book.put(
            replace(
                one,
                state="granted",
                reason="",
                conditions=" ".join(grant.conditions.split()),
                limit_micro=grant.credits_micro or None,
                requests_per_day=grant.requests_per_day,
                until_ms=grant.until * 1000 or None,
                changed_ms=self._clock.now_ms(),
            )
        )

    async def ended(self, letter: Arrived, end: AccessEnd) -> None:
        """Its owner said no, or no more. The same again changes nothing."""
        one = self._asked(letter, end.model)
        if one.state in {"asked", "granted"}:
            state: PeerState = "denied" if end.why == "denied" else "revoked"
            await self._end(one, state, " ".join(end.reason.split()))

    async def undelivered(self, thread: str, reason: str) -> None:
        """The registry did not take the request."""
        one = self._book.get(thread)
        if one is not None and one.state == "asked":
            await self._end(one, "denied", f"the registry did not carry the request: {reason}")

    async def _end(self, one: Borrowed, state: PeerState, reason: str) -> None:
        await self._book.put(replace(one, state=state, reason=reason, changed_ms=self._clock.now_ms()))
        await self._serving.stop_serving(one.model)
        await asyncio.to_thread(self._secrets.forget, ACCESS_KEY + one.model)

    def _asked(self, letter: Arrived, model: str) -> Borrowed:
        """Raises ``NotFound`` for what this box never asked for, or of another lab than it asked."""
        one = self._book.get(letter.thread)
        if one is None or one.model != model or letter.organization != one.organization:
            raise NotFound("A letter answers a request that this box never made of that lab.")
        return one

    def _waits(self, one: Borrowed) -> bool:
        ended = one.until_ms is not None and self._clock.now_ms() >= one.until_ms
        return one.state == "asked" or not ended

    def _purpose(self, purpose: str | None, project: str | None) -> str:
        if (purpose is None) == (project is None):
            raise BadRequest("Say what for: --purpose TEXT, or --project ID for what that project does.")
        if purpose is not None:
            return require_label(purpose, "purpose")
        known = self._directory.project(project or "")
        if known is None or not known.purpose:
            raise BadRequest(
                f"Project {project} is not known, or does not say what it does: "
                f"`carrel project set {project} --purpose TEXT`.",
                param="project",
            )
        return known.purpose

    def _listed(self, *those: Borrowed) -> BorrowedList:
        return BorrowedList(borrowed=tuple(borrowed_line(one, self._lacks(one)) for one in those))

    def _lacks(self, one: Borrowed) -> str:
        try:
            return self._book.lacks(self._catalog.find(one.model)[0])
        except NotFound:
            return f"{one.organization} lists {one.model} no more."


def _owner(recipe: Recipe) -> tuple[str, str]:
    """Whose it is, and what letters to them are sealed to. Raises ``BadRequest``."""
    sharing = recipe.sharing
    if sharing is None or sharing.kind != "access" or recipe.approval.by != "catalog":
        raise BadRequest(
            f"{recipe.id} is not hosted by another lab that gives access to it; `carrel model list --all` "
            "says where models are.",
            param="model",
        )
    return sharing.organization, sharing.sealing_key
