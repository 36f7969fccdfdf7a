"""The functions of NVML that Carrel asks, over GPUs that are values."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any


class DriverError(Exception):
    pass


class GpuLost(DriverError):
    pass


@dataclass(frozen=True)
class FakeGpu:
    name: str | bytes = "NVIDIA H100"
    uncorrected: int = 0
    rows: tuple[int, int, int, int] = (0, 0, 0, 0)
    pages: int = 0
    action: int | None = 0
    compute: tuple[tuple[int, int | None], ...] = ()
    graphics: tuple[tuple[int, int | None], ...] = ()
    lost: bool = False


def driver(*gpus: FakeGpu, broken: str = "", silent: tuple[str, ...] = ()) -> Any:
    """``broken`` names a function that always fails, ``silent`` some that this hardware does not have."""
    calls: list[str] = []

    def handle(index: int) -> FakeGpu:
        if gpus[index].lost:
            raise GpuLost("GPU is lost")
        return gpus[index]

    def field(gpu: FakeGpu, _ids: list[int]) -> list[Any]:
        failed = gpu.action is None
        return [SimpleNamespace(nvmlReturn=int(failed), value=SimpleNamespace(uiVal=gpu.action or 0))]

    def processes(running: tuple[tuple[int, int | None], ...]) -> list[Any]:
        return [SimpleNamespace(pid=pid, usedGpuMemory=memory) for pid, memory in running]

    answers = {
        "nvmlInit": lambda: None,
        "nvmlShutdown": lambda: None,
        "nvmlSystemGetDriverVersion": lambda: "575.1",
        "nvmlDeviceGetCount": lambda: len(gpus),
        "nvmlDeviceGetHandleByIndex": handle,
        "nvmlDeviceGetName": lambda gpu: gpu.name,
        "nvmlDeviceGetUUID": lambda gpu: f"GPU-{gpus.index(gpu)}",
        "nvmlDeviceGetMemoryInfo": lambda _: SimpleNamespace(total=80 * 2**30, free=79 * 2**30),
        "nvmlDeviceGetComputeRunningProcesses": lambda gpu: processes(gpu.compute),
        "nvmlDeviceGetGraphicsRunningProcesses": lambda gpu: processes(gpu.graphics),
        "nvmlDeviceGetTotalEccErrors": lambda gpu, _kind, _since: gpu.uncorrected,
        "nvmlDeviceGetRemappedRows": lambda gpu: gpu.rows,
        "nvmlDeviceGetRetiredPagesPendingStatus": lambda gpu: gpu.pages,
        "nvmlDeviceGetFieldValues": field,
    }

    def function(name: str) -> Any:
        def call(*arguments: Any) -> Any:
            calls.append(name)
            if name == broken:
                raise DriverError("Unknown Error")
            if name in silent:
                raise DriverError("Not Supported")
            return answers[name](*arguments)

        return call

    constants = {
        "NVML_SUCCESS": 0,
        "NVML_MEMORY_ERROR_TYPE_UNCORRECTED": 1,
        "NVML_VOLATILE_ECC": 0,
        "NVML_FI_DEV_GET_GPU_RECOVERY_ACTION": 230,
        "NVML_GPU_RECOVERY_ACTION_NONE": 0,
        "NVML_GPU_RECOVERY_ACTION_GPU_RESET": 1,
        "NVML_GPU_RECOVERY_ACTION_NODE_REBOOT": 2,
    }
    return SimpleNamespace(
        NVMLError=DriverError,
        NVMLError_GpuIsLost=GpuLost,
        calls=calls,
        **constants,
        **{name: function(name) for name in answers},
    )
