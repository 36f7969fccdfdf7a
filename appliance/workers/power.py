"""How much power each GPU draws, as the NVIDIA driver tells. Without a driver, or where it does not tell,
there is nothing.
"""

from collections.abc import Mapping
from types import ModuleType

import pynvml


class PowerReader:
    """Asks the driver, which is opened once: opening takes much longer than asking. Blocks for a moment."""

    def __init__(self, nvml: ModuleType = pynvml) -> None:
        self._nvml = nvml
        self._opened: bool | None = None

    def read_mw(self) -> Mapping[int, int]:
        """Milliwatts by the number of the GPU, averaged by the driver over about a second."""
        if not self._open():
            return {}
        readings = {index: self._one(index) for index in range(self._count())}
        return {index: drawn for index, drawn in readings.items() if drawn is not None}

    def _count(self) -> int:
        try:
            return int(self._nvml.nvmlDeviceGetCount())
        except self._nvml.NVMLError:
            return 0

    def _one(self, index: int) -> int | None:
        """None for one that is lost or does not tell."""
        try:
            return int(self._nvml.nvmlDeviceGetPowerUsage(self._nvml.nvmlDeviceGetHandleByIndex(index)))
        except self._nvml.NVMLError:
            return None

    def _open(self) -> bool:
        if self._opened is None:
            try:
                self._nvml.nvmlInit()
                self._opened = True
            except self._nvml.NVMLError:
                self._opened = False
        return self._opened
