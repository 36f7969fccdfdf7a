"""A generator over fakes."""

import pytest

from appliance.domain.model import ModelIdentity
from appliance.domain.recipe import SamplingDefaults
from appliance.domain.shapes import ModelShapes
from appliance.engines.base import Free
from appliance.services.generation.doorstep import Doorstep
from appliance.services.generation.generator import Generator
from appliance.services.generation.ports import ServedModel
from appliance.services.queue import DispatchQueue, QueueLimits
from tests.generation.fakes import (
    Box,
    Everybody,
    FakeClock,
    FakeLedger,
    FakePreparer,
    FakeProjects,
    FakeSource,
)


@pytest.fixture
def box() -> Box:
    source = FakeSource()
    ledger = FakeLedger()
    clock = FakeClock()
    queue = DispatchQueue(QueueLimits(waiting=3), clock=clock)
    projects = FakeProjects()
    source.on_change = queue.wake
    model = ServedModel(
        identity=ModelIdentity("m", 1, "a" * 64, "fake-1"),
        shapes=ModelShapes(1_000_000_000, 4, 4, 16, 16, 64, 256),
        context_tokens=100,
        capacity=Free(1000, 2),
        chats=True,
        defaults=SamplingDefaults(temperature=0.7, max_tokens=20),
        preparer=FakePreparer(),
        sources=[source],
    )

    class Models:
        def served(self, model_id: str) -> ServedModel:
            return model

    generator = Generator(
        models=Models(),
        admission=Everybody(),
        ledger=ledger,
        projects=projects,
        queue=queue,
        clock=clock,
        fresh_seed=lambda: 99,
        doorstep=Doorstep(pause_s=0),
    )
    return Box(generator, ledger, source, queue, clock, model, projects)
