"""Who may ask which model of this box from elsewhere, and which models elsewhere this box may ask: in memory,
for every request.
"""

from collections.abc import Sequence

from appliance.domain.clock import Clock
from appliance.domain.days import day_text
from appliance.domain.peers import OPEN, Borrowed, Peer
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe
from appliance.services.peers.ports import BorrowedModels, Peers


class PeerBook:
    """Boxes elsewhere, by id and by the project that was made for each here."""

    def __init__(self, stored: Peers) -> None:
        self._stored = stored
        self._known: dict[str, Peer] = {}
        self._of_project: dict[str, str] = {}

    async def load(self) -> None:
        """Learn what is on the disk."""
        for one in await self._stored.all():
            self._know(one)

    async def add(self, peer: Peer) -> bool:
        """One that asks; the first of an id counts. Raises ``StorageUnavailable``."""
        new = await self._stored.add(peer)
        if new:
            self._know(peer)
        return new

    async def change(self, peer: Peer) -> None:
        """What is said of it holds before it is stored, as far as it takes something away."""
        if peer.state not in OPEN:
            self._know(peer)
        await self._stored.change(peer)
        self._know(peer)

    def all(self) -> Sequence[Peer]:
        """Every one, the oldest first."""
        return list(self._known.values())

    def get(self, id: str) -> Peer | None:
        """None for one that never asked."""
        return self._known.get(id)

    def of_project(self, project: str) -> Peer | None:
        """Whose project it is; None for a project of this lab."""
        found = self._of_project.get(project)
        return None if found is None else self._known[found]

    def _know(self, peer: Peer) -> None:
        self._known[peer.id] = peer
        if peer.project_id:
            self._of_project[peer.project_id] = peer.id


class BorrowBook:
    """Models elsewhere: what their owners said last."""

    def __init__(self, stored: BorrowedModels, clock: Clock) -> None:
        self._stored = stored
        self._clock = clock
        self._known: dict[str, Borrowed] = {}

    async def load(self) -> None:
        """Learn what is on the disk."""
        self._known = {one.id: one for one in await self._stored.all()}

    async def put(self, borrowed: Borrowed) -> None:
        """A request, or what became of one. Raises ``StorageUnavailable``."""
        await self._stored.add(borrowed)
        await self._stored.change(borrowed)
        self._known[borrowed.id] = borrowed

    def all(self) -> Sequence[Borrowed]:
        """Every one, the oldest first."""
        return list(self._known.values())

    def get(self, id: str) -> Borrowed | None:
        """None for one that was never asked for."""
        return self._known.get(id)

    def of_model(self, model: str) -> Borrowed | None:
        """The one that counts: one that was granted, else the last."""
        found = [one for one in self._known.values() if one.model == model]
        granted = [one for one in found if one.state == "granted"]
        return next(reversed(granted or found), None)

    def lacks(self, recipe: Recipe) -> str:
        """Why a model that its owner hosts cannot be asked, as a sentence; empty where it can."""
        if recipe.sharing is None or recipe.sharing.kind != "access" or recipe.approval.by != "catalog":
            return ""
        return _lacks(recipe.id, recipe.sharing.organization, self.of_model(recipe.id), self._clock.now_ms())


def may_ask(peers: PeerBook, caller: Caller, recipe: Recipe) -> bool | None:
    """Whether a box elsewhere may ask this model; None where the caller is of this lab."""
    peer = peers.of_project(caller.project_id)
    return None if peer is None else peer.state == "granted" and recipe.id == peer.hosted.partition("@")[0]


def _lacks(model: str, owner: str, one: Borrowed | None, now_ms: int) -> str:
    ask = f"`carrel share request {model} --purpose TEXT` asks"
    if one is None:
        return f"{model} is hosted by {owner}, who says who may use it; {ask} for it."
    if one.state == "asked":
        return f"{model} is hosted by {owner}, who has not answered this box's request yet."
    if one.state == "granted" and (one.until_ms is None or now_ms < one.until_ms):
        return ""
    if one.state == "granted":
        return f"The access to {model} that {owner} gave ended on {day_text(one.until_ms or 0)}; {ask} again."
    said = {
        "denied": f"Its owner, {owner}, did not let this box use {model}",
        "revoked": f"Its owner, {owner}, has taken the access to {model} back",
        "returned": f"This box has given the access to {model} back",
    }[one.state]
    why = f": {one.reason.rstrip('.')}" if one.reason else ""
    return f"{said}{why}. To ask again, {ask}."


class Loans:
    """Both sides, for whoever asks whether a model may be used."""

    def __init__(self, peers: PeerBook, borrowed: BorrowBook) -> None:
        self.peers = peers
        self.borrowed = borrowed

    async def load(self) -> None:
        """Learn what is on the disk."""
        await self.peers.load()
        await self.borrowed.load()

    def lacks(self, recipe: Recipe) -> str:
        """Why a model that its owner hosts cannot be asked, as a sentence; empty where it can."""
        return self.borrowed.lacks(recipe)

    def may_ask(self, caller: Caller, recipe: Recipe) -> bool | None:
        """Whether another lab's box may ask a model; None where the caller is of this lab."""
        return may_ask(self.peers, caller, recipe)
