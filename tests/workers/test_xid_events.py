"""Xid errors that are the hardware's make a GPU unfit; those of somebody's program do not."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from appliance.domain.hardware import Inventory
from appliance.workers.hardware import gpus
from appliance.workers.xid_events import HARDWARE, XidEvents
from tests.workers.conftest import RecordedLog
from tests.workers.fake_driver import FakeEvents, FakeGpu, driver

PATIENCE_S = 10
TWO = (FakeGpu("H100"), FakeGpu("A100"))


class StillClock:
    """Half past noon of one day."""

    def now_ms(self) -> int:
        return 1_770_208_200_000

    def monotonic_s(self) -> float:
        return 0.0


@contextmanager
def listening(nvml, log: RecordedLog | None = None) -> Iterator[XidEvents]:
    xids = XidEvents(clock=StillClock(), log=log or RecordedLog(), nvml=nvml)
    xids.start()
    try:
        yield xids
    finally:
        xids.stop()


def faults(xids: XidEvents, nvml) -> list[tuple[str, ...]]:
    return [gpu.faults for gpu in xids.marked(Inventory(gpus(nvml), 1, 1, 1)).gpus]


def heard(*reports: tuple[str, int]) -> list[tuple[str, ...]]:
    """The faults of two GPUs after these reports."""
    events = FakeEvents()
    nvml = driver(*TWO, events=events)
    with listening(nvml) as xids:
        for uuid, xid in reports:
            events.report(uuid, xid)
        assert events.all_heard.wait(PATIENCE_S)
        return faults(xids, nvml)


def test_a_lost_gpu_is_said_to_be_lost_and_when():
    assert heard(("GPU-1", 79)) == [(), ("Xid 79: the GPU has fallen off the bus (2026-02-04 12:30 UTC).",)]


@pytest.mark.parametrize("xid", [13, 31, 43, 45, 68, 109, 999])
def test_the_error_of_a_program_is_no_fault_of_the_gpu(xid):
    assert heard(("GPU-0", xid)) == [(), ()]


@pytest.mark.parametrize("xid", [48, 64, 74, 79, 95, 119, 120, 140])
def test_every_error_of_the_hardware_has_words(xid):
    ((said,), _) = heard(("GPU-0", xid))
    assert said.startswith(f"Xid {xid}: {HARDWARE[xid]} (")


def test_all_errors_of_a_gpu_are_remembered_each_once():
    first, second = heard(("GPU-0", 95), ("GPU-0", 48), ("GPU-1", 74), ("GPU-0", 95))
    assert [one.partition(":")[0] for one in first] == ["Xid 48", "Xid 95"]
    assert [one.partition(":")[0] for one in second] == ["Xid 74"]


def test_what_the_driver_says_at_any_time_stays_beside_what_was_heard():
    events = FakeEvents()
    nvml = driver(FakeGpu(uncorrected=2), events=events)
    with listening(nvml) as xids:
        events.report("GPU-0", 48)
        assert events.all_heard.wait(PATIENCE_S)
        ((counted, told),) = faults(xids, nvml)
    assert counted.startswith("2 uncorrected")
    assert told.startswith("Xid 48")


def test_another_kind_of_event_is_no_xid():
    events = FakeEvents()
    nvml = driver(FakeGpu(), events=events)
    with listening(nvml) as xids:
        events.report("GPU-0", 79, kind=2)
        assert events.all_heard.wait(PATIENCE_S)
        assert faults(xids, nvml) == [()]


def test_a_gpu_that_is_listened_to_no_more_does_not_silence_the_others():
    events, log = FakeEvents(), RecordedLog()
    nvml = driver(*TWO, events=events)
    with listening(nvml, log) as xids:
        events.break_off("GPU-0")
        assert events.all_heard.wait(PATIENCE_S)
        events.report("GPU-1", 79)
        assert events.all_heard.wait(PATIENCE_S)
        assert [len(one) for one in faults(xids, nvml)] == [0, 1]
    assert ("gpu_events_ended", {"gpu": "GPU-0"}) in log.records


def test_a_gpu_without_events_is_left_out():
    nvml = driver(*TWO, silent=("nvmlDeviceRegisterEvents",))
    xids = XidEvents(clock=StillClock(), log=RecordedLog(), nvml=nvml)
    xids.start()
    ended(xids)
    assert "nvmlEventSetWait_v2" not in nvml.calls
    assert nvml.calls.count("nvmlEventSetFree") == 2
    assert nvml.calls[-1] == "nvmlShutdown"


def test_a_program_that_fails_in_a_loop_is_logged_once():
    events, log = FakeEvents(), RecordedLog()
    nvml = driver(FakeGpu(), events=events)
    with listening(nvml, log):
        for _ in range(50):
            events.report("GPU-0", 31)
        assert events.all_heard.wait(PATIENCE_S)
    assert log.records == [("gpu_xid", {"gpu": "GPU-0", "xid": 31, "hardware": False})]


def test_the_end_gives_back_what_was_opened():
    events = FakeEvents()
    nvml = driver(*TWO, events=events)
    with listening(nvml):
        assert events.all_heard.wait(PATIENCE_S)
    assert events.freed == 2
    assert nvml.calls[-1] == "nvmlShutdown"


@pytest.mark.parametrize("broken", ["nvmlInit", "nvmlDeviceGetCount"])
def test_without_a_driver_nothing_listens(broken):
    nvml = driver(FakeGpu(), broken=broken)
    xids = XidEvents(clock=StillClock(), log=RecordedLog(), nvml=nvml)
    xids.start()
    ended(xids)
    assert "nvmlEventSetCreate" not in nvml.calls


def test_a_listener_that_never_started_can_be_stopped():
    XidEvents(clock=StillClock(), log=RecordedLog(), nvml=driver()).stop()


def ended(xids: XidEvents) -> None:
    """Wait until its thread is gone."""
    for one in threading.enumerate():
        if one.name == "xid-events":
            one.join(PATIENCE_S)
            assert not one.is_alive()
    xids.stop()
