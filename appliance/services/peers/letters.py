"""Letters about access, given to whoever they are for: the lab that lends, or the one that borrows."""

from typing import Final

from appliance.errors import BadRequest, NotFound
from appliance.federation.protocol.letters import AccessEnd, AccessGrant, AccessRequest
from appliance.federation.protocol.messages import LetterKind
from appliance.services.letters.ports import Arrived
from appliance.services.peers.asked import PeerRequests, said_end
from appliance.services.peers.book import PeerBook
from appliance.services.peers.borrowing import BorrowingService
from appliance.services.peers.lending import LendingService


class AccessLetters:
    """A ``Taker``."""

    kinds: Final[frozenset[LetterKind]] = frozenset({"access-request", "access-grant", "access-end"})

    def __init__(
        self,
        book: PeerBook,
        requests: PeerRequests,
        lending: LendingService,
        borrowing: BorrowingService,
    ) -> None:
        self._book = book
        self._requests = requests
        self._lending = lending
        self._borrowing = borrowing

    async def take(self, letter: Arrived) -> None:
        """Raises what the reader of its kind raises."""
        match letter.body:
            case AccessRequest() as request:
                await self._requests.take(letter, request)
            case AccessGrant() as grant:
                await self._borrowing.granted(letter, grant)
            case AccessEnd(why="returned") as end:
                await self._returned(letter, end)
            case AccessEnd() as end:
                await self._borrowing.ended(letter, end)
            case _:
                raise BadRequest("This letter is not about access.")

    async def undelivered(self, kind: LetterKind, thread: str, reason: str) -> None:
        """A grant that did not arrive stays granted here: deciding again sends another."""
        if kind == "access-request":
            await self._borrowing.undelivered(thread, reason)

    async def _returned(self, letter: Arrived, end: AccessEnd) -> None:
        peer = self._book.get(letter.thread)
        if peer is None or peer.box != letter.box:
            raise NotFound("A box gives an access back that it never had.")
        await self._lending.returned(peer, said_end(end))
