"""Measurements of memory: the last one counts, of each revision."""

from dataclasses import replace

from appliance.domain.measurement import MemoryMeasurement

FIRST = MemoryMeasurement("tiny@nf4", 3, "torch-2", "nf4", (), 100, 60, 20, 90, 0, measured_ms=5)


async def test_a_measurement_comes_back_as_it_went_in(store):
    on_gpus = replace(FIRST, model="tiny", gpus=(3, 1), gpu_bytes=2**40)
    await store.measurements.put(FIRST)
    await store.measurements.put(on_gpus)
    assert await store.measurements.latest("tiny@nf4", 3) == FIRST
    assert await store.measurements.latest("tiny", 3) == on_gpus


async def test_of_another_model_or_revision_nothing_is_known(store):
    await store.measurements.put(FIRST)
    assert await store.measurements.latest("tiny@nf4", 4) is None
    assert await store.measurements.latest("tiny", 3) is None


async def test_the_last_measurement_counts(store):
    later = replace(FIRST, weight_bytes=70, measured_ms=6)
    for one in (FIRST, later):
        await store.measurements.put(one)
    assert await store.measurements.latest("tiny@nf4", 3) == later


async def test_one_on_gpus_stands_beside_one_on_the_processor(store):
    on_gpu = replace(FIRST, gpus=(0,), measured_ms=6)
    for one in (FIRST, on_gpu):
        await store.measurements.put(one)
    assert await store.measurements.latest("tiny@nf4", 3) == on_gpu
    again = replace(FIRST, measured_ms=7)
    await store.measurements.put(again)
    assert await store.measurements.latest("tiny@nf4", 3) == again
