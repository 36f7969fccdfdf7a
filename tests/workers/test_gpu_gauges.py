"""What the instruments of a GPU show, over a driver of our own."""

import pytest

from appliance.domain.hardware import GpuGauges, GpuSample
from appliance.workers.gpu_gauges import gauges_of, sample_of
from tests.workers.fake_driver import FakeGpu, driver

BUSY = FakeGpu(uncorrected=2, temperature_c=71, power_mw=310_462, limit_mw=350_000, busy_percent=98)


def test_every_instrument_is_read_in_its_own_unit():
    assert gauges_of(driver(BUSY), BUSY) == GpuGauges(
        temperature_c=71, power_w=310.5, limit_w=350.0, utilization_percent=98, ecc_errors=2
    )


@pytest.mark.parametrize(
    ("silent", "field"),
    [
        ("nvmlDeviceGetTemperature", "temperature_c"),
        ("nvmlDeviceGetPowerUsage", "power_w"),
        ("nvmlDeviceGetEnforcedPowerLimit", "limit_w"),
        ("nvmlDeviceGetUtilizationRates", "utilization_percent"),
        ("nvmlDeviceGetTotalEccErrors", "ecc_errors"),
    ],
)
def test_what_a_gpu_does_not_tell_is_none_and_the_rest_is_there(silent, field):
    gauges = gauges_of(driver(BUSY, silent=(silent,)), BUSY)
    unknown = [name for name in GpuGauges.__slots__ if getattr(gauges, name) is None]
    assert unknown == [field]


def test_a_sample_has_the_memory_that_is_taken():
    assert sample_of(driver(BUSY), 0) == GpuSample(
        0, memory_used_bytes=2**30, utilization_percent=98, temperature_c=71, power_w=310.5
    )


def test_a_lost_gpu_is_a_sample_of_nothing():
    assert sample_of(driver(BUSY, FakeGpu(lost=True)), 1) == GpuSample(1)
