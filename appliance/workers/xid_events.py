"""Hears the Xid errors that the driver reports while the gateway runs; says which make a GPU unfit.

A driver tells an Xid once, to those who listen at that moment; it cannot be asked for past ones. What a GPU
has to say of its state at any time is in ``gpu_faults``. https://docs.nvidia.com/deploy/xid-errors/
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType, ModuleType
from typing import Any, Final

import pynvml

from appliance.domain.clock import Clock
from appliance.domain.hardware import Gpu, Inventory
from appliance.domain.log import Log

HARDWARE: Final[Mapping[int, str]] = MappingProxyType(
    {
        46: "the GPU stopped computing and must be reset",
        48: "an uncorrected memory error",
        62: "the GPU's controller halted",
        64: "a damaged part of the memory could not be replaced",
        74: "an error on NVLink",
        79: "the GPU has fallen off the bus",
        95: "an uncorrected memory error that may have reached other programs; reset the GPU",
        119: "the GPU's system processor does not answer",
        120: "an error in the GPU's system processor",
        140: "an uncorrected memory error that was not recovered from",
        143: "the GPU could not be started",
    }
)
"""What each means. Others are what anybody's bad program causes on a sound GPU (13, 31, 43, 45 and more), or
are seen in its state and leave it of use until a repair is due (63, 92, 94)."""

_ROUND_MS: Final = 250
"""The longest time until every GPU was listened to once, and so until a stop is noticed."""
_STOP_S: Final = 2.0


class XidEvents:
    """Remembers the last of each Xid of each GPU, for as long as it listens: a reset of the GPU needs the
    gateway to be down, since the driver resets no GPU that somebody listens to.
    """

    def __init__(self, *, clock: Clock, log: Log, nvml: ModuleType = pynvml) -> None:
        self._clock: Final = clock
        self._log: Final = log
        self._nvml: Final = nvml
        self._stopping: Final = threading.Event()
        # A thread of its own for the first call too: a broken driver may never return from it.
        self._thread: Final = threading.Thread(target=self._listen, name="xid-events", daemon=True)
        # Written by that thread only, one whole value a GPU, so that a reader needs no lock.
        self._seen: Final[dict[str, Mapping[int, int]]] = {}

    def start(self) -> None:
        """Listen from now on. Without a driver the thread ends by itself at once."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; waits for at most 2 s. Safe when it never started."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_S)

    def marked(self, found: Inventory) -> Inventory:
        """The machine with a fault for each Xid that was heard and is the hardware's."""
        return replace(found, gpus=tuple(self._marked(gpu) for gpu in found.gpus))

    def _marked(self, gpu: Gpu) -> Gpu:
        heard = self._seen.get(gpu.uuid, {})
        faults = tuple(_fault(xid, at_ms) for xid, at_ms in sorted(heard.items()) if xid in HARDWARE)
        return replace(gpu, faults=(*gpu.faults, *faults))

    def _listen(self) -> None:
        try:
            self._nvml.nvmlInit()
        except self._nvml.NVMLError:
            return
        try:
            with self._opened() as sets:
                self._hear(sets)
        except self._nvml.NVMLError:
            self._log.warning("gpu_events_not_heard")
        finally:
            with suppress(self._nvml.NVMLError):
                self._nvml.nvmlShutdown()

    @contextmanager
    def _opened(self) -> Iterator[dict[str, Any]]:
        """A set of events for each GPU by its UUID: an event of a lost GPU could not be traced back to it."""
        sets: dict[str, Any] = {}
        try:
            for index in range(self._nvml.nvmlDeviceGetCount()):
                with suppress(self._nvml.NVMLError):
                    self._open(index, sets)
            yield sets
        finally:
            for events in sets.values():
                with suppress(self._nvml.NVMLError):
                    self._nvml.nvmlEventSetFree(events)

    def _open(self, index: int, sets: dict[str, Any]) -> None:
        handle = self._nvml.nvmlDeviceGetHandleByIndex(index)
        uuid = self._nvml.nvmlDeviceGetUUID(handle)
        events = self._nvml.nvmlEventSetCreate()
        try:
            self._nvml.nvmlDeviceRegisterEvents(handle, self._nvml.nvmlEventTypeXidCriticalError, events)
        except self._nvml.NVMLError:
            self._nvml.nvmlEventSetFree(events)
            raise
        sets[uuid.decode() if isinstance(uuid, bytes) else uuid] = events

    def _hear(self, sets: Mapping[str, Any]) -> None:
        answering = dict(sets)
        while answering and not self._stopping.is_set():
            wait_ms = max(1, _ROUND_MS // len(answering))
            answering = {
                uuid: events for uuid, events in answering.items() if self._wait(uuid, events, wait_ms)
            }

    def _wait(self, uuid: str, events: object, wait_ms: int) -> bool:
        """Whether it is worth waiting for this GPU again."""
        try:
            event = self._nvml.nvmlEventSetWait_v2(events, wait_ms)
        except self._nvml.NVMLError_Timeout:
            return True
        except self._nvml.NVMLError:
            self._log.warning("gpu_events_ended", gpu=uuid)
            return False
        if event.eventType == self._nvml.nvmlEventTypeXidCriticalError:
            self._note(uuid, int(event.eventData))
        return True

    def _note(self, uuid: str, xid: int) -> None:
        heard = self._seen.get(uuid, {})
        if xid not in heard:
            # Once a kind: a program that fails in a loop causes them by the thousand.
            self._log.warning("gpu_xid", gpu=uuid, xid=xid, hardware=xid in HARDWARE)
        self._seen[uuid] = {**heard, xid: self._clock.now_ms()}


def _fault(xid: int, at_ms: int) -> str:
    at = datetime.fromtimestamp(at_ms / 1000, tz=UTC)
    return f"Xid {xid}: {HARDWARE[xid]} ({at:%Y-%m-%d %H:%M} UTC)."
