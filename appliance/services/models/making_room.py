"""Where a model goes, and which idle models are stopped for it first. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from appliance.domain.hardware import Inventory
from appliance.errors import DoesNotFit
from appliance.policy.placement import PlannedForm, ReplicaPlacement, Wishes, gib, plan, with_room


@dataclass(frozen=True, slots=True)
class Occupant:
    """A model that runs, and the memory that would be free without it. ``last_used_s`` is monotonic."""

    id: str
    idle: bool
    last_used_s: float
    gpu_bytes: Mapping[int, int]
    host_bytes: int

    @property
    def total_bytes(self) -> int:
        """On all processors."""
        return sum(self.gpu_bytes.values()) + self.host_bytes


@dataclass(frozen=True, slots=True)
class Tenant:
    """Who asks for room: a model with its wishes, and with its other forms for advice.

    ``form`` is None where its sizes stand in its file only.
    """

    id: str
    form: PlannedForm | None
    wishes: Wishes
    other_forms: Mapping[str, PlannedForm] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stop:
    """These models have to be stopped first."""

    models: tuple[str, ...]


def decide(
    tenant: Tenant, form: PlannedForm, inventory: Inventory, others: Sequence[Occupant]
) -> tuple[ReplicaPlacement, ...] | Stop:
    """Places, or whom to stop. Raises ``DoesNotFit``.

    An idle model on a GPU is stopped before another one is put on the processor.
    """
    for wishes in dict.fromkeys((_on_gpus(tenant.wishes, inventory), tenant.wishes)):
        placement = plan(form, wishes, inventory)
        if placement.fits:
            return placement.replicas
        chosen = whom_to_stop(others, inventory, _fits(form, wishes))
        if chosen is not None:
            return Stop(chosen)
    refusal = plan(form, tenant.wishes, inventory, other_forms=tenant.other_forms)
    raise DoesNotFit(f"{tenant.id}: {refusal.sentence} {what_would_free(others)}")


def whom_to_stop(
    occupants: Sequence[Occupant], inventory: Inventory, fits: Callable[[Inventory], bool]
) -> tuple[str, ...] | None:
    """The fewest idle models that make it fit, those longest unused first; None where all would not do.

    ``fits`` says whether the model fits a machine, and more memory never makes it fit less.
    """
    idle = sorted((one for one in occupants if one.idle), key=lambda one: (one.last_used_s, one.id))
    stopped: list[Occupant] = []
    while not fits(without(inventory, stopped)):
        if len(stopped) == len(idle):
            return None
        stopped.append(idle[len(stopped)])
    for one in reversed(tuple(stopped)):  # the last one used is spared first
        rest = [other for other in stopped if other is not one]
        if fits(without(inventory, rest)):
            stopped = rest
    return tuple(one.id for one in stopped)


def without(inventory: Inventory, stopped: Iterable[Occupant]) -> Inventory:
    """The machine as it would be with these models stopped."""
    for one in stopped:
        inventory = with_room(inventory, one.gpu_bytes, one.host_bytes)
    return inventory


def what_would_free(occupants: Sequence[Occupant]) -> str:
    """A sentence for a refusal: how much each running model holds, and whether it can be stopped now."""
    if not occupants:
        return "No other model of this box holds memory."
    parts = [
        f"{one.id} {gib(one.total_bytes)} ({'idle' if one.idle else 'serving'})"
        for one in sorted(occupants, key=lambda one: (-one.total_bytes, one.id))
    ]
    return f"Stopping models would free: {', '.join(parts)}."


def _fits(form: PlannedForm, wishes: Wishes) -> Callable[[Inventory], bool]:
    return lambda inventory: plan(form, wishes, inventory).fits


def _on_gpus(wishes: Wishes, inventory: Inventory) -> Wishes:
    """The same wishes, and not on the processor, where there are GPUs to choose from."""
    usable = tuple(gpu.index for gpu in inventory.gpus if gpu.allowed and not gpu.faults)
    return replace(wishes, gpus=usable) if wishes.gpus is None and usable else wishes
