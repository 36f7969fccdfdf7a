"""What makes a GPU unfit, in sentences: memory that failed, and repairs that the driver asks for.

A recent driver folds the Xid errors that matter into the repair it asks for; of an older one, counts of
memory errors and a lost GPU are all that is seen. https://docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt/
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final, Protocol


class Told(Protocol):
    """Asks the driver; answers the second argument where it has nothing to say."""

    def __call__(self, ask: Callable[[], Any], otherwise: Any, /) -> Any:  # noqa: ANN401 - NVML has no types
        """The driver's answer."""
        ...


_REPAIRS: Final = {
    "NVML_GPU_RECOVERY_ACTION_GPU_RESET": "reset it: `carrel down`, then `nvidia-smi --gpu-reset`",
    "NVML_GPU_RECOVERY_ACTION_NODE_REBOOT": "restart the machine",
    "NVML_GPU_RECOVERY_ACTION_DRAIN_P2P": "end what runs on it and on its neighbors",
    "NVML_GPU_RECOVERY_ACTION_DRAIN_AND_RESET": "end what runs on it, then reset it",
}


def faults_of(told: Told, nvml: ModuleType, handle: object) -> tuple[str, ...]:
    """Every fault; empty for a GPU that is well."""
    return tuple(
        fault
        for fault in (
            _uncorrected(told, nvml, handle),
            *_rows(told, nvml, handle),
            _pages(told, nvml, handle),
            _repair(told, nvml, handle),
        )
        if fault
    )


def _uncorrected(told: Told, nvml: ModuleType, handle: object) -> str:
    count = told(
        lambda: nvml.nvmlDeviceGetTotalEccErrors(
            handle, nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED, nvml.NVML_VOLATILE_ECC
        ),
        0,
    )
    return f"{count} uncorrected memory errors since the driver was loaded." if count else ""


def _rows(told: Told, nvml: ModuleType, handle: object) -> tuple[str, ...]:
    _, _, pending, failed = told(lambda: nvml.nvmlDeviceGetRemappedRows(handle), (0, 0, 0, 0))
    return (
        "Damaged memory rows wait to be replaced; reset the GPU." if pending else "",
        "Damaged memory rows could not be replaced; the GPU must be exchanged." if failed else "",
    )


def _pages(told: Told, nvml: ModuleType, handle: object) -> str:
    pending = told(lambda: nvml.nvmlDeviceGetRetiredPagesPendingStatus(handle), 0)
    return "Damaged memory pages wait to be retired; reset the GPU." if pending else ""


def _repair(told: Told, nvml: ModuleType, handle: object) -> str:
    (value,) = told(
        lambda: nvml.nvmlDeviceGetFieldValues(handle, [nvml.NVML_FI_DEV_GET_GPU_RECOVERY_ACTION]), [None]
    )
    if value is None or value.nvmlReturn != nvml.NVML_SUCCESS:
        return ""
    action = int(value.value.uiVal)
    words = {getattr(nvml, name, None): text for name, text in _REPAIRS.items()}
    if action == nvml.NVML_GPU_RECOVERY_ACTION_NONE:
        return ""
    return f"After an error the driver asks to {words.get(action, 'repair it')}."
