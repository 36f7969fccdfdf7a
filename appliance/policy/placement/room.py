"""Which memory of a machine a plan may count on."""

from collections.abc import Mapping
from dataclasses import replace

from appliance.domain.hardware import Gpu, Inventory
from appliance.policy.placement.answer import Wishes
from appliance.policy.placement.reserves import gpu_reserve_bytes


def usable(inventory: Inventory, wishes: Wishes, engine: str) -> tuple[Gpu, ...]:
    """GPUs that are whole, allowed and wished for; the one with the most room first, then by number. None for
    an engine that was built for the processor.
    """
    if engine in inventory.processor_engines:
        return ()
    wished = [
        gpu
        for gpu in inventory.gpus
        if gpu.allowed and not gpu.faults and (wishes.gpus is None or gpu.index in wishes.gpus)
    ]
    return tuple(sorted(wished, key=lambda gpu: (-room_bytes(gpu), gpu.index)))


def room_bytes(gpu: Gpu) -> int:
    """What a replica may take of it; may be negative."""
    return gpu.memory_free_bytes - gpu_reserve_bytes(gpu)


def with_room(inventory: Inventory, gpu_bytes: Mapping[int, int], host_bytes: int = 0) -> Inventory:
    """The machine with so much more free, or less where negative: as if a model had been stopped, or was
    still loading. Never more than there is, never below nothing.
    """
    gpus = tuple(
        replace(
            gpu,
            memory_free_bytes=_between(
                gpu.memory_free_bytes + gpu_bytes.get(gpu.index, 0), gpu.memory_total_bytes
            ),
        )
        for gpu in inventory.gpus
    )
    host = _between(inventory.memory_available_bytes + host_bytes, inventory.memory_total_bytes)
    return replace(inventory, gpus=gpus, memory_available_bytes=host)


def _between(wanted: int, most: int) -> int:
    return min(max(wanted, 0), most)
