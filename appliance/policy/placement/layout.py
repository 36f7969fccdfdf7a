"""How a replica may lie on a machine: by whole layers, or with a part of every matrix on each GPU."""

from collections.abc import Sequence
from typing import Final, Protocol

from appliance.domain.hardware import Gpu, Inventory
from appliance.policy.placement.answer import PlannedForm, ReplicaPlacement, Wishes
from appliance.policy.placement.by_layers import ByLayers
from appliance.policy.placement.by_tensors import ByTensors
from appliance.policy.placement.needs import needs_of

DIVIDE_TENSORS: Final = frozenset({"torch", "vllm"})
"""Engines that divide matrices. All others divide by layers."""
NEED_GPUS: Final = frozenset({"vllm"})


class Layout(Protocol):
    """One replica of one form with these wishes."""

    @property
    def whole_bytes(self) -> int:
        """Everything on one GPU, beside what is reserved there for every process."""
        ...

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What is taken for granted on GPUs."""
        ...

    @property
    def host_assumptions(self) -> tuple[str, ...]:
        """What is taken for granted on the processor."""
        ...

    def groups(self, gpus: Sequence[Gpu], replicas: int) -> tuple[tuple[Gpu, ...], ...] | None:
        """The smallest groups of GPUs, all of one size, that hold a replica each; None where there are none.

        ``gpus`` are sorted, most room first. More memory anywhere never undoes a fit.
        """
        ...

    def place(self, group: Sequence[Gpu]) -> ReplicaPlacement:
        """A replica on a group that holds it."""
        ...

    def on_processor(self) -> ReplicaPlacement | None:
        """A replica in the machine's memory; None where the engine cannot compute there."""
        ...

    def host_bytes(self, inventory: Inventory, replicas: int) -> int:
        """What so many replicas need of the machine's memory, with all that stays free of it."""
        ...


def divides_by_layers(engine: str) -> bool:
    """Whether it can have some layers on GPUs and others elsewhere."""
    return engine not in DIVIDE_TENSORS


def layout_of(form: PlannedForm, wishes: Wishes) -> Layout:
    """As the form's engine does it."""
    if form.engine in DIVIDE_TENSORS:
        return ByTensors(form, wishes, needs_gpus=form.engine in NEED_GPUS)
    return ByLayers(needs_of(form.sizes, wishes))
