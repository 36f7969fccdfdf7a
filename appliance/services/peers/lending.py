"""``share requests``, ``decide``, ``revoke``, ``peers``: who else may use the models that this box hosts."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.days import DAY_MS
from appliance.domain.peers import Peer, PeerState
from appliance.domain.results import Result
from appliance.domain.results.peers import PeerLine, PeerList
from appliance.errors import BadRequest, Conflict, NotFound
from appliance.federation.protocol.letters import AccessEnd, AccessGrant
from appliance.policy.budget import parse_credits
from appliance.services.labels import require_label
from appliance.services.letters.ports import Reader
from appliance.services.peers.book import PeerBook
from appliance.services.peers.ports import Sender
from appliance.services.peers.presenting import Use, peer_line
from appliance.services.peers.rooms import PeerRooms, Room

_OVER: Final = frozenset({"denied", "revoked", "returned"})
_UNKNOWN: Final = "No box elsewhere has asked under this id; `carrel share requests` shows them all."


class LendingService:
    """What somebody decides here is done here first, then told. ``rooms`` are the projects and keys of boxes
    elsewhere.
    """

    def __init__(self, book: PeerBook, rooms: PeerRooms, sender: Sender, clock: Clock) -> None:
        self._book = book
        self._rooms = rooms
        self._sender = sender
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "share.requests": self.requests,
            "share.decide": self.decide,
            "share.revoke": self.revoke,
            "share.peers": self.peers,
        }

    async def requests(self, *, all: bool) -> PeerList:
        """``share requests``: those that wait, or all."""
        return await self._listed([one for one in self._book.all() if all or one.state == "asked"])

    async def peers(self) -> PeerList:
        """``share peers``: who has or had access, and what of it is left."""
        return await self._listed([one for one in self._book.all() if one.state not in {"asked", "denied"}])

    async def decide(
        self,
        *,
        id: str,
        grant: bool,
        deny: bool,
        reason: str | None,
        credits: str | None,
        requests_per_day: int | None,
        days: int | None,
        conditions: str | None,
        actor: Actor,
    ) -> PeerList:
        """``share decide``. A grant that is given again has a new key, and the old one ends. Raises
        ``NotFound``, ``BadRequest``, ``Conflict``, ``StorageUnavailable``.
        """
        peer = self._known(id)
        if grant == deny:
            raise BadRequest("Say either --grant or --deny.")
        self._sender.require_enrolled()
        if deny:
            if peer.state != "asked":
                raise Conflict(f"It was decided already; `carrel share revoke {id}` ends an access.")
            why = require_label(reason or "", "reason")
            await self._end(peer, "denied", why, actor.known_as)
            return await self._listed([self._known(id)])
        if peer.state in _OVER:
            raise Conflict("It was decided already, and that box may ask again.")
        if credits is None:
            raise BadRequest(
                "Say how much that box may spend here: --credits N, or --credits none.", param="credits"
            )
        room = Room(
            limit_micro=parse_credits(credits),
            requests_per_day=requests_per_day or 0,
            days=days or peer.wanted_days or None,
        )
        await self._grant(peer, room, conditions, actor.known_as)
        return await self._listed([self._known(id)])

    async def revoke(self, *, id: str, reason: str, actor: Actor) -> PeerList:
        """``share revoke``: its key ends at once, and what it runs; its box is told why. Raises ``NotFound``,
        ``Conflict``.
        """
        peer = self._known(id)
        if peer.state != "granted":
            raise Conflict("There is no access to take back.")
        await self._end(peer, "revoked", require_label(reason, "reason"), actor.known_as)
        return await self._listed([self._known(id)])

    async def returned(self, peer: Peer, reason: str) -> None:
        """The other box needs it no more. The same again changes nothing."""
        if peer.state == "granted":
            await self._rooms.close(peer)
        if peer.state not in _OVER:
            await self._book.change(self._decided(peer, "returned", reason, peer.decided_by))

    async def _grant(self, peer: Peer, room: Room, conditions: str | None, by: str) -> None:
        now_ms = self._clock.now_ms()
        said = "" if conditions is None else require_label(conditions, "conditions")
        until_ms = None if room.days is None else now_ms + room.days * DAY_MS
        # Before there is a key: the gate knows for which model it is.
        peer = replace(peer, project_id=self._rooms.project_of(peer))
        await self._book.change(peer)
        made = await self._rooms.open(peer, room, by)
        granted = replace(
            self._decided(peer, "granted", "", by),
            conditions=said,
            key_id=made.key.id,
            limit_micro=room.limit_micro,
            requests_per_day=room.requests_per_day,
            until_ms=until_ms,
        )
        await self._book.change(granted)
        await self._sender.send(
            Reader(box=peer.box, sealing_key=peer.sealing_key),
            peer.id,
            AccessGrant(
                model=peer.model,
                key=made.secret,
                credits_micro=room.limit_micro or 0,
                requests_per_day=room.requests_per_day,
                until=0 if until_ms is None else until_ms // 1000,
                conditions=said,
            ),
        )

    async def _end(self, peer: Peer, state: PeerState, reason: str, by: str) -> None:
        ended = self._decided(peer, state, reason, by)
        await self._book.change(ended)
        if peer.key_id:
            await self._rooms.close(peer)
        letter = AccessEnd(model=peer.model, why="denied" if state == "denied" else "revoked", reason=reason)
        await self._sender.send(Reader(box=peer.box, sealing_key=peer.sealing_key), peer.id, letter)

    def _decided(self, peer: Peer, state: PeerState, reason: str, by: str) -> Peer:
        return replace(peer, state=state, reason=reason, decided_by=by, decided_ms=self._clock.now_ms())

    def _known(self, id: str) -> Peer:
        found = self._book.get(id)
        if found is None:
            raise NotFound(_UNKNOWN, param="id")
        return found

    async def _listed(self, peers: list[Peer]) -> PeerList:
        lines: list[PeerLine] = []
        for one in peers:
            use = await self._rooms.use(one) if one.project_id else Use()
            lines.append(peer_line(one, use))
        return PeerList(peers=tuple(lines))
