"""What this machine has to run models on: GPUs as the NVIDIA driver reports them, memory and cores.

No driver means no GPU, which is no error. What a driver does not tell (old GPUs, virtual ones) is left out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import Any, Final, TypeVar

import psutil
import pynvml

from appliance.domain.hardware import Gpu, GpuProcess, Inventory
from appliance.errors import NotReady
from appliance.workers.gpu_faults import faults_of
from appliance.workers.gpu_gauges import gauges_of

Told = TypeVar("Told")

_LOST: Final = "The driver lost it; the machine must be restarted."


def inventory(own_pids: frozenset[int] = frozenset(), nvml: ModuleType = pynvml) -> Inventory:
    """The whole machine. Raises ``NotReady`` when a driver is there and does not answer."""
    memory = psutil.virtual_memory()
    return Inventory(
        gpus=gpus(nvml, own_pids),
        memory_total_bytes=int(memory.total),
        memory_available_bytes=int(memory.available),
        cores=psutil.cpu_count() or 1,
    )


def gpus(nvml: ModuleType = pynvml, own_pids: frozenset[int] = frozenset()) -> tuple[Gpu, ...]:
    """Every GPU; empty without a driver. Raises ``NotReady`` when a driver is there and does not answer."""
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        return ()
    with _translated(nvml):
        try:
            driver = _text(nvml.nvmlSystemGetDriverVersion())
            return tuple(_gpu(nvml, index, driver, own_pids) for index in range(nvml.nvmlDeviceGetCount()))
        finally:
            nvml.nvmlShutdown()


def _gpu(nvml: ModuleType, index: int, driver: str, own_pids: frozenset[int]) -> Gpu:
    try:
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    except nvml.NVMLError_GpuIsLost:
        return Gpu(index, "unknown", 0, 0, driver, faults=(_LOST,))
    return Gpu(
        index=index,
        name=_text(nvml.nvmlDeviceGetName(handle)),
        memory_total_bytes=int(memory.total),
        memory_free_bytes=int(memory.free),
        driver=driver,
        uuid=_text(_told(nvml, lambda: nvml.nvmlDeviceGetUUID(handle), "")),
        processes=_processes(nvml, handle, own_pids),
        faults=faults_of(partial(_told, nvml), nvml, handle),
        gauges=gauges_of(nvml, handle),
    )


def _processes(nvml: ModuleType, handle: object, own_pids: frozenset[int]) -> tuple[GpuProcess, ...]:
    """Who holds memory of the GPU. A container hides the names of what runs outside it."""
    running: list[Any] = [
        *_told(nvml, lambda: nvml.nvmlDeviceGetComputeRunningProcesses(handle), []),
        *_told(nvml, lambda: nvml.nvmlDeviceGetGraphicsRunningProcesses(handle), []),
    ]
    memory = {int(one.pid): int(one.usedGpuMemory or 0) for one in running}
    return tuple(
        GpuProcess(pid, _shown(pid, "name"), held, ours=pid in own_pids, user=_shown(pid, "username"))
        for pid, held in sorted(memory.items())
    )


def _shown(pid: int, what: str) -> str:
    """Empty where the system hides it, or the process has ended."""
    try:
        return str(getattr(psutil.Process(pid), what)())
    except psutil.Error:
        return ""


def _told(nvml: ModuleType, ask: Callable[[], Told], otherwise: Told) -> Told:
    """What the driver says, or ``otherwise`` where this GPU has no such thing to say."""
    try:
        return ask()
    except nvml.NVMLError:
        return otherwise


@contextmanager
def _translated(nvml: ModuleType) -> Iterator[None]:
    try:
        yield
    except nvml.NVMLError as error:
        raise NotReady(f"The GPU driver does not answer: {error}. `nvidia-smi` may say more.") from error


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
