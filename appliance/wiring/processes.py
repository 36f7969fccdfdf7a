"""Makes the children of a model with everything this box gives them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.engines.base import EngineSpec
from appliance.services.models.specification import NO_GPU, ReplicaOrder
from appliance.workers.dropping import child_user
from appliance.workers.hanging import HangRule
from appliance.workers.preparer import Preparer
from appliance.workers.replica import Replica
from appliance.workers.supervision import ChildSettings

_MIB: Final = 2**20
_UNPLANNED_BYTES: Final = 512 * _MIB
"""Beside the plan and a quarter of it: the interpreter, libraries, what a heap wastes."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How children are kept alive. Nothing that an operator sets: tests of survival are less patient."""

    children: ChildSettings = field(default_factory=ChildSettings)
    hang: HangRule = field(default_factory=HangRule)

    def with_user(self, name: str) -> "Keeping":
        """The same, with the user of that name for children of root."""
        return replace(self, children=replace(self.children, user=child_user(name)))


@dataclass(frozen=True, slots=True)
class Processes:
    """The ``ProcessFactory`` of the model service."""

    clock: Clock
    log: Log
    environment: Mapping[str, str]
    prepare_timeout_s: float
    on_change: Callable[[], None]
    keeping: Keeping
    worker_memory_mib: int

    def preparer(self, spec: EngineSpec) -> Preparer:
        """A preparer for this model, not started."""
        return Preparer(
            spec,
            clock=self.clock,
            log=self.log,
            deadline_s=self.prepare_timeout_s,
            child_environment={**self.environment, **NO_GPU},
            on_change=self.on_change,
            settings=self.keeping.children,
        )

    def replica(self, order: ReplicaOrder) -> Replica:
        """A worker for this model, not started."""
        return Replica(
            order.spec,
            clock=self.clock,
            log=self.log,
            child_environment={**self.environment, **order.environment},
            on_change=self.on_change,
            settings=self.keeping.children,
            hang=self.keeping.hang,
            memory_limit_bytes=memory_limit_bytes(order, self.worker_memory_mib),
        )


def memory_limit_bytes(order: ReplicaOrder, worker_memory_mib: int) -> int | None:
    """What a worker may have of the machine's memory, None where nobody has said or planned it.

    On GPUs a plan is about their memory, not the machine's.
    """
    if worker_memory_mib:
        return worker_memory_mib * _MIB
    if order.place is None or order.place.gpus:
        return None
    return order.place.memory_bytes * 5 // 4 + _UNPLANNED_BYTES
