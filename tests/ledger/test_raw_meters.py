"""Energy by the share of computing time, money by the host's price; nothing where nobody knows."""

from types import SimpleNamespace

import pytest

from appliance.domain.model import ModelIdentity
from appliance.domain.upstream import Price
from appliance.domain.usage import Hold, Meters, Outcome
from appliance.services.ledger.raw_meters import PowerMeter, RawMeters, Whereabouts
from appliance.workers.power import PowerReader
from tests.ledger.conftest import BOB, StillClock


class Below:
    """A ledger that remembers what it was told."""

    def __init__(self):
        self.settled = {}

    async def reserve(self, hold):
        pass

    async def mark(self, marks):
        pass

    async def settle(self, request_id, outcome, meters, kept=None):
        self.settled[request_id] = meters

    async def release(self, request_id):
        pass


class Gauges(dict):
    def of(self, model_id):
        return self.get(model_id, Whereabouts())


class Driver:
    """Two GPUs and how often they were asked."""

    def __init__(self, drawn):
        self.drawn = drawn
        self.asked = 0

    def read_mw(self):
        self.asked += 1
        return self.drawn


async def settled(driver, where, meters):
    clock = StillClock()
    power, below = PowerMeter(driver.read_mw, clock), Below()
    ledger = RawMeters(below, power, Gauges(m=where))
    identity = ModelIdentity("m", 1, "ab" * 32, "fake-1")
    await ledger.reserve(Hold("req_1", BOB, identity, 10, 20, 100, 10, 2, 0))
    if power._reading is not None:
        await power._reading
    await ledger.settle("req_1", Outcome.COMPLETED, meters)
    return below.settled["req_1"]


@pytest.mark.parametrize(
    ("replicas", "energy_mj"),
    [
        (((0,),), 300_000 * 50 // 1000),
        (((0, 1),), 400_000 * 50 // 1000),
        (((0,), (1,)), 200_000 * 50 // 1000),
        (((0,), (7,)), None),
        (((),), None),
        ((), None),
    ],
)
async def test_energy_is_power_times_the_share_of_computing_time(replicas, energy_mj):
    driver = Driver({0: 300_000, 1: 100_000})
    assert (await settled(driver, Whereabouts(replicas), Meters(gpu_ms=50))).energy_mj == energy_mj


async def test_money_is_the_hosts_price_for_the_tokens_that_were_counted():
    price = Price(3_000_000, 300_000, 15_000_000)
    meters = await settled(Driver({}), Whereabouts((), price), Meters(1000, 400, 200))
    assert meters.money_micro == 600 * 3 + 400 * 3 // 10 + 200 * 15
    assert (await settled(Driver({}), Whereabouts(), Meters(1000))).money_micro is None


async def test_a_reading_is_taken_once_a_second_and_never_again_where_there_is_no_gpu():
    clock = StillClock()
    for driver, expected in ((Driver({0: 5}), 2), (Driver({}), 1)):
        power = PowerMeter(driver.read_mw, clock)
        for step_ms in (0, 10, 990, 10):
            clock.time_ms += step_ms
            power.look()
            await power._reading
        assert driver.asked == expected


class NvmlError(Exception):
    pass


def nvml(*, opens=True, drawn=(250_000, None, 90_000)):
    def power(index):
        if drawn[index] is None:
            raise NvmlError
        return drawn[index]

    def init():
        if not opens:
            raise NvmlError

    return SimpleNamespace(
        NVMLError=NvmlError,
        nvmlInit=init,
        nvmlDeviceGetCount=lambda: len(drawn),
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetPowerUsage=power,
    )


def test_a_gpu_that_does_not_tell_is_left_out():
    assert PowerReader(nvml()).read_mw() == {0: 250_000, 2: 90_000}


def test_without_a_driver_there_is_nothing():
    assert PowerReader(nvml(opens=False)).read_mw() == {}
