"""Real child processes over the fake engine, and over one that misbehaves."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from appliance.domain.generation import Sampling
from appliance.engines.base import EngineSpec, Event, Generate
from appliance.workers.preparer import Preparer
from appliance.workers.replica import Replica
from appliance.workers.streams import WorkStream

CHATML = (
    "{% for message in messages %}"
    "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class MachineClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        return time.monotonic()


class RecordedLog:
    """Keeps every record, as ``(event, fields)``."""

    def __init__(self) -> None:
        self.records: list[tuple[str, dict[str, object]]] = []

    def info(self, event: str, **fields: object) -> None:
        self.records.append((event, fields))

    warning = error = info

    def events(self, name: str) -> list[dict[str, object]]:
        return [fields for event, fields in self.records if event == name]


class Changes:
    """``on_change`` that can be waited for."""

    def __init__(self) -> None:
        self.count = 0
        self._waiters: list[asyncio.Future[None]] = []

    def __call__(self) -> None:
        self.count += 1
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, condition: Callable[[], bool], deadline_s: float = 20) -> None:
        async with asyncio.timeout(deadline_s):
            while not condition():
                waiter = asyncio.get_running_loop().create_future()
                self._waiters.append(waiter)
                await waiter


@pytest.fixture
def clock() -> MachineClock:
    return MachineClock()


@pytest.fixture
def log() -> RecordedLog:
    return RecordedLog()


@pytest.fixture
def changes() -> Changes:
    return Changes()


@pytest.fixture
def rogue_environment(tmp_path: Path) -> dict[str, str]:
    """Lets a child find the engine ``rogue`` of ``rogue_engine.py``."""
    declared = tmp_path / "rogue-1.dist-info"
    declared.mkdir()
    (declared / "METADATA").write_text("Metadata-Version: 2.1\nName: rogue\nVersion: 1\n")
    (declared / "entry_points.txt").write_text("[carrel.engines.v1]\nrogue = rogue_engine:plugin\n")
    return {"PYTHONPATH": f"{tmp_path}:{Path(__file__).parent}"}


StartReplica = Callable[..., Awaitable[Replica]]
StartPreparer = Callable[..., Awaitable[Preparer]]


@pytest.fixture
async def make_replica(clock, log, changes) -> AsyncIterator[Callable[..., Replica]]:
    made: list[Replica] = []

    def make(spec: EngineSpec, child_environment: Mapping[str, str] = {}, **more: object) -> Replica:
        made.append(
            Replica(
                spec, clock=clock, log=log, child_environment=child_environment, on_change=changes, **more
            )
        )
        return made[-1]

    yield make
    await asyncio.gather(*(replica.stop() for replica in made))


@pytest.fixture
async def make_preparer(clock, log, changes) -> AsyncIterator[Callable[..., Preparer]]:
    made: list[Preparer] = []

    def make(spec: EngineSpec, child_environment: Mapping[str, str] = {}, **more: object) -> Preparer:
        made.append(
            Preparer(
                spec, clock=clock, log=log, child_environment=child_environment, on_change=changes, **more
            )
        )
        return made[-1]

    yield make
    await asyncio.gather(*(preparer.stop() for preparer in made))


@pytest.fixture
def start_replica(make_replica) -> StartReplica:
    async def start(spec: EngineSpec, **more: object) -> Replica:
        replica = make_replica(spec, **more)
        await replica.start()
        return replica

    return start


@pytest.fixture
def start_preparer(make_preparer) -> StartPreparer:
    async def start(spec: EngineSpec, **more: object) -> Preparer:
        preparer = make_preparer(spec, **more)
        await preparer.start()
        return preparer

    return start


@pytest.fixture
def spec() -> Callable[..., EngineSpec]:
    def make(engine: str = "fake", **options: object) -> EngineSpec:
        sizes = {name: options.pop(name) for name in list(options) if name in EngineSpec.__struct_fields__}
        return EngineSpec(
            **{
                "engine": engine,
                "model_path": "/nowhere",
                "context_tokens": 4096,
                "kv_tokens": 40_000,
                "max_sequences": 16,
                "chat_template": CHATML,
                **sizes,
                "options": {name: str(value) for name, value in options.items()},
            }
        )

    return make


@pytest.fixture
def work() -> Callable[..., Generate]:
    def make(id: int = 1, *, max_tokens: int = 8, n: int = 1, prompt: tuple[int, ...] = (65, 66)) -> Generate:
        return Generate(id, prompt, max_tokens, Sampling(0.0, 1.0, 0, 0.0, seed=1), n=n)

    return make


@pytest.fixture
def read_all() -> Callable[[WorkStream], Awaitable[list[Event]]]:
    async def read(stream: WorkStream, deadline_s: float = 20) -> list[Event]:
        async with asyncio.timeout(deadline_s):
            return [event async for event in stream]

    return read
