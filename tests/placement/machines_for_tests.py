"""Models and machines with round sizes."""

from appliance.domain.hardware import Gpu, Inventory
from appliance.domain.recipe import MemoryFacts
from appliance.policy.placement.machines import machine

GIB = 2**30

BLOOM = MemoryFacts(329 * GIB, 70 * 2 * 14336 * 2, 70, 14336, 250_880, 176_247_271_424)
BLOOM_INT8 = MemoryFacts(329 * GIB // 2, 70 * 2 * 14336 * 2, 70, 14336, 250_880, 176_247_271_424)
EIGHT_B = MemoryFacts(4_920_000_000, 32 * 2 * 8 * 128 * 2, 32, 4096, 128_256, 8_030_261_248)


def gpus(*free_gib: float, total_gib: int = 80, **more: object) -> tuple[Gpu, ...]:
    return tuple(
        Gpu(index, "A100", total_gib * GIB, int(free * GIB), "575", **more)
        for index, free in enumerate(free_gib)
    )


def box(*free_gib: float, total_gib: int = 80, host_gib: float = 0) -> Inventory:
    return Inventory(gpus(*free_gib, total_gib=total_gib), int(host_gib * GIB), int(host_gib * GIB), 16)


def named(text: str) -> Inventory:
    return machine(text).inventory
