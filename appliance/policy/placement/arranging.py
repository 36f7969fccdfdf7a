"""One attempt to place a model: on GPUs, else in the machine's memory."""

from appliance.domain.hardware import Inventory
from appliance.policy.placement.answer import PlannedForm, ReplicaPlacement, Wishes
from appliance.policy.placement.layout import Layout, layout_of
from appliance.policy.placement.room import usable


def arrange(form: PlannedForm, wishes: Wishes, inventory: Inventory) -> tuple[ReplicaPlacement, ...] | None:
    """A place for every replica, or None. Numbered GPUs are a wish that the processor cannot fulfill."""
    layout = layout_of(form, wishes)
    groups = layout.groups(usable(inventory, wishes, form.engine), wishes.replicas)
    if groups is not None:
        return tuple(layout.place(one) for one in groups)
    if wishes.gpus:
        return None
    return _on_processor(layout, wishes, inventory)


def _on_processor(
    layout: Layout, wishes: Wishes, inventory: Inventory
) -> tuple[ReplicaPlacement, ...] | None:
    one = layout.on_processor()
    if one is None or layout.host_bytes(inventory, wishes.replicas) > inventory.memory_available_bytes:
        return None
    return (one,) * wishes.replicas
