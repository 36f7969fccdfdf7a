"""GPUs that are released, taken back, forbidden or broken, and what operators are told of them."""

from dataclasses import replace

import pytest

from appliance.domain.hardware import GpuGauges, GpuProcess, Inventory
from appliance.errors import NotFound, NotReady
from appliance.services.hardware import HardwareService
from tests.placement.machines_for_tests import GIB, gpus


class Models:
    """Which models run where."""

    def __init__(self) -> None:
        self.on = {1: ("handbook-tiny",)}
        self.pids = frozenset({42})

    def models_on(self, gpu):
        return self.on.get(gpu, ())

    def worker_pids(self):
        return self.pids


class Machine:
    """Three GPUs; one is broken, and somebody trains on the first."""

    def __init__(self) -> None:
        self.asked: list[frozenset[int]] = []

    def __call__(self, own_pids):
        self.asked.append(own_pids)
        first, second, third = gpus(20, 80, 80)
        training = GpuProcess(7, "train.py", 60 * GIB, user="kim")
        own = GpuProcess(42, "carrel", GIB, ours=42 in own_pids)
        return Inventory(
            (
                replace(first, processes=(training,), gauges=GpuGauges(71, 310.5, 350.0, 98, 0)),
                replace(second, processes=(own,)),
                replace(third, faults=("lost",)),
            ),
            128 * GIB,
            100 * GIB,
            32,
        )


class ReleasedInMemory:
    """Keeps the contract of the store's table."""

    def __init__(self) -> None:
        self.gpus: set[int] = set()

    async def all(self):
        return frozenset(self.gpus)

    async def add(self, gpu):
        self.gpus.add(gpu)

    async def remove(self, gpu):
        self.gpus.discard(gpu)


@pytest.fixture
def released():
    return ReleasedInMemory()


@pytest.fixture
def service(released):
    return made(released)


BOTH = {"llama_cpp": True, "torch": True}


def made(released, *, allow=None, engines=BOTH, look=None):
    return HardwareService(
        look=look or Machine(),
        released=released,
        residents=Models,
        settings_allow=allow,
        engines=engines,
    )


async def states(service):
    return [gpu.state for gpu in (await service.list_gpus()).gpus]


async def allowed(service):
    return [gpu.allowed for gpu in (await service.inventory()).gpus]


async def test_the_list_says_who_uses_what(service):
    found = await service.list_gpus()
    assert [gpu.state for gpu in found.gpus] == ["ok", "ok", "broken"]
    assert [one.name for one in found.gpus[0].processes if not one.ours] == ["train.py"]
    assert found.gpus[1].processes[0].ours
    assert found.gpus[1].models == ("handbook-tiny",)
    assert found.gpus[2].faults == ("lost",)
    assert (found.cores, found.note) == (32, "")


async def test_the_list_says_what_instruments_show_and_whose_a_process_is(service):
    first, second, _ = (await service.list_gpus()).gpus
    assert [one.user for one in first.processes] == ["kim"]
    assert (first.temperature_c, first.utilization_percent, first.ecc_errors) == (71, 98, 0)
    assert (first.power_w, first.limit_w) == (310.5, 350.0)
    assert (second.temperature_c, second.power_w, second.ecc_errors) == (None, None, None)


async def test_a_released_gpu_is_left_alone_also_after_a_restart(service, released):
    found = await service.release(gpu=0)
    assert "nothing of Carrel" in found.note
    again = made(released)
    assert await states(again) == ["released", "ok", "broken"]
    assert await allowed(again) == [False, True, True]


async def test_what_still_runs_on_a_released_gpu_is_named(service):
    assert "carrel model stop handbook-tiny" in (await service.release(gpu=1)).note


async def test_a_gpu_is_taken_back(service):
    await service.release(gpu=0)
    await service.take(gpu=0)
    assert await states(service) == ["ok", "ok", "broken"]


@pytest.mark.parametrize("verb", ["release", "take"])
async def test_a_gpu_that_is_not_there_is_not_found(service, verb):
    with pytest.raises(NotFound, match="gpu list"):
        await getattr(service, verb)(gpu=3)


async def test_the_configuration_decides_which_may_be_used(released):
    service = made(released, allow=(1,))
    assert await states(service) == ["not_allowed", "ok", "not_allowed"]
    assert await allowed(service) == [False, True, False]


async def test_engines_for_the_processor_use_no_gpu_and_say_so(released):
    service = made(released, engines={"llama_cpp": False, "torch": False})
    assert await states(service) == ["no_engine"] * 3
    assert await allowed(service) == [False, False, False]
    assert "llama.cpp and torch: built without CUDA" in (await service.list_gpus()).note


@pytest.mark.parametrize(
    ("engines", "blind", "word"),
    [
        ({"llama_cpp": False, "torch": True}, {"llama_cpp"}, "llama.cpp:"),
        ({"llama_cpp": True, "torch": False}, {"torch"}, "torch:"),
        ({"llama_cpp": True}, set(), ""),
    ],
)
async def test_gpus_are_for_the_engines_that_can_use_them(released, engines, blind, word):
    service = made(released, engines=engines)
    assert await states(service) == ["ok", "ok", "broken"]
    assert (await service.inventory()).processor_engines == blind
    note = (await service.list_gpus()).note
    assert note.startswith(word)
    assert bool(note) == bool(blind)


async def test_a_driver_that_does_not_answer_is_said(released):
    def broken(_own_pids):
        raise NotReady("The GPU driver does not answer.")

    with pytest.raises(NotReady):
        await made(released, look=broken).list_gpus()
