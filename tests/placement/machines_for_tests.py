"""Models and machines with round sizes."""

from appliance.domain.hardware import Gpu, Inventory
from appliance.domain.recipe import MemoryFacts
from appliance.policy.placement import PlannedForm
from appliance.policy.placement.machines import machine

GIB = 2**30

_BLOOM = (70 * 2 * 14336 * 2, 70, 14336, 250_880, 176_247_271_424, 112)
_EIGHT_B = (32 * 2 * 8 * 128 * 2, 32, 4096, 128_256, 8_030_261_248, 8)

BLOOM = PlannedForm(MemoryFacts(329 * GIB, *_BLOOM))
BLOOM_INT8 = PlannedForm(MemoryFacts(329 * GIB // 2, *_BLOOM))
EIGHT_B = PlannedForm(MemoryFacts(4_920_000_000, *_EIGHT_B))

BLOOM_TORCH = PlannedForm(MemoryFacts(352_494_542_848, *_BLOOM), "torch", "bfloat16")
BLOOM_TORCH_INT8 = PlannedForm(MemoryFacts(179_893_116_928, *_BLOOM), "torch", "int8")
BLOOM_TORCH_NF4 = PlannedForm(MemoryFacts(104_328_060_928, *_BLOOM), "torch", "nf4")
EIGHT_B_TORCH = PlannedForm(MemoryFacts(16_060_522_496, *_EIGHT_B), "torch", "bfloat16")
EIGHT_B_INT8 = PlannedForm(MemoryFacts(9_086_705_664, *_EIGHT_B), "torch", "int8")
EIGHT_B_NF4 = PlannedForm(MemoryFacts(6_027_747_328, *_EIGHT_B), "torch", "nf4")
EIGHT_B_FLOAT32 = PlannedForm(MemoryFacts(32_121_044_992, *_EIGHT_B), "torch", "float32")


def gpus(*free_gib: float, total_gib: int = 80, **more: object) -> tuple[Gpu, ...]:
    return tuple(
        Gpu(index, "A100", total_gib * GIB, int(free * GIB), "575", **more)
        for index, free in enumerate(free_gib)
    )


def box(*free_gib: float, total_gib: int = 80, host_gib: float = 0) -> Inventory:
    return Inventory(gpus(*free_gib, total_gib=total_gib), int(host_gib * GIB), int(host_gib * GIB), 16)


def named(text: str) -> Inventory:
    return machine(text).inventory
