"""Processes, files and memory of a model service, under a test's control."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from appliance.domain.hardware import Gpu, GpuProcess, Inventory
from appliance.domain.license import LicenseTerms
from appliance.domain.model import ModelState
from appliance.domain.prompts import AnswerFormat, PreparedPrompt, Prompt
from appliance.domain.recipe import MemoryFacts, Recipe, RecipeFile, RecipeForm, SamplingDefaults
from appliance.domain.running import RunWishes
from appliance.domain.shapes import ModelShapes
from appliance.engines.base import EngineFacts, EngineSpec, Event, Free, Generate
from appliance.errors import IntegrityFailed, ModelNotFound, ReplicaFailed
from appliance.services.generation.ports import EventStream
from appliance.services.models.specification import ReplicaOrder


def recipe(name: str) -> Recipe:
    forms = tuple(
        RecipeForm(form, "fake", (RecipeFile(f"{name}-{form}.gguf", 10, "b" * 64),)) for form in ("q8", "f16")
    )
    return Recipe(
        name,
        1,
        name.title(),
        "A test.",
        LicenseTerms("Apache-2.0"),
        "open",
        64,
        2,
        "{{ messages }}",
        False,
        forms,
        SamplingDefaults(),
    )


class FakeCatalog:
    """Recipes of those names; ``weigh`` says how much memory one needs."""

    def __init__(self, *names: str) -> None:
        self.recipes = [recipe(name) for name in names]

    def weigh(self, name: str, weight_bytes: int) -> None:
        facts = MemoryFacts(weight_bytes, 16, 4, 8, 64, weight_bytes)
        for number, one in enumerate(self.recipes):
            if one.id == name:
                forms = tuple(replace(form, memory=facts) for form in one.forms)
                self.recipes[number] = replace(one, forms=forms)

    def find(self, model_id: str) -> tuple[Recipe, RecipeForm]:
        for one in self.recipes:
            if (form := one.form_of(model_id)) is not None:
                return one, form
        raise ModelNotFound("No such model.")


class FakeWeights:
    """Every form is on disk but those in ``missing``; those in ``damaged`` fail verification."""

    def __init__(self) -> None:
        self.missing: set[str] = set()
        self.damaged: set[str] = set()
        self.verified: list[str] = []

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        if not form.files or form.files[0].name in self.missing:
            return None
        return Path("/models")

    def verify(self, form: RecipeForm, folder: Path, on_progress: Callable[[float], None]) -> None:
        if form.files[0].name in self.damaged:
            raise IntegrityFailed("The file is not what the recipe says.")
        for part in (0.5, 1.0):
            on_progress(part)
        self.verified.append(form.files[0].name)


class FakeWanted:
    def __init__(self, *names: str) -> None:
        self.models = dict.fromkeys(names, RunWishes())

    async def all(self) -> Mapping[str, RunWishes]:
        return dict(self.models)

    async def add(self, model_id: str, wishes: RunWishes) -> None:
        self.models[model_id] = wishes

    async def remove(self, model_id: str) -> None:
        self.models.pop(model_id, None)


class FakeMachine:
    """A machine without GPUs and with much memory, until a test gives it another inventory.

    ``taken`` tells what its processes hold of each GPU at this moment.
    """

    def __init__(self) -> None:
        self.has = Inventory((), 2**40, 2**40, 8)
        self.taken: Callable[[], Mapping[int, tuple[GpuProcess, ...]]] = dict

    def give_gpus(self, count: int, memory_bytes: int) -> None:
        gpus = tuple(Gpu(i, "Test GPU", memory_bytes, memory_bytes, "1") for i in range(count))
        self.has = replace(self.has, gpus=gpus)

    async def inventory(self) -> Inventory:
        taken = self.taken()
        return replace(self.has, gpus=tuple(_with(gpu, taken.get(gpu.index, ())) for gpu in self.has.gpus))


def _with(gpu: Gpu, processes: tuple[GpuProcess, ...]) -> Gpu:
    free = gpu.memory_total_bytes - sum(one.memory_bytes for one in processes)
    return replace(gpu, processes=processes, memory_free_bytes=free)


class FakeProcess:
    """Both kinds of child at once."""

    def __init__(self, order: ReplicaOrder, *, fails: bool, gate: asyncio.Event) -> None:
        spec = order.spec
        self.order = order
        self.spec = spec
        self.state = ModelState.LOADING
        self.reason: str | None = None
        self.pid: int | None = 42
        self.restarts = 0
        self.running = 0
        self.loading_part = 0.0
        self.memory_bytes = 0
        self.peak_bytes = 0
        self.incarnation = 0
        self.opened: list[Generate] = []
        self.confinement = ("no-network",)
        self.shapes = ModelShapes(1, 1, 1, 1, 1, 1, 1)
        self.facts = EngineFacts(
            "fake-1",
            spec.context_tokens,
            spec.kv_tokens,
            spec.max_sequences,
            8,
            256,
            embedding_size=16 if spec.pooling else 0,
        )
        self.free = Free(spec.kv_tokens, spec.max_sequences)
        self.stopped = False
        self.preparing = asyncio.Event()
        self.preparing.set()
        self.let_start = asyncio.Event()
        self._fails = fails
        self._gate = gate
        self._ended = asyncio.Event()

    async def start(self) -> None:
        reasons = (self._gate, self.let_start, self._ended)
        waits = [asyncio.ensure_future(one.wait()) for one in reasons]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._fails or self.stopped:
            self.fail("The model's process would not start.")
            raise ReplicaFailed("The model's process would not start.")
        self.state = ModelState.READY
        self.loading_part = 1.0

    @property
    def pids(self) -> frozenset[int]:
        return frozenset() if self.pid is None else frozenset({self.pid})

    async def stop(self) -> None:
        self.stopped = True
        self.pid = None
        self._ended.set()

    def fail(self, reason: str) -> None:
        self.state, self.reason = ModelState.FAILED, reason

    async def prepare(self, prompt: Prompt, answer_format: AnswerFormat | None = None) -> PreparedPrompt:
        await self.preparing.wait()
        return PreparedPrompt((1,))

    async def detokenize(self, tokens: Sequence[int]) -> str:
        return "".join(map(chr, tokens))

    def open(self, work: Generate) -> EventStream:
        self.opened.append(work)
        return NoEvents()


class NoEvents:
    """A stream that ends at once."""

    async def __aiter__(self) -> AsyncIterator[Event]:
        return
        yield

    def cancel(self) -> None:
        pass


class FakeFactory:
    """Models in ``failing`` have processes that do not start; ``failing_replicas`` are numbers of workers, in
    the order in which they are made, that do not. Processes start while ``gate`` is open.
    """

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.failing_replicas: set[int] = set()
        self.preparers: list[FakeProcess] = []
        self.replicas: list[FakeProcess] = []
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def made(self) -> list[FakeProcess]:
        return [*self.preparers, *self.replicas]

    def preparer(self, spec: EngineSpec) -> FakeProcess:
        self.preparers.append(self._make(ReplicaOrder(spec)))
        return self.preparers[-1]

    def replica(self, order: ReplicaOrder) -> FakeProcess:
        self.replicas.append(self._make(order, fails=len(self.replicas) in self.failing_replicas))
        return self.replicas[-1]

    def _make(self, order: ReplicaOrder, *, fails: bool = False) -> FakeProcess:
        fails = fails or any(name in order.spec.model_path for name in self.failing)
        return FakeProcess(order, fails=fails, gate=self.gate)
