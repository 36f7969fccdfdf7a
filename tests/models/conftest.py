"""A model service over fakes."""

from dataclasses import dataclass, field

import pytest

from appliance.services.models.models import ModelService
from appliance.services.queue import DispatchQueue, QueueLimits
from tests.generation.fakes import FakeClock
from tests.models.fakes import FakeCatalog, FakeFactory, FakeMachine, FakeWanted, FakeWeights


@dataclass
class Shelf:
    """What a model service stands on; services of one shelf see the same files and wishes."""

    catalog: FakeCatalog = field(default_factory=lambda: FakeCatalog("small", "large"))
    wanted: FakeWanted = field(default_factory=FakeWanted)
    weights: FakeWeights = field(default_factory=FakeWeights)
    factory: FakeFactory = field(default_factory=FakeFactory)
    machine: FakeMachine = field(default_factory=FakeMachine)
    clock: FakeClock = field(default_factory=FakeClock)
    queue: DispatchQueue = field(init=False)
    tasks: list = field(default_factory=list)

    def __post_init__(self) -> None:
        self.queue = DispatchQueue(QueueLimits(8), clock=self.clock)

    def service(self, gpu_layers: int = -1, **more) -> ModelService:
        return ModelService(
            catalog=self.catalog,
            weights=self.weights,
            wanted=self.wanted,
            factory=self.factory,
            machine=self.machine,
            queue=self.queue,
            clock=self.clock,
            threads=3,
            gpu_layers=gpu_layers,
            **more,
        )


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()
