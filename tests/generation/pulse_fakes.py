"""A generator over fakes with somebody who looks at it once a second."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from appliance.domain.hardware import GpuSample
from appliance.domain.results import Pulse
from appliance.services.generation.doorstep import Doorstep
from appliance.services.generation.generator import Generator
from appliance.services.pulse import PulseService, Sampler, Tally
from appliance.services.pulse.disk import DiskRoom
from appliance.services.pulse.ports import Room
from appliance.services.pulse.service import Machine
from tests.generation.fakes import CALLER, Box, Everybody, FakeStream

GIB = 2**30


@dataclass
class FakeHost:
    percent: float = 25.0
    used_bytes: int = GIB

    def processor_percent(self) -> float:
        return self.percent

    def memory_used_bytes(self) -> int:
        return self.used_bytes


@dataclass
class FakeGpus:
    latest: tuple[GpuSample, ...] = ()


@dataclass
class FakeModels:
    present: list[Any] = field(default_factory=list)

    def run(self, model: str, *, lent: bool = False) -> None:
        self.present.append(SimpleNamespace(id=model, lent=lent))


class WatchedBox:
    """``second`` lets one pass; then everything is looked at."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.tally = Tally(box.clock)
        self.generator = Generator(
            models=box,
            admission=Everybody(),
            ledger=box.ledger,
            projects=box.projects,
            queue=box.queue,
            clock=box.clock,
            doorstep=Doorstep(pause_s=0),
            meter=self.tally,
        )
        self.host, self.gpus, self.models = FakeHost(), FakeGpus(), FakeModels()
        self.room = Room(100, 1000, 7)
        self.sampler = Sampler(
            tally=self.tally,
            runs=self.generator.runs,
            queue=box.queue,
            host=self.host,
            gpus=self.gpus,
            clock=box.clock,
        )
        self.service = PulseService(
            sampler=self.sampler,
            tally=self.tally,
            queue=box.queue,
            models=self.models,
            disk=DiskRoom(self.look, box.clock),
            machine=Machine(4, 8 * GIB),
            clock=box.clock,
        )

    async def look(self) -> Room:
        return self.room

    def second(self, times: int = 1) -> None:
        for _ in range(times):
            self.box.clock.at_s += 1.0
            self.sampler.beat()

    async def ask(self, caller=CALLER, **more: object):
        return await self.generator.start(caller, self.box.request(**more))

    async def asked_stream(self, index: int = 0) -> FakeStream:
        return await self.box.source.stream(index)

    async def running(self, count: int) -> None:
        """As soon as so many are computed."""
        async with asyncio.timeout(5):
            while self.generator.runs.running < count:
                await asyncio.sleep(0)

    async def pulse(self, seconds: int = 60, step_s: int = 1) -> Pulse:
        return await self.service.pulse(seconds=seconds, step_s=step_s)


async def heard(run, count: int) -> None:
    """Once its client has so many pieces of the answer, they are counted."""
    async for event in run:
        count -= hasattr(event, "text")
        if not count:
            return
