"""Which models are in early access, and for whom: in memory for every request, on the disk for good."""

from collections.abc import Sequence

from appliance.domain.access import EarlyStage
from appliance.domain.clock import Clock
from appliance.services.access.ports import EarlyStages


class EarlyBook:
    """The only writer of stages."""

    def __init__(self, stages: EarlyStages, clock: Clock) -> None:
        self._stages = stages
        self._clock = clock
        self._known: dict[str, EarlyStage] = {}

    async def load(self) -> None:
        """Learn what is on the disk."""
        self._known = {one.model: one for one in await self._stages.all()}

    def of(self, model: str) -> EarlyStage | None:
        """The stage of a recipe's id; None for a model that is in none."""
        return self._known.get(model)

    @property
    def stages(self) -> Sequence[EarlyStage]:
        """All."""
        return tuple(self._known.values())

    def shrink(self, stage: EarlyStage) -> None:
        """A smaller group counts before it is stored."""
        self._known[stage.model] = stage

    async def put(self, stage: EarlyStage) -> None:
        """As it is from now on. Raises ``StorageUnavailable``."""
        await self._stages.put(stage, self._clock.now_ms())
        self._known[stage.model] = stage

    async def end(self, model: str) -> None:
        """It is over. Raises ``StorageUnavailable``."""
        await self._stages.end(model)
        self._known.pop(model, None)
