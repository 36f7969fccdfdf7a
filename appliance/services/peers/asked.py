"""What other boxes ask of this one: a letter becomes a line that somebody here decides about."""

import re
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.peers import OPEN, Peer
from appliance.errors import Conflict, NotFound
from appliance.federation.protocol.letters import AccessEnd, AccessRequest
from appliance.services.letters.ports import Arrived
from appliance.services.peers.book import PeerBook
from appliance.services.peers.ports import OwnList

MOST_OPEN: Final = 10
"""Requests of one box that wait for somebody, or were granted."""
THREAD: Final = re.compile(r"thr_[0-9a-f]{12}\Z")


class PeerRequests:
    """Takes ``access-request``. Asking the same again changes nothing."""

    def __init__(self, book: PeerBook, own: OwnList, clock: Clock, log: Log) -> None:
        self._book = book
        self._own = own
        self._clock = clock
        self._log = log

    async def take(self, letter: Arrived, request: AccessRequest) -> None:
        """Raises ``NotFound`` for a model that nobody shares here, ``Conflict`` for one request too many,
        ``StorageUnavailable``.
        """
        if self._book.get(letter.thread) is not None or not THREAD.match(letter.thread):
            raise Conflict("A request for access names no thread of its own.")
        hosted = self._hosted(request.model)
        own = [one for one in self._book.all() if one.box == letter.box and one.state in OPEN]
        if len(own) >= MOST_OPEN or any(one.model == request.model for one in own):
            raise Conflict("That box has asked before, or for too much at once.")
        await self._book.add(
            Peer(
                id=letter.thread,
                box=letter.box,
                institution=letter.institution,
                sealing_key=request.sealing_key,
                model=request.model,
                hosted=hosted,
                purpose=request.purpose,
                contact=request.contact,
                wanted_per_day=request.requests_per_day,
                wanted_days=request.days,
                asked_ms=self._clock.now_ms(),
            )
        )
        self._log.info("access_asked", peer=letter.thread, model=request.model)

    def _hosted(self, model: str) -> str:
        for one in self._own.models:
            if one.recipe.id == model and one.recipe.upstream is not None:
                return one.recipe.upstream.model
        raise NotFound("A letter asks for a model that this lab gives nobody access to.")


def said_end(end: AccessEnd) -> str:
    """Its reason on one line."""
    return " ".join(end.reason.split())
