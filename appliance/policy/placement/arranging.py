"""One attempt to place a model: on GPUs, else in the machine's memory."""

from appliance.domain.hardware import Inventory
from appliance.domain.recipe import MemoryFacts
from appliance.policy.placement.answer import ReplicaPlacement, Share, Wishes
from appliance.policy.placement.groups import group, place
from appliance.policy.placement.needs import HOST_RESERVE_BYTES, Needs, host_reserve_bytes, needs_of
from appliance.policy.placement.room import usable


def arrange(facts: MemoryFacts, wishes: Wishes, inventory: Inventory) -> tuple[ReplicaPlacement, ...] | None:
    """A place for every replica, or None. Numbered GPUs are a wish that the processor cannot fulfill."""
    needs = needs_of(facts, wishes)
    groups = group(needs, usable(inventory, wishes), wishes.replicas)
    if groups is not None:
        return tuple(place(needs, one) for one in groups)
    if wishes.gpus:
        return None
    return _on_processor(needs, wishes, inventory)


def _on_processor(needs: Needs, wishes: Wishes, inventory: Inventory) -> tuple[ReplicaPlacement, ...] | None:
    reserve = host_reserve_bytes(inventory.memory_total_bytes, wishes.replicas)
    if wishes.replicas * needs.whole_bytes + reserve > inventory.memory_available_bytes:
        return None
    share = Share(
        gpu=None,
        layers=needs.layers,
        weight_bytes=needs.head_bytes + needs.layers * needs.layer_weight_bytes,
        kv_bytes=needs.layers * needs.layer_kv_bytes,
        buffer_bytes=needs.buffer_bytes,
        reserve_bytes=HOST_RESERVE_BYTES,
    )
    one = ReplicaPlacement((), "none", 0, share.total_bytes, (share,))
    return (one,) * wishes.replicas
