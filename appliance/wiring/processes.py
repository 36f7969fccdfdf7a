"""Makes the children of a model with everything this box gives them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.engines.base import EngineSpec
from appliance.workers.preparer import Preparer
from appliance.workers.replica import Replica


@dataclass(frozen=True, slots=True)
class Processes:
    """The ``ProcessFactory`` of the model service."""

    clock: Clock
    log: Log
    environment: Mapping[str, str]
    prepare_timeout_s: float
    on_change: Callable[[], None]

    def preparer(self, spec: EngineSpec) -> Preparer:
        """A preparer for this model, not started."""
        return Preparer(
            spec,
            clock=self.clock,
            log=self.log,
            deadline_s=self.prepare_timeout_s,
            child_environment=self.environment,
            on_change=self.on_change,
        )

    def replica(self, spec: EngineSpec) -> Replica:
        """A worker for this model, not started."""
        return Replica(
            spec,
            clock=self.clock,
            log=self.log,
            child_environment=self.environment,
            on_change=self.on_change,
        )
