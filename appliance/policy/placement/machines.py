"""Machines that are not here, from a short text: ``8xA100-80GB``, ``4xH100+2xL4``, ``8x80GB+cpu:512GB``.

The numbers are the makers' (memory as the driver reports it, bandwidth, dense arithmetic at 16 bits, board
power); dollars an hour are round figures of rented machines, there to compare with and to be replaced.
"""

import re
from dataclasses import dataclass
from typing import Final

from appliance.domain.hardware import Gpu, Inventory
from appliance.errors import BadRequest

_MIB: Final = 2**20
_GIB: Final = 2**30
_GPUS: Final = re.compile(r"(?:([0-9]{1,3})[x×])?([a-z0-9][a-z0-9-]*)", re.IGNORECASE)
_MEMORY: Final = re.compile(r"([0-9]{1,5})GB", re.IGNORECASE)
_HOST: Final = re.compile(r"cpu:([0-9]{1,6})GB", re.IGNORECASE)
_MOST_GPUS: Final = 64


@dataclass(frozen=True, slots=True)
class GpuModel:
    """What one kind of GPU can do. ``tera_flop_s`` counts dense multiplications at 16 bits."""

    name: str
    memory_bytes: int
    gigabytes_s: int
    tera_flop_s: int
    watts: int
    dollars_per_hour: float


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine with the speed of its GPUs, where it is known, by their number."""

    inventory: Inventory
    speeds: tuple[GpuModel | None, ...]


KNOWN: Final = (
    GpuModel("A100-40GB", 40960 * _MIB, 1555, 312, 400, 1.00),
    GpuModel("A100-80GB", 81920 * _MIB, 2039, 312, 400, 1.25),
    GpuModel("H100", 81559 * _MIB, 3350, 989, 700, 2.50),
    GpuModel("H200", 143771 * _MIB, 4800, 989, 700, 3.25),
    GpuModel("B200", 183359 * _MIB, 8000, 2250, 1000, 5.00),
    GpuModel("L4", 23034 * _MIB, 300, 121, 72, 0.50),
    GpuModel("L40S", 46068 * _MIB, 864, 362, 350, 1.00),
    GpuModel("A6000", 49140 * _MIB, 768, 155, 300, 0.60),
    GpuModel("V100-16GB", 16384 * _MIB, 900, 125, 300, 0.30),
    GpuModel("V100-32GB", 32768 * _MIB, 900, 125, 300, 0.40),
    GpuModel("T4", 15360 * _MIB, 320, 65, 70, 0.25),
    GpuModel("RTX3090", 24576 * _MIB, 936, 71, 350, 0.25),
    GpuModel("RTX4090", 24564 * _MIB, 1008, 165, 450, 0.40),
    GpuModel("RTX5090", 32607 * _MIB, 1792, 209, 575, 0.60),
)
_ALIASES: Final = {"a100": "a100-80gb", "v100": "v100-32gb"}


def machine(text: str) -> Machine:
    """The machine that a text such as ``8xA100-80GB`` names. Raises ``BadRequest`` naming what it knows."""
    host_bytes, models = 0, []
    for part in text.split("+"):
        memory = _HOST.fullmatch(part.strip())
        if memory:
            host_bytes += int(memory[1]) * _GIB
        else:
            models += _gpus_of(part.strip())
    if len(models) > _MOST_GPUS:
        raise BadRequest(f"A machine has at most {_MOST_GPUS} GPUs.", param="gpus")
    gpus = tuple(
        Gpu(index, one.name, one.memory_bytes, one.memory_bytes, driver="")
        for index, one in enumerate(models)
    )
    speeds = tuple(one if one.gigabytes_s else None for one in models)
    return Machine(Inventory(gpus, host_bytes, host_bytes, cores=0), speeds)


def known_model(name: str, memory_bytes: int) -> GpuModel | None:
    """The kind of a GPU that a driver calls, say, ``NVIDIA A100-SXM4-80GB``; None if it is not known."""
    words = re.sub(r"[^a-z0-9]+", "", name.lower())
    fitting = [
        one
        for one in KNOWN
        if _family(one) in words and abs(one.memory_bytes - memory_bytes) <= one.memory_bytes // 20
    ]
    return max(fitting, key=lambda one: len(_family(one)), default=None)


def _family(model: GpuModel) -> str:
    return model.name.lower().partition("-")[0]


def _gpus_of(part: str) -> list[GpuModel]:
    found = _GPUS.fullmatch(part)
    if not found or found[1] == "0":
        raise _unknown(part)
    name = found[2].lower()
    memory = _MEMORY.fullmatch(name)
    if memory and int(memory[1]):
        model = GpuModel(f"GPU with {memory[1]} GB", int(memory[1]) * _GIB, 0, 0, 0, 0.0)
    else:
        name = _ALIASES.get(name, name)
        model = next((one for one in KNOWN if one.name.lower() == name), None) or _refuse(part)
    return [model] * int(found[1] or 1)


def _refuse(part: str) -> GpuModel:
    raise _unknown(part)


def _unknown(part: str) -> BadRequest:
    names = ", ".join(one.name for one in KNOWN)
    return BadRequest(
        f"{part[:40]!r} is no machine. Write such as 8xA100-80GB, 8x80GB or cpu:64GB, joined by +; "
        f"known GPUs are {names}.",
        param="gpus",
    )
