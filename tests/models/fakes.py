"""Processes, files and memory of a model service, under a test's control."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from appliance.domain.generation import Prompt
from appliance.domain.model import ModelShapes, ModelState
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm, SamplingDefaults
from appliance.engines.base import EngineFacts, EngineSpec, Free, Generate
from appliance.errors import IntegrityFailed, ModelNotFound, ReplicaFailed
from appliance.services.generation.ports import EventStream


def recipe(name: str) -> Recipe:
    forms = tuple(
        RecipeForm(form, "fake", (RecipeFile(f"{name}-{form}.gguf", 10, "b" * 64),)) for form in ("q8", "f16")
    )
    return Recipe(
        name,
        1,
        name.title(),
        "A test.",
        "Apache-2.0",
        "open",
        64,
        2,
        "{{ messages }}",
        False,
        forms,
        SamplingDefaults(),
    )


class FakeCatalog:
    def __init__(self, *names: str) -> None:
        self.recipes = [recipe(name) for name in names]

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
        return None if form.files[0].name in self.missing else Path("/models")

    def verify(self, form: RecipeForm, folder: Path) -> None:
        if form.files[0].name in self.damaged:
            raise IntegrityFailed("The file is not what the recipe says.")
        self.verified.append(form.files[0].name)


class FakeWanted:
    def __init__(self, *names: str) -> None:
        self.names = list(names)

    async def all(self) -> Sequence[str]:
        return self.names

    async def add(self, model_id: str) -> None:
        if model_id not in self.names:
            self.names.append(model_id)

    async def remove(self, model_id: str) -> None:
        if model_id in self.names:
            self.names.remove(model_id)


class FakeProcess:
    """Both kinds of child at once."""

    def __init__(self, spec: EngineSpec, *, fails: bool, gate: asyncio.Event) -> None:
        self.spec = spec
        self.state = ModelState.LOADING
        self.reason: str | None = None
        self.pid: int | None = 42
        self.restarts = 0
        self.running = 0
        self.confinement = ("no-network",)
        self.shapes = ModelShapes(1, 1, 1, 1, 1, 1, 1)
        self.facts = EngineFacts("fake-1", spec.context_tokens, spec.kv_tokens, spec.max_sequences, 8, 256)
        self.free = Free(spec.kv_tokens, spec.max_sequences)
        self.stopped = False
        self._fails = fails
        self._gate = gate

    async def start(self) -> None:
        await self._gate.wait()
        if self._fails:
            raise ReplicaFailed("The model's process would not start.")
        self.state = ModelState.READY

    async def stop(self) -> None:
        self.stopped = True

    async def prepare(self, prompt: Prompt) -> tuple[int, ...]:
        return (1,)

    def open(self, work: Generate) -> EventStream:
        raise ReplicaFailed("No stream is opened in these tests.")


class FakeFactory:
    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.made: list[FakeProcess] = []
        self.gate = asyncio.Event()
        self.gate.set()

    def _make(self, spec: EngineSpec) -> FakeProcess:
        fails = any(name in spec.model_path for name in self.failing)
        self.made.append(FakeProcess(spec, fails=fails, gate=self.gate))
        return self.made[-1]

    preparer = replica = _make
