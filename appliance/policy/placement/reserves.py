"""What is left free on purpose, so that a plan survives what no formula counts."""

from typing import Final

from appliance.domain.hardware import Gpu

GPU_RESERVE_BYTES: Final = 600 * 2**20
HOST_RESERVE_BYTES: Final = 256 * 2**20
_RESERVED_PART: Final = 20
"""One part in so many of all memory stays free."""


def gpu_reserve_bytes(gpu: Gpu) -> int:
    """Left free on a GPU: what the driver takes for a process, and room for fragments."""
    return GPU_RESERVE_BYTES + gpu.memory_total_bytes // _RESERVED_PART


def host_reserve_bytes(
    memory_total_bytes: int, replicas: int, process_bytes: int = HOST_RESERVE_BYTES
) -> int:
    """Left free of the machine's memory: a process a replica, and room for everything else."""
    return replicas * process_bytes + memory_total_bytes // _RESERVED_PART
