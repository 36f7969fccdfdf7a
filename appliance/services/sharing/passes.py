"""Passes that this box shows to boxes of other labs, when it fetches the files of their models."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

from appliance.catalog.publishing.sharing import WEIGHTS_PATH
from appliance.domain.clock import Clock
from appliance.domain.download import ShownPass
from appliance.domain.recipe import Recipe
from appliance.domain.source import WeightSource
from appliance.federation.protocol.kinds import PASS
from appliance.federation.protocol.messages import Pass
from appliance.policy.sharing import LONGEST_S
from appliance.services.sharing.ports import Identity, Leases


class PassMaker:
    """A pass is for one host and one model, so that whoever is shown it can show it to nobody else."""

    def __init__(self, identity: Identity, leases: Leases, clock: Clock) -> None:
        self._identity = identity
        self._leases = leases
        self._clock = clock

    async def of(self, recipe: Recipe, sources: Sequence[WeightSource]) -> tuple[ShownPass, ...]:
        """For those of the sources that are boxes. Raises ``ConfigInvalid``, ``IntegrityFailed``."""
        boxes = [one for one in sources if recipe.sharing is not None and is_box(one)]
        if not boxes:
            return ()
        lease = await self._leases.token_of(recipe.id) if recipe.terms.lease else ""
        return tuple([await asyncio.to_thread(self._made, recipe, one, lease) for one in boxes])

    def _made(self, recipe: Recipe, source: WeightSource, lease: str) -> ShownPass:
        now_s = self._clock.now_ms() // 1000
        membership = self._identity.membership
        claims = Pass(
            box=self._identity.box_id,
            host=urlsplit(source.address).netloc.lower(),
            model=recipe.id,
            iat=now_s,
            exp=now_s + LONGEST_S,
            lease=lease,
            enrollment=membership.enrollment if membership else "",
            rotation=membership.rotation if membership else "",
        )
        return ShownPass(source.address, self._identity.sign(PASS, claims))


def is_box(source: WeightSource) -> bool:
    """Whether it is a box that gives its own weights, and not a server that anybody may ask."""
    return source.kind == "mirror" and source.address.endswith(f"/{WEIGHTS_PATH}")
