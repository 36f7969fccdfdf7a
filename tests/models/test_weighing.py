"""What a model takes of memory after loading: kept, held against the plan, and used for the next plan."""

from dataclasses import replace

import msgspec
import pytest

from appliance.domain.hardware import GpuProcess
from appliance.domain.measurement import MemoryMeasurement
from appliance.domain.recipe import MemoryFacts
from appliance.domain.running import RunWishes
from appliance.errors import CarrelError, StorageUnavailable
from appliance.services.models.planned import by_recipe
from appliance.services.models.weighing import Scales
from tests.models.conftest import Shelf

GIB, MIB = 2**30, 2**20
LOADED = MemoryMeasurement("small", 1, "torch-1", "nf4", (), 0, 6 * GIB, GIB, 9 * GIB, 0, 5)


class Kept:
    """Keeps the contract of the store's table; refuses with ``fails``."""

    def __init__(self, fails: CarrelError | None = None) -> None:
        self.fails = fails
        self.all: dict[tuple[str, int], MemoryMeasurement] = {}

    async def put(self, one: MemoryMeasurement) -> None:
        if self.fails:
            raise self.fails
        self.all[one.model, one.revision] = one

    async def latest(self, model: str, revision: int) -> MemoryMeasurement | None:
        return self.all.get((model, revision))


class Log:
    def __init__(self) -> None:
        self.warnings: list[tuple[str, dict[str, object]]] = []

    def warning(self, event: str, **fields: object) -> None:
        self.warnings.append((event, fields))

    info = error = warning


class Weighed:
    """A box with scales, whose processes take what a test says."""

    def __init__(self, shelf: Shelf, fails: CarrelError | None = None) -> None:
        self.shelf, self.kept, self.log = shelf, Kept(fails), Log()
        scales = Scales(self.kept, shelf.machine, shelf.clock, self.log)
        self.service = shelf.service(scales=scales)

    def takes(self, peak_bytes: int = 0, **facts: int) -> None:
        make = self.shelf.factory.replica

        def replica(order):
            made = make(order)
            made.peak_bytes = peak_bytes
            made.facts = msgspec.structs.replace(made.facts, **facts)
            return made

        self.shelf.factory.replica = replica


@pytest.fixture
def weighed(shelf: Shelf) -> Weighed:
    shelf.catalog.weigh("small", 100 * MIB)
    return Weighed(shelf)


async def test_what_a_model_took_is_kept_and_shown_beside_the_plan(weighed: Weighed):
    weighed.takes(peak_bytes=300 * MIB, weight_bytes=90 * MIB, cache_bytes=2 * MIB)
    shown = (await weighed.service.run(model="small")).memory
    planned = weighed.shelf.factory.replicas[0].order.place.memory_bytes
    assert (shown.planned_bytes, shown.held_bytes, shown.gpus) == (planned, 300 * MIB, ())
    assert (shown.weight_bytes, shown.cache_bytes, shown.engine_build) == (90 * MIB, 2 * MIB, "fake-1")
    await weighed.service.stop(model="small")
    assert (await weighed.service.show(model="small")).memory == shown
    assert (await weighed.service.show(model="large")).memory is None
    assert weighed.log.warnings == []


async def test_a_lent_model_is_not_weighed(weighed: Weighed):
    weighed.takes(peak_bytes=300 * MIB)
    async with weighed.service.lend("small", RunWishes(seats=1)):
        pass
    assert (await weighed.service.show(model="small")).memory is None


async def test_on_gpus_the_driver_says_what_is_held(weighed: Weighed):
    weighed.shelf.machine.give_gpus(1, 24 * GIB)
    own, other = GpuProcess(42, "python", 3 * GIB, ours=True), GpuProcess(7, "train.py", GIB)
    weighed.shelf.machine.taken = lambda: {0: (own, other)} if weighed.shelf.factory.replicas else {}
    weighed.takes(peak_bytes=GIB)
    shown = (await weighed.service.run(model="small")).memory
    assert (shown.gpu_bytes, shown.held_bytes, shown.resident_bytes, shown.gpus) == (
        3 * GIB,
        3 * GIB,
        GIB,
        (0,),
    )


async def test_where_the_driver_says_nothing_the_engine_does(weighed: Weighed):
    weighed.shelf.machine.give_gpus(1, 24 * GIB)
    weighed.takes(weight_bytes=90 * MIB, cache_bytes=2 * MIB)
    assert (await weighed.service.run(model="small")).memory.held_bytes == 92 * MIB


@pytest.mark.parametrize(("part", "warned"), [(1.09, False), (1.11, True)])
async def test_more_than_a_tenth_over_the_plan_is_logged(weighed: Weighed, part, warned):
    await weighed.service.run(model="small")
    planned = weighed.shelf.factory.replicas[0].order.place.memory_bytes
    weighed.takes(peak_bytes=int(planned * part))
    await weighed.service.run(model="small", seats=2)
    assert [event for event, _ in weighed.log.warnings] == ["memory_exceeds_plan"] * warned
    for _, fields in weighed.log.warnings:
        assert fields == {"model": "small", "planned_bytes": planned, "held_bytes": int(planned * part)}


async def test_what_was_not_planned_exceeds_nothing(shelf: Shelf):
    box = Weighed(shelf)
    box.takes(peak_bytes=GIB)
    assert (await box.service.run(model="small")).memory.planned_bytes == 0
    assert box.log.warnings == []


async def test_a_model_runs_though_nothing_can_be_kept(shelf: Shelf):
    box = Weighed(shelf, StorageUnavailable("The disk is full."))
    assert (await box.service.run(model="small")).state == "ready"
    assert [event for event, _ in box.log.warnings] == ["memory_not_measured"]


async def test_the_next_load_is_planned_with_what_was_measured(weighed: Weighed):
    weighed.takes(weight_bytes=150 * MIB)
    for _ in range(2):
        await weighed.service.run(model="small")
        await weighed.service.stop(model="small")
    first, second = (one.order.place.shares[0].weight_bytes for one in weighed.shelf.factory.replicas)
    assert (first, second) == (pytest.approx(100 * MIB, abs=8), pytest.approx(150 * MIB, abs=8))


async def test_so_is_one_of_a_model_that_only_its_file_describes(weighed: Weighed):
    weighed.shelf.machine.give_gpus(1, 24 * GIB)
    weighed.takes(weight_bytes=150 * MIB)
    for _ in range(2):
        await weighed.service.run(model="large")
        await weighed.service.stop(model="large")
    first, second = (one.order.place.shares[0].weight_bytes for one in weighed.shelf.factory.replicas)
    assert (first, second) == (10, 150 * MIB)


def test_weights_measured_on_the_processor_are_known_for_a_gpu(shelf: Shelf):
    (form, _) = shelf.catalog.recipes[0].forms
    facts = MemoryFacts(1, 131_072, 32, 4096, 128_256, 8_030_261_248, 8)
    form = replace(form, engine="torch", precision="nf4", memory=facts)
    others = 1_050_939_392
    on_processor = replace(LOADED, weight_bytes=6_979_321_856 * 9 // 16 + 4 * others)
    on_gpu = replace(LOADED, weight_bytes=6_979_321_856 * 9 // 16 + 2 * others, gpus=(0,))
    assert by_recipe(form, on_gpu).sizes.weight_bytes == on_gpu.weight_bytes
    assert by_recipe(form, on_processor).sizes.weight_bytes == pytest.approx(on_gpu.weight_bytes, abs=8)
    assert by_recipe(form, replace(LOADED, weight_bytes=0)).sizes == facts
