"""The gate of tiers: who has signed, described, applied and been granted what a model's tier asks."""

from typing import Final, Protocol

from appliance.domain.access import AccessDecision
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe
from appliance.errors import NotPermitted
from appliance.services.admission.gates import Asked


class Access(Protocol):
    """Who knows what somebody lacks for a model."""

    def decision(self, caller: Caller, recipe: Recipe) -> AccessDecision:
        """From memory."""
        ...


class AccessGate:
    """The tier is that of the catalog as it is now, whatever recipe a model was started with."""

    name: Final = "access"

    def __init__(self, access: Access) -> None:
        self._access = access

    def let(self, asked: Asked) -> Asked:
        """Raises ``NotPermitted``."""
        found = self._access.decision(asked.caller, asked.recipe)
        if not found.allowed:
            raise NotPermitted(found.message, rule=found.lacks, waits_for=found.waits_for)
        for sentence in found.notices:
            asked = asked.noticed(sentence)
        return asked
