"""``pulse`` and ``gpu history``: what was seen of the last seconds, as operators are shown it."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from appliance.domain.clock import Clock
from appliance.domain.generation import ServiceClass
from appliance.domain.hardware import GpuSample
from appliance.domain.results import GpuHistories, GpuHistory, ModelPulse, Pulse, Result
from appliance.services.pulse.disk import DiskRoom
from appliance.services.pulse.lately import percentile_ms
from appliance.services.pulse.ports import Models, Queue
from appliance.services.pulse.rings import MOMENT_S
from appliance.services.pulse.sampling import Sampler
from appliance.services.pulse.tally import Tally
from appliance.services.queue.line import LineState


@dataclass(frozen=True, slots=True)
class Machine:
    """What never changes of it."""

    cores: int
    memory_total_bytes: int


class PulseService:
    """Answers from memory, but for the room on the disk."""

    def __init__(
        self,
        *,
        sampler: Sampler,
        tally: Tally,
        queue: Queue,
        models: Models,
        disk: DiskRoom,
        machine: Machine,
        clock: Clock,
    ) -> None:
        self._sampler = sampler
        self._tally = tally
        self._queue = queue
        self._models = models
        self._disk = disk
        self._machine = machine
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"pulse": self.pulse, "gpu.history": self.history}

    async def pulse(self, *, seconds: int, step_s: int) -> Pulse:
        """``pulse``."""
        disk, now_s = await self._disk.now(), self._clock.monotonic_s()
        steps = self._sampler.rings.steps(seconds, step_s)
        words = self._tally.first_words.of(now_s)
        active = self._tally.active.of(now_s)
        return Pulse(
            at_ms=steps[-1].at_ms if steps else self._clock.now_ms(),
            step_s=step_s,
            requests_per_s=tuple(round(one.requests_per_s, 2) for one in steps),
            tokens_per_s=tuple(round(one.tokens_per_s, 1) for one in steps),
            waiting=tuple(one.waiting for one in steps),
            running=tuple(one.running for one in steps),
            processor_percent=tuple(round(one.processor_percent, 1) for one in steps),
            memory_used_bytes=tuple(one.memory_used_bytes for one in steps),
            memory_total_bytes=self._machine.memory_total_bytes,
            cores=self._machine.cores,
            disk_free_bytes=disk.free,
            disk_total_bytes=disk.total,
            disk_needed_bytes=disk.needed,
            first_word_median_ms=percentile_ms(words, 50),
            first_word_p95_ms=percentile_ms(words, 95),
            longest_wait_s=max((one.oldest_wait_s for one in self._waited_for()), default=0),
            people_active=len({holder for _, holder in active}),
            people_limited=len(self._tally.limited.of(now_s)),
            models=self._by_model(Counter(model for model, _ in active)),
        )

    async def history(self, *, minutes: int) -> GpuHistories:
        """``gpu history``."""
        moments = list(self._sampler.rings.moments)[-minutes * 60 // MOMENT_S :]
        numbers = sorted({gpu.index for one in moments for gpu in one.gpus})
        seen = [{gpu.index: gpu for gpu in one.gpus} for one in moments]
        return GpuHistories(
            at_ms=moments[-1].at_ms if moments else self._clock.now_ms(),
            step_s=MOMENT_S,
            gpus=tuple(_history(n, [one.get(n, GpuSample(n)) for one in seen]) for n in numbers),
            processor_percent=tuple(round(one.processor_percent, 1) for one in moments),
            memory_used_bytes=tuple(one.memory_used_bytes for one in moments),
            memory_total_bytes=self._machine.memory_total_bytes,
        )

    def _waited_for(self) -> list[LineState]:
        """Nobody sits and waits for lines of batches."""
        return [one for one in self._queue.states() if one.service_class is not ServiceClass.OVERNIGHT]

    def _by_model(self, people: Counter[str]) -> tuple[ModelPulse, ...]:
        """Those that serve, and those that somebody waits for."""
        rates, waiting, running = self._sampler.rates(), Counter[str](), Counter[str]()
        for line in self._queue.states():
            running[line.model] += line.running
        for line in self._waited_for():
            waiting[line.model] += line.waiting
        serving = {one.id for one in self._models.present if not one.lent}
        return tuple(
            ModelPulse(
                model=one,
                people=people[one],
                tokens_per_s=round(rates.get(one, 0.0), 1),
                running=running[one],
                waiting=waiting[one],
            )
            for one in sorted({*serving, *+waiting, *+running})
        )


def _history(index: int, samples: list[GpuSample]) -> GpuHistory:
    return GpuHistory(
        index=index,
        memory_used_bytes=tuple(one.memory_used_bytes for one in samples),
        utilization_percent=tuple(one.utilization_percent for one in samples),
        temperature_c=tuple(one.temperature_c for one in samples),
        power_w=tuple(one.power_w for one in samples),
    )
