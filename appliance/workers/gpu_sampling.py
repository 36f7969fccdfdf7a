"""Asks the NVIDIA driver every few seconds how its GPUs are, in a thread of its own: a broken driver may take
forever, and then nobody but this thread waits for it.
"""

import threading
from types import ModuleType
from typing import Final

import pynvml

from appliance.domain.clock import Clock
from appliance.domain.hardware import GpuSample
from appliance.workers.gpu_gauges import sample_of

EVERY_S: Final = 5.0
STALE_S: Final = 15.0
_STOP_S: Final = 2.0


class GpuSampler:
    """The driver is opened once: opening takes much longer than asking."""

    def __init__(self, *, clock: Clock, nvml: ModuleType = pynvml, every_s: float = EVERY_S) -> None:
        self._clock: Final = clock
        self._nvml: Final = nvml
        self._every_s: Final = every_s
        self._stopping: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._sample, name="gpu-samples", daemon=True)
        # Written by that thread only, as one value, so that a reader needs no lock.
        self._told: tuple[float, tuple[GpuSample, ...]] = (0.0, ())

    @property
    def latest(self) -> tuple[GpuSample, ...]:
        """As they were told last; nothing without a driver, or where it has not answered for a while."""
        told_s, samples = self._told
        return samples if self._clock.monotonic_s() - told_s < STALE_S else ()

    def start(self) -> None:
        """Ask from now on. Without a driver the thread ends by itself at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; waits for at most 2 s. Safe when it never started."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_S)

    def _sample(self) -> None:
        try:
            self._nvml.nvmlInit()
        except self._nvml.NVMLError:
            return
        try:
            while not self._stopping.is_set():
                self._told = (self._clock.monotonic_s(), self._all())
                self._stopping.wait(self._every_s)
        finally:
            self._close()

    def _all(self) -> tuple[GpuSample, ...]:
        try:
            count = int(self._nvml.nvmlDeviceGetCount())
        except self._nvml.NVMLError:
            return ()
        return tuple(sample_of(self._nvml, index) for index in range(count))

    def _close(self) -> None:
        try:
            self._nvml.nvmlShutdown()
        except self._nvml.NVMLError:
            return
