"""The gate of boxes elsewhere: a key that was given to one opens the one model that it was given for."""

from typing import Final, Protocol

from appliance.domain.access import AccessDecision
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe
from appliance.errors import NotPermitted
from appliance.services.admission.gates import Asked
from appliance.services.peers.book import PeerBook, may_ask


class Access(Protocol):
    """The rule of tiers."""

    def decision(self, caller: Caller, recipe: Recipe) -> AccessDecision:
        """From memory."""
        ...


class PeerGate:
    """Whatever else somebody makes in the project of another box, they ask no other model."""

    name: Final = "peer"

    def __init__(self, peers: PeerBook) -> None:
        self._peers = peers

    def let(self, asked: Asked) -> Asked:
        """Raises ``NotPermitted``."""
        if may_ask(self._peers, asked.caller, asked.recipe) is False:
            peer = self._peers.of_project(asked.caller.project_id)
            only = "nothing any more" if peer is None or peer.state != "granted" else f"{peer.hosted} alone"
            raise NotPermitted(
                f"This key was given to another lab's box and opens {only}. Ask whoever hosts the model.",
                rule="peer",
                waits_for="operator",
            )
        return asked


class OwnersWord:
    """The rule of tiers, but for boxes elsewhere: there the owner has decided, and signs for nobody."""

    def __init__(self, rule: Access, peers: PeerBook) -> None:
        self._rule = rule
        self._peers = peers

    def decision(self, caller: Caller, recipe: Recipe) -> AccessDecision:
        """From memory."""
        if may_ask(self._peers, caller, recipe):
            return AccessDecision()
        return self._rule.decision(caller, recipe)
