"""The GPUs that the driver reports, over a driver of our own."""

from types import SimpleNamespace

import pytest

from appliance.errors import NotReady
from appliance.workers.hardware import Gpu, gpus


class DriverError(Exception):
    pass


def _driver(*names: str | bytes, broken: str = "") -> SimpleNamespace:
    """The functions of NVML that are used; ``broken`` names one that fails."""
    answers = {
        "nvmlInit": lambda: None,
        "nvmlShutdown": lambda: None,
        "nvmlSystemGetDriverVersion": lambda: "575.1",
        "nvmlDeviceGetCount": lambda: len(names),
        "nvmlDeviceGetHandleByIndex": lambda index: index,
        "nvmlDeviceGetName": lambda handle: names[handle],
        "nvmlDeviceGetMemoryInfo": lambda _: SimpleNamespace(total=80 * 2**30, free=79 * 2**30),
    }
    calls: list[str] = []

    def function(name: str):
        def call(*arguments: object) -> object:
            calls.append(name)
            if name == broken:
                raise DriverError("Unknown Error")
            return answers[name](*arguments)

        return call

    return SimpleNamespace(NVMLError=DriverError, calls=calls, **{name: function(name) for name in answers})


def test_every_gpu_is_listed_with_its_memory():
    driver = _driver("H100", b"A100")
    assert gpus(driver) == (
        Gpu(0, "H100", 80 * 2**30, 79 * 2**30, "575.1"),
        Gpu(1, "A100", 80 * 2**30, 79 * 2**30, "575.1"),
    )
    assert driver.calls[-1] == "nvmlShutdown"


def test_no_driver_means_no_gpu():
    assert gpus(_driver("H100", broken="nvmlInit")) == ()


@pytest.mark.parametrize("broken", ["nvmlSystemGetDriverVersion", "nvmlDeviceGetMemoryInfo"])
def test_a_driver_that_does_not_answer_is_an_error_of_ours(broken):
    driver = _driver("H100", broken=broken)
    with pytest.raises(NotReady, match="nvidia-smi"):
        gpus(driver)
    assert driver.calls[-1] == "nvmlShutdown"


def test_this_machine_can_be_asked():
    assert all(gpu.memory_total_bytes > 0 for gpu in gpus())
