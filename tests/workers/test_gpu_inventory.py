"""The GPUs that the driver reports, over a driver of our own."""

import os

import psutil
import pynvml
import pytest

from appliance.domain.hardware import Gpu, GpuGauges, GpuProcess
from appliance.errors import NotReady
from appliance.workers.hardware import gpus, inventory
from tests.workers.fake_driver import FakeGpu, driver

OPTIONAL = (
    "nvmlDeviceGetUUID",
    "nvmlDeviceGetComputeRunningProcesses",
    "nvmlDeviceGetGraphicsRunningProcesses",
    "nvmlDeviceGetTotalEccErrors",
    "nvmlDeviceGetRemappedRows",
    "nvmlDeviceGetRetiredPagesPendingStatus",
    "nvmlDeviceGetFieldValues",
)


def test_every_gpu_is_listed_with_its_memory():
    nvml = driver(FakeGpu("H100"), FakeGpu(b"A100"))
    well = GpuGauges(ecc_errors=0)
    assert gpus(nvml) == (
        Gpu(0, "H100", 80 * 2**30, 79 * 2**30, "575.1", "GPU-0", gauges=well),
        Gpu(1, "A100", 80 * 2**30, 79 * 2**30, "575.1", "GPU-1", gauges=well),
    )
    assert nvml.calls[-1] == "nvmlShutdown"


def test_no_driver_means_no_gpu():
    assert gpus(driver(FakeGpu(), broken="nvmlInit")) == ()


@pytest.mark.parametrize("broken", ["nvmlSystemGetDriverVersion", "nvmlDeviceGetMemoryInfo"])
def test_a_driver_that_does_not_answer_is_an_error_of_ours(broken):
    nvml = driver(FakeGpu(), broken=broken)
    with pytest.raises(NotReady, match="nvidia-smi"):
        gpus(nvml)
    assert nvml.calls[-1] == "nvmlShutdown"


def test_what_a_gpu_has_nothing_to_say_of_is_left_out():
    (gpu,) = gpus(driver(FakeGpu("T4", uncorrected=9), silent=OPTIONAL))
    assert gpu == Gpu(0, "T4", 80 * 2**30, 79 * 2**30, "575.1")


def test_processes_of_others_are_told_from_our_own():
    mine = os.getpid()
    (gpu,) = gpus(
        driver(FakeGpu(compute=((mine, 5), (2**22 + 1, None)), graphics=((7, 1),))), frozenset({mine})
    )
    assert {(one.pid, one.memory_bytes, one.ours) for one in gpu.processes} == {
        (mine, 5, True),
        (7, 1, False),
        (2**22 + 1, 0, False),
    }
    own = next(one for one in gpu.processes if one.pid == mine)
    assert own.name
    assert own.user == psutil.Process().username()
    assert GpuProcess(2**22 + 1, "", 0) in gpu.processes


@pytest.mark.parametrize(
    ("gpu", "fault"),
    [
        (FakeGpu(uncorrected=3), "3 uncorrected"),
        (FakeGpu(rows=(0, 1, 1, 0)), "wait to be replaced"),
        (FakeGpu(rows=(0, 9, 0, 1)), "must be exchanged"),
        (FakeGpu(pages=1), "retired"),
        (FakeGpu(action=1), "gpu-reset"),
        (FakeGpu(action=2), "restart the machine"),
        (FakeGpu(action=99), "repair it"),
        (FakeGpu(lost=True), "lost"),
    ],
)
def test_what_makes_a_gpu_unfit_is_said(gpu, fault):
    well, broken = gpus(driver(FakeGpu(), gpu))
    assert well.faults == ()
    (said,) = broken.faults
    assert fault in said


def test_rows_that_were_replaced_are_no_fault():
    assert gpus(driver(FakeGpu(rows=(4, 2, 0, 0))))[0].faults == ()


def test_a_gpu_without_the_field_of_repairs_is_well():
    assert gpus(driver(FakeGpu(action=None)))[0].faults == ()


def test_the_real_library_has_everything_that_is_asked():
    asked = driver()
    assert [name for name in vars(asked) if name != "calls" and not hasattr(pynvml, name)] == []


def test_this_machine_can_be_asked():
    here = inventory()
    assert 0 < here.memory_available_bytes <= here.memory_total_bytes
    assert here.cores >= 1
    assert all(gpu.memory_total_bytes > 0 for gpu in here.gpus)
