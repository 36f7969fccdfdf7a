"""Whole layers on GPUs, as llama.cpp lays them: which GPUs share a replica, and how many layers each gets."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.domain.hardware import Gpu, Inventory
from appliance.policy.placement.answer import ReplicaPlacement, Share
from appliance.policy.placement.needs import ASSUMPTIONS, HOST_ASSUMPTIONS, Needs
from appliance.policy.placement.reserves import HOST_RESERVE_BYTES, gpu_reserve_bytes, host_reserve_bytes
from appliance.policy.placement.room import room_bytes


@dataclass(frozen=True, slots=True)
class ByLayers:
    """See ``Layout``."""

    needs: Needs
    assumptions: tuple[str, ...] = ASSUMPTIONS
    host_assumptions: tuple[str, ...] = HOST_ASSUMPTIONS

    @property
    def whole_bytes(self) -> int:
        """Everything on one processor, without its reserve."""
        return self.needs.whole_bytes

    def groups(self, gpus: Sequence[Gpu], replicas: int) -> tuple[tuple[Gpu, ...], ...] | None:
        """Every way of grouping that is tried depends on the places in the given order only."""
        for size in range(1, len(gpus) // replicas + 1):
            neighbors = tuple(tuple(gpus[i * size : (i + 1) * size]) for i in range(replicas))
            mixed = tuple(tuple(gpus[i : replicas * size : replicas]) for i in range(replicas))
            for groups in (neighbors, mixed):
                if all(_holds(self.needs, one) for one in groups):
                    return groups
        return None

    def place(self, group: Sequence[Gpu]) -> ReplicaPlacement:
        """Each next layer to the GPU that has the least so far.

        The GPU with the most room comes last, since the output matrix lies there.
        """
        order = sorted(group, key=lambda gpu: (room_bytes(gpu), gpu.index))
        *first, last = [*sorted(order[:-1], key=lambda gpu: gpu.index), order[-1]]
        layers = _spread(self.needs, [*first, last])
        shares = tuple(
            _share(self.needs, gpu, count, head=gpu is last)
            for gpu, count in zip([*first, last], layers, strict=True)
            if count or gpu is last
        )
        return ReplicaPlacement(
            gpus=tuple(share.gpu for share in shares if share.gpu is not None),
            split="layer" if len(shares) > 1 else "none",
            gpu_layers=-1,
            memory_bytes=sum(share.total_bytes for share in shares),
            shares=shares,
        )

    def on_processor(self) -> ReplicaPlacement:
        """All layers and the output matrix."""
        needs = self.needs
        share = Share(
            gpu=None,
            layers=needs.layers,
            weight_bytes=needs.head_bytes + needs.layers * needs.layer_weight_bytes,
            kv_bytes=needs.layers * needs.layer_kv_bytes,
            buffer_bytes=needs.buffer_bytes,
            reserve_bytes=HOST_RESERVE_BYTES,
        )
        return ReplicaPlacement((), "none", 0, share.total_bytes, (share,))

    def host_bytes(self, inventory: Inventory, replicas: int) -> int:
        """As formulated in ``needs``."""
        reserve = host_reserve_bytes(inventory.memory_total_bytes, replicas)
        return replicas * self.needs.whole_bytes + reserve


def _holds(needs: Needs, group: Sequence[Gpu]) -> bool:
    head_room = room_bytes(group[0]) - needs.buffer_bytes - needs.head_bytes
    rooms = [head_room, *(room_bytes(gpu) - needs.buffer_bytes for gpu in group[1:])]
    return head_room >= 0 and sum(max(room, 0) // needs.layer_bytes for room in rooms) >= needs.layers


def _spread(needs: Needs, order: Sequence[Gpu]) -> list[int]:
    rooms = [room_bytes(gpu) - needs.buffer_bytes for gpu in order]
    taken = [0] * len(order)
    taken[-1] = needs.head_bytes
    layers = [0] * len(order)
    for _ in range(needs.layers):
        open_places = [i for i, room in enumerate(rooms) if taken[i] + needs.layer_bytes <= room]
        least = min(open_places, key=lambda i: (taken[i], i))
        taken[least] += needs.layer_bytes
        layers[least] += 1
    return layers


def _share(needs: Needs, gpu: Gpu, layers: int, *, head: bool) -> Share:
    return Share(
        gpu=gpu.index,
        layers=layers,
        weight_bytes=layers * needs.layer_weight_bytes + (needs.head_bytes if head else 0),
        kv_bytes=layers * needs.layer_kv_bytes,
        buffer_bytes=needs.buffer_bytes,
        reserve_bytes=gpu_reserve_bytes(gpu),
    )
