"""What a running model holds of the machine's memory."""

from collections import Counter
from collections.abc import Iterable

from appliance.domain.hardware import Inventory
from appliance.services.models.making_room import Occupant
from appliance.services.models.ports import ReplicaProcess
from appliance.services.models.running import RunningModel


def occupant_of(model: RunningModel, inventory: Inventory, *, idle: bool) -> Occupant:
    """What the driver and the workers report; where they say nothing, what was planned."""
    reported = gpu_bytes_of(model.replicas, inventory)
    planned, planned_on_host = _planned(model)
    resident = sum(replica.memory_bytes for replica in model.replicas)
    return Occupant(
        id=model.id,
        idle=idle,
        last_used_s=model.last_used_s,
        gpu_bytes={gpu: reported[gpu] or planned[gpu] for gpu in reported | planned},
        host_bytes=resident or planned_on_host,
    )


def gpu_bytes_of(replicas: Iterable[ReplicaProcess], inventory: Inventory) -> Counter[int]:
    """What the driver says that their processes hold, and those that these have started, by GPU."""
    pids = {pid for replica in replicas for pid in replica.pids}
    return Counter(
        {
            gpu.index: sum(one.memory_bytes for one in gpu.processes if one.pid in pids)
            for gpu in inventory.gpus
        }
    )


def _planned(model: RunningModel) -> tuple[Counter[int], int]:
    """By GPU, and in the machine's own memory; without what is left free on purpose."""
    gpus, host = Counter[int](), 0
    for share in (share for order in model.orders if order.place for share in order.place.shares):
        size = share.total_bytes - share.reserve_bytes
        if share.gpu is None:
            host += size
        else:
            gpus[share.gpu] += size
    return gpus, host
