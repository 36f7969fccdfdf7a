"""What the instruments of a GPU show, as the NVIDIA driver tells; None what a GPU does not have, or does not
tell now: it is in parts (MIG), virtual, or too old.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from appliance.domain.hardware import GpuGauges, GpuSample

_MW: Final = 1000


def gauges_of(nvml: ModuleType, handle: object) -> GpuGauges:
    """All instruments."""
    return GpuGauges(
        temperature_c=_temperature_c(nvml, handle),
        power_w=_watts(nvml, lambda: nvml.nvmlDeviceGetPowerUsage(handle)),
        limit_w=_watts(nvml, lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(handle)),
        utilization_percent=_utilization_percent(nvml, handle),
        ecc_errors=_ecc_errors(nvml, handle),
    )


def sample_of(nvml: ModuleType, index: int) -> GpuSample:
    """What is remembered of them."""
    handle = _told(nvml, lambda: nvml.nvmlDeviceGetHandleByIndex(index))
    if handle is None:
        return GpuSample(index)
    memory = _told(nvml, lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
    return GpuSample(
        index=index,
        memory_used_bytes=None if memory is None else int(memory.total) - int(memory.free),
        utilization_percent=_utilization_percent(nvml, handle),
        temperature_c=_temperature_c(nvml, handle),
        power_w=_watts(nvml, lambda: nvml.nvmlDeviceGetPowerUsage(handle)),
    )


def _temperature_c(nvml: ModuleType, handle: object) -> int | None:
    told = _told(nvml, lambda: nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))
    return None if told is None else int(told)


def _utilization_percent(nvml: ModuleType, handle: object) -> int | None:
    told = _told(nvml, lambda: nvml.nvmlDeviceGetUtilizationRates(handle))
    return None if told is None else int(told.gpu)


def _watts(nvml: ModuleType, ask: Callable[[], Any]) -> float | None:
    told = _told(nvml, ask)
    return None if told is None else round(int(told) / _MW, 1)


def _ecc_errors(nvml: ModuleType, handle: object) -> int | None:
    uncorrected, since_load = nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED, nvml.NVML_VOLATILE_ECC
    told = _told(nvml, lambda: nvml.nvmlDeviceGetTotalEccErrors(handle, uncorrected, since_load))
    return None if told is None else int(told)


def _told(nvml: ModuleType, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - NVML has no types
    try:
        return ask()
    except nvml.NVMLError:
        return None
