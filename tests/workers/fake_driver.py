"""The functions of NVML that Carrel asks, over GPUs that are values."""

import threading
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import SimpleNamespace
from typing import Any


class DriverError(Exception):
    pass


class GpuLost(DriverError):
    pass


class TimedOut(DriverError):
    pass


XID = 8


class FakeEvents:
    """Sets of events, each of one GPU. ``report`` is what the driver does when something happens."""

    def __init__(self) -> None:
        self.all_heard = threading.Event()
        self.freed = 0
        self._reporting = threading.Lock()
        self._waiting: dict[str, SimpleQueue[tuple[int, int] | DriverError]] = {}

    def report(self, uuid: str, xid: int, kind: int = XID) -> None:
        self._put(uuid, (kind, xid))

    def break_off(self, uuid: str) -> None:
        self._put(uuid, GpuLost("GPU is lost"))

    def register(self, uuid: str, asked: SimpleNamespace) -> None:
        asked.uuid = uuid
        with self._reporting:
            self._waiting.setdefault(uuid, SimpleQueue())

    def wait(self, asked: SimpleNamespace, timeout_ms: int) -> SimpleNamespace:
        with self._reporting:
            if all(one.empty() for one in self._waiting.values()):
                self.all_heard.set()
        try:
            found = self._waiting[asked.uuid].get(timeout=timeout_ms / 1000)
        except Empty:
            raise TimedOut("Timeout") from None
        if isinstance(found, DriverError):
            raise found
        return SimpleNamespace(eventType=found[0], eventData=found[1])

    def free(self, _asked: SimpleNamespace) -> None:
        self.freed += 1

    def _put(self, uuid: str, found: tuple[int, int] | DriverError) -> None:
        with self._reporting:
            self.all_heard.clear()
            self._waiting.setdefault(uuid, SimpleQueue()).put(found)


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
    temperature_c: int | None = None
    power_mw: int | None = None
    limit_mw: int | None = None
    busy_percent: int | None = None


def driver(
    *gpus: FakeGpu, broken: str = "", silent: tuple[str, ...] = (), events: FakeEvents | None = None
) -> Any:
    """``broken`` names a function that always fails, ``silent`` some that this hardware does not have."""
    calls: list[str] = []
    events = events or FakeEvents()

    def handle(index: int) -> FakeGpu:
        if gpus[index].lost:
            raise GpuLost("GPU is lost")
        return gpus[index]

    def uuid(gpu: FakeGpu) -> str:
        return f"GPU-{gpus.index(gpu)}"

    def field(gpu: FakeGpu, _ids: list[int]) -> list[Any]:
        failed = gpu.action is None
        return [SimpleNamespace(nvmlReturn=int(failed), value=SimpleNamespace(uiVal=gpu.action or 0))]

    def processes(running: tuple[tuple[int, int | None], ...]) -> list[Any]:
        return [SimpleNamespace(pid=pid, usedGpuMemory=memory) for pid, memory in running]

    def told(value: int | None) -> int:
        if value is None:
            raise DriverError("Not Supported")
        return value

    answers = {
        "nvmlInit": lambda: None,
        "nvmlShutdown": lambda: None,
        "nvmlSystemGetDriverVersion": lambda: "575.1",
        "nvmlDeviceGetCount": lambda: len(gpus),
        "nvmlDeviceGetHandleByIndex": handle,
        "nvmlDeviceGetName": lambda gpu: gpu.name,
        "nvmlDeviceGetUUID": uuid,
        "nvmlDeviceGetMemoryInfo": lambda _: SimpleNamespace(total=80 * 2**30, free=79 * 2**30),
        "nvmlDeviceGetComputeRunningProcesses": lambda gpu: processes(gpu.compute),
        "nvmlDeviceGetGraphicsRunningProcesses": lambda gpu: processes(gpu.graphics),
        "nvmlDeviceGetTotalEccErrors": lambda gpu, _kind, _since: gpu.uncorrected,
        "nvmlDeviceGetRemappedRows": lambda gpu: gpu.rows,
        "nvmlDeviceGetRetiredPagesPendingStatus": lambda gpu: gpu.pages,
        "nvmlDeviceGetFieldValues": field,
        "nvmlDeviceGetTemperature": lambda gpu, _sensor: told(gpu.temperature_c),
        "nvmlDeviceGetPowerUsage": lambda gpu: told(gpu.power_mw),
        "nvmlDeviceGetEnforcedPowerLimit": lambda gpu: told(gpu.limit_mw),
        "nvmlDeviceGetUtilizationRates": lambda gpu: SimpleNamespace(gpu=told(gpu.busy_percent)),
        "nvmlEventSetCreate": SimpleNamespace,
        "nvmlDeviceRegisterEvents": lambda gpu, _types, asked: events.register(uuid(gpu), asked),
        "nvmlEventSetWait_v2": events.wait,
        "nvmlEventSetFree": events.free,
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
        "NVML_TEMPERATURE_GPU": 0,
        "NVML_FI_DEV_GET_GPU_RECOVERY_ACTION": 230,
        "NVML_GPU_RECOVERY_ACTION_NONE": 0,
        "NVML_GPU_RECOVERY_ACTION_GPU_RESET": 1,
        "NVML_GPU_RECOVERY_ACTION_NODE_REBOOT": 2,
        "nvmlEventTypeXidCriticalError": XID,
    }
    return SimpleNamespace(
        NVMLError=DriverError,
        NVMLError_GpuIsLost=GpuLost,
        NVMLError_Timeout=TimedOut,
        calls=calls,
        **constants,
        **{name: function(name) for name in answers},
    )
