"""A part of every matrix on each GPU of a group, and some of the heads, a process each: tensor parallelism
(Megatron-LM, Shoeybi et al. 2019).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from appliance.domain.hardware import Gpu, Inventory
from appliance.policy.placement import torch_needs
from appliance.policy.placement.answer import PlannedForm, ReplicaPlacement, Share, Wishes
from appliance.policy.placement.precision import packed
from appliance.policy.placement.reserves import gpu_reserve_bytes, host_reserve_bytes
from appliance.policy.placement.room import room_bytes
from appliance.policy.placement.torch_needs import RankNeeds, needs_on_gpus, needs_on_processor

MOST_RANKS: Final = 64


@dataclass(frozen=True, slots=True)
class ByTensors:
    """See ``Layout``."""

    form: PlannedForm
    wishes: Wishes
    needs_gpus: bool = False

    @property
    def whole_bytes(self) -> int:
        """On one GPU."""
        return needs_on_gpus(self.form, self.wishes, 1).total_bytes

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Those of packed matrices only where there are some."""
        return torch_needs.ASSUMPTIONS + self._of_precision()

    @property
    def host_assumptions(self) -> tuple[str, ...]:
        """The same."""
        return torch_needs.HOST_ASSUMPTIONS + self._of_precision()

    def groups(self, gpus: Sequence[Gpu], replicas: int) -> tuple[tuple[Gpu, ...], ...] | None:
        """A number of GPUs does if so many times the replicas have room for a part; which of them is then a
        matter of taste: those that are alike together, since the slowest decides.
        """
        most = min(len(gpus) // replicas, MOST_RANKS)
        for ranks in (one for one in range(1, most + 1) if self._divides(one)):
            needed = needs_on_gpus(self.form, self.wishes, ranks).total_bytes
            fit = [gpu for gpu in gpus if room_bytes(gpu) >= needed]
            if len(fit) >= replicas * ranks:
                return _alike_together(fit, ranks)[:replicas]
        return None

    def place(self, group: Sequence[Gpu]) -> ReplicaPlacement:
        """Ranks in the order of the GPUs' numbers."""
        needs = needs_on_gpus(self.form, self.wishes, len(group))
        order = sorted(group, key=lambda gpu: gpu.index)
        shares = tuple(
            self._share(needs, gpu.index, needs.process_bytes + gpu_reserve_bytes(gpu)) for gpu in order
        )
        return ReplicaPlacement(
            gpus=tuple(gpu.index for gpu in order),
            split="tensor" if len(order) > 1 else "none",
            gpu_layers=-1,
            memory_bytes=sum(share.total_bytes for share in shares),
            shares=shares,
        )

    def on_processor(self) -> ReplicaPlacement | None:
        """One process: ranks would share the same cores and the same memory."""
        if self.needs_gpus:
            return None
        needs = needs_on_processor(self.form, self.wishes)
        share = self._share(needs, None, needs.process_bytes)
        return ReplicaPlacement((), "none", 0, share.total_bytes, (share,))

    def host_bytes(self, inventory: Inventory, replicas: int) -> int:
        """As formulated in ``torch_needs``."""
        needs = needs_on_processor(self.form, self.wishes)
        reserve = host_reserve_bytes(inventory.memory_total_bytes, replicas, needs.process_bytes)
        return replicas * (needs.total_bytes - needs.process_bytes) + reserve

    def _divides(self, ranks: int) -> bool:
        kv_heads = self.form.sizes.kv_heads
        return ranks == 1 or (kv_heads > 0 and kv_heads % ranks == 0)

    def _share(self, needs: RankNeeds, gpu: int | None, reserve_bytes: int) -> Share:
        return Share(
            gpu=gpu,
            layers=self.form.sizes.layers,
            weight_bytes=needs.weight_bytes,
            kv_bytes=needs.kv_bytes,
            buffer_bytes=needs.buffer_bytes,
            reserve_bytes=reserve_bytes,
        )

    def _of_precision(self) -> tuple[str, ...]:
        return torch_needs.PACKED_ASSUMPTIONS if packed(self.form.precision) else ()


def _alike_together(gpus: Sequence[Gpu], size: int) -> tuple[tuple[Gpu, ...], ...]:
    """Groups of that size: GPUs of one kind where there are enough, most room first; then what is left."""
    whole, left = [], []
    for _, kind in groupby(sorted(gpus, key=_kind), _kind):
        alike = sorted(kind, key=lambda gpu: (-room_bytes(gpu), gpu.index))
        count = len(alike) // size
        whole += [tuple(alike[i * size : (i + 1) * size]) for i in range(count)]
        left += alike[count * size :]
    whole.sort(key=lambda group: (-min(room_bytes(gpu) for gpu in group), group[0].index))
    mixed = [tuple(left[i : i + size]) for i in range(0, len(left) - size + 1, size)]
    return (*whole, *mixed)


def _kind(gpu: Gpu) -> tuple[str, int]:
    return gpu.name, gpu.memory_total_bytes
