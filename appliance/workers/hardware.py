"""The GPUs of this machine, as the NVIDIA driver reports them. No driver means no GPU, which is no error."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType

import pynvml

from appliance.errors import NotReady


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU. ``index`` is its place in the driver's order, as in ``CUDA_VISIBLE_DEVICES``."""

    index: int
    name: str
    memory_total_bytes: int
    memory_free_bytes: int
    driver: str


def gpus(nvml: ModuleType = pynvml) -> tuple[Gpu, ...]:
    """Every GPU; empty without a driver. Raises ``NotReady`` when a driver is there and does not answer."""
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        return ()
    with _translated(nvml):
        try:
            driver = _text(nvml.nvmlSystemGetDriverVersion())
            return tuple(_gpu(nvml, index, driver) for index in range(nvml.nvmlDeviceGetCount()))
        finally:
            nvml.nvmlShutdown()


def _gpu(nvml: ModuleType, index: int, driver: str) -> Gpu:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    return Gpu(index, _text(nvml.nvmlDeviceGetName(handle)), int(memory.total), int(memory.free), driver)


@contextmanager
def _translated(nvml: ModuleType) -> Iterator[None]:
    try:
        yield
    except nvml.NVMLError as error:
        raise NotReady(f"The GPU driver does not answer: {error}. `nvidia-smi` may say more.") from error


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
