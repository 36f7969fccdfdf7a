"""Who asks the driver every few seconds, in a thread of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from appliance.workers.gpu_sampling import STALE_S, GpuSampler
from tests.generation.fakes import FakeClock
from tests.workers.fake_driver import FakeGpu, driver

PATIENCE_S = 10


class LedDriver:
    """Answers only when the test says so. ``asked`` is free once for each time that it was asked."""

    def __init__(self, *gpus: FakeGpu) -> None:
        self.nvml = driver(*gpus)
        self.asked = threading.Semaphore(0)
        self._may_answer = threading.Semaphore(0)
        self._count = self.nvml.nvmlDeviceGetCount
        self.nvml.nvmlDeviceGetCount = self._answer

    def wait_asked(self) -> None:
        assert self.asked.acquire(timeout=PATIENCE_S)

    def answer(self) -> None:
        """What was asked is answered, and understood once it is asked again."""
        self._may_answer.release()
        self.wait_asked()

    def answer_always(self) -> None:
        self._may_answer.release(1_000_000)

    def _answer(self) -> int:
        self.asked.release()
        assert self._may_answer.acquire(timeout=PATIENCE_S)
        return self._count()


@contextmanager
def sampling(led: LedDriver, clock: FakeClock) -> Iterator[GpuSampler]:
    sampler = GpuSampler(clock=clock, nvml=led.nvml, every_s=0.001)
    sampler.start()
    try:
        led.wait_asked()
        yield sampler
    finally:
        led.answer_always()
        sampler.stop()


def test_every_gpu_is_asked_again_and_again_with_the_driver_opened_once():
    led = LedDriver(FakeGpu(temperature_c=40), FakeGpu(temperature_c=50))
    with sampling(led, FakeClock()) as sampler:
        assert sampler.latest == ()
        led.answer()
        led.answer()
        assert [(one.index, one.temperature_c) for one in sampler.latest] == [(0, 40), (1, 50)]
    assert led.nvml.calls.count("nvmlInit") == 1
    assert led.nvml.calls[-1] == "nvmlShutdown"


def test_what_a_hung_driver_said_last_counts_for_a_while_only():
    led, clock = LedDriver(FakeGpu()), FakeClock()
    with sampling(led, clock) as sampler:
        led.answer()
        clock.at_s += STALE_S - 1
        assert len(sampler.latest) == 1
        clock.at_s += 1
        assert sampler.latest == ()


def test_without_a_driver_nobody_is_asked_anything():
    nvml = driver(FakeGpu(), broken="nvmlInit")
    sampler = GpuSampler(clock=FakeClock(), nvml=nvml)
    sampler.start()
    sampler.stop()
    assert nvml.calls == ["nvmlInit"]
    assert sampler.latest == ()


def test_a_driver_that_fails_in_between_is_asked_again():
    led = LedDriver(FakeGpu(temperature_c=40))
    count, left = led.nvml.nvmlDeviceGetCount, iter([True])

    def once_failing() -> int:
        found = count()
        if next(left, False):
            raise led.nvml.NVMLError("Unknown Error")
        return found

    led.nvml.nvmlDeviceGetCount = once_failing
    with sampling(led, FakeClock()) as sampler:
        led.answer()
        assert sampler.latest == ()
        led.answer()
        assert [one.temperature_c for one in sampler.latest] == [40]


def test_a_sampler_that_never_started_stops():
    GpuSampler(clock=FakeClock(), nvml=driver()).stop()
