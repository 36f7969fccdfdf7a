"""The planner itself: tries GPUs, then the processor, and says by how much it does not fit."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from appliance.domain.hardware import Gpu, Inventory
from appliance.policy.placement.advising import advise
from appliance.policy.placement.answer import Kind, Placement, PlannedForm, ReplicaPlacement, Wishes, gib
from appliance.policy.placement.arranging import arrange
from appliance.policy.placement.layout import Layout, layout_of
from appliance.policy.placement.room import room_bytes, usable

_NO_FORMS: Final[Mapping[str, PlannedForm]] = MappingProxyType({})


def plan(
    form: PlannedForm,
    wishes: Wishes,
    inventory: Inventory,
    *,
    other_forms: Mapping[str, PlannedForm] = _NO_FORMS,
) -> Placement:
    """Where the model runs: on the fewest GPUs a replica, else split, else on the processor.

    ``other_forms`` of the same model are looked at only to say which of them would fit.
    """
    replicas = arrange(form, wishes, inventory)
    layout = layout_of(form, wishes)
    if replicas is not None:
        return Placement(
            kind=_kind(replicas),
            seats=wishes.seats,
            context_tokens=wishes.context_tokens,
            replicas=replicas,
            reason=_where(replicas),
            assumptions=layout.assumptions if replicas[0].gpus else layout.host_assumptions,
        )
    gpus = usable(inventory, wishes, form.engine)
    missing, reason = _missing(layout, wishes, inventory, gpus)
    return Placement(
        kind=Kind.DOES_NOT_FIT,
        seats=wishes.seats,
        context_tokens=wishes.context_tokens,
        missing_bytes=missing,
        reason=reason,
        advice=advise(form, wishes, inventory, other_forms),
        assumptions=layout.assumptions if gpus else layout.host_assumptions,
    )


def _kind(replicas: tuple[ReplicaPlacement, ...]) -> Kind:
    if not replicas[0].gpus:
        return Kind.CPU
    if len(replicas) > 1:
        return Kind.REPLICAS
    return Kind.SPLIT if len(replicas[0].gpus) > 1 else Kind.GPU


def _where(replicas: tuple[ReplicaPlacement, ...]) -> str:
    if not replicas[0].gpus:
        return "It runs on the processor."
    places = ", ".join("+".join(str(gpu) for gpu in one.gpus) for one in replicas)
    most = max(len(one.gpus) for one in replicas)
    if most > 1:
        how = "every matrix split" if replicas[0].split == "tensor" else "split by layers"
        return f"It fits, {how} over {most} GPUs{' a replica' if len(replicas) > 1 else ''}: {places}."
    return f"It fits on GPU {places}." if len(replicas) == 1 else f"It fits, a replica each on GPUs {places}."


def _missing(layout: Layout, wishes: Wishes, inventory: Inventory, gpus: tuple[Gpu, ...]) -> tuple[int, str]:
    """How many bytes are missing, and a sentence that says so."""
    if not gpus and not wishes.gpus:
        return _missing_of_host(layout, wishes, inventory)
    lacking = max(wishes.replicas - len(gpus), 0)
    each = _missing_each(layout, gpus, min(wishes.replicas, len(gpus)))
    missing = each * len(gpus) + lacking * layout.whole_bytes
    if lacking:
        return missing, (
            f"It does not fit: {wishes.replicas} replicas need a GPU each, and {len(gpus)} can be used; "
            f"{gib(missing)} are missing."
        )
    where = f"{gib(each)} on each of {len(gpus)} GPUs" if len(gpus) > 1 else f"on GPU {gpus[0].index}"
    return missing, f"It does not fit: {gib(missing)} are missing, {where}."


def _missing_each(layout: Layout, gpus: tuple[Gpu, ...], replicas: int) -> int:
    """The fewest bytes that every GPU would have to have more."""
    if not gpus:
        return 0
    low, high = 0, layout.whole_bytes + max(0, -min(room_bytes(gpu) for gpu in gpus))
    while low < high:
        middle = (low + high) // 2
        larger = [replace(gpu, memory_free_bytes=gpu.memory_free_bytes + middle) for gpu in gpus]
        low, high = (low, middle) if layout.groups(larger, replicas) else (middle + 1, high)
    return low


def _missing_of_host(layout: Layout, wishes: Wishes, inventory: Inventory) -> tuple[int, str]:
    if layout.on_processor() is None:
        missing = wishes.replicas * layout.whole_bytes
        return missing, f"It does not fit: its engine needs GPUs with {gib(missing)}, and none can be used."
    missing = layout.host_bytes(inventory, wishes.replicas) - inventory.memory_available_bytes
    return missing, (
        f"It does not fit: no GPU can be used, and {gib(missing)} are missing in the machine's memory, "
        f"where {gib(inventory.memory_available_bytes)} are available."
    )
