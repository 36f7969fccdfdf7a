"""Models whose workers keep the network, because they compute with other machines: whether they may."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from appliance.domain.recipe import RecipeForm
from appliance.errors import ConfigInvalid, NotAllowed, Offline
from appliance.outbound.switch import Switch


@dataclass(frozen=True, slots=True)
class Networking:
    """How the box is set. ``ray_address`` is the cluster that such workers compute on."""

    allowed: bool = False
    switch: Switch = field(default_factory=Switch)
    ray_address: str = ""

    def check(self, model: str, form: RecipeForm) -> None:
        """Raises ``Offline``, ``NotAllowed``, ``ConfigInvalid`` where ``model`` needs what is not there."""
        if not form.networked:
            return
        if self.switch.offline:
            raise Offline(
                f"{model} computes on several machines, and this box is offline (`carrel offline show` "
                "says why). Choose a form that runs on this machine alone."
            )
        if not self.allowed:
            raise NotAllowed(
                f"{model} runs in workers that keep the network, which this box does not allow. Its operator "
                "may: `carrel config set networked_workers true`, then restart the box."
            )
        if not self.ray_address:
            raise ConfigInvalid(
                f"{model} computes on a Ray cluster, and none is set: `carrel config set ray_address "
                "HOST:6379`, then restart the box."
            )

    def options(self, form: RecipeForm) -> Mapping[str, str]:
        """What the engine is told."""
        return {"ray_address": self.ray_address} if form.networked else {}
