"""A catalog, files and models for ``model verify``, under a test's control."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from appliance.domain.fidelity import FidelityRecord
from appliance.domain.generation import FinishReason
from appliance.domain.license import LicenseTerms
from appliance.domain.model import ModelIdentity
from appliance.domain.prompts import PreparedPrompt, TextPrompt
from appliance.domain.recipe import MemoryFacts, Recipe, RecipeFile, RecipeForm, SamplingDefaults
from appliance.domain.running import RunWishes
from appliance.domain.shapes import ModelShapes
from appliance.domain.verification import FileVerdict
from appliance.engines.base import Event, Finished, Free, Generate, PromptLogprobs, ToldToken, TopToken
from appliance.errors import CarrelError, ContextLengthExceeded, IntegrityFailed, ModelNotFound
from appliance.services.generation.ports import ServedModel
from appliance.services.queue import DispatchQueue, QueueLimits
from appliance.services.verifying.prose import Prose
from appliance.services.verifying.tasks import Tasks
from appliance.services.verifying.verifying import VerifyingService
from tests.generation.fakes import FakeClock

SHAPES = ModelShapes(1, 1, 1, 1, 1, 1, 1)
TEXT = "one two three four five six"


def form(name: str, bits: int) -> RecipeForm:
    files = (RecipeFile(f"{name}.gguf", bits, "a" * 64), RecipeFile("tokenizer.json", 1, "c" * 64))
    return RecipeForm(name, "fake", files, MemoryFacts(bits, 1, 1, 1, 1, 8))


def recipe(*, context_tokens: int = 64, pooling: str = "", draft: bool = False) -> Recipe:
    return Recipe(
        id="small", revision=3, title="Small", summary="A test.", terms=LicenseTerms("MIT"), tier="open",
        context_tokens=context_tokens, max_sequences=2, chat_template=None, add_bos=False,
        forms=(form("q8", 8), form("f16", 16)), defaults=SamplingDefaults(), pooling=pooling, draft=draft,
    )  # fmt: skip


class FakeFiles:
    """All files are right but those in ``wrong``; those of forms in ``absent`` are not there."""

    def __init__(self) -> None:
        self.wrong: set[str] = set()
        self.absent: set[str] = set()
        self.hollow: set[str] = set()
        self.read: list[str] = []
        self.hold: Callable[[], None] = lambda: None

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        return None if form.name in self.absent else Path("/models")

    nearest = folder_of

    def check(self, file: RecipeFile, folder: Path, on_progress: Callable[[float], None]) -> FileVerdict:
        self.read.append(file.name)
        on_progress(0.5)
        self.hold()
        on_progress(1.0)
        wrong = file.name in self.wrong
        return FileVerdict("wrong", "It is another file.") if wrong else FileVerdict("ok")

    def read_shapes(self, form: RecipeForm, folder: Path) -> ModelShapes:
        if form.name in self.hollow:
            raise IntegrityFailed("There is no model in it.")
        return SHAPES


class FakePreparer:
    """A token a character; more than ``most`` are too long."""

    def __init__(self, most: int, shift: int) -> None:
        self._most = most
        self._shift = shift

    async def prepare(self, prompt: TextPrompt, answer_format: object = None) -> PreparedPrompt:
        if len(prompt.text) > self._most:
            raise ContextLengthExceeded("Too long.")
        return PreparedPrompt(tuple(ord(one) + self._shift for one in prompt.text))

    async def detokenize(self, tokens: object) -> str:
        raise NotImplementedError


class Stream:
    """Tells ``logprob`` of each token but the first, and then that it is done."""

    def __init__(self, work: Generate, source: "ScoringSource") -> None:
        self._work = work
        self._source = source
        self.cancelled = False

    async def __aiter__(self) -> AsyncIterator[Event]:
        await self._source.gate.wait()
        source, prompt = self._source, self._work.prompt
        told = [
            ToldToken(token, b"", source.logprob, (TopToken(token - source.misses, b"", -0.5),))
            for token in prompt[1 : len(prompt) - source.swallows]
        ]
        yield PromptLogprobs(self._work.id, 1, tuple(told))
        yield Finished(self._work.id, 0, FinishReason.LENGTH, "", len(prompt), 0, 0, 1.0)

    def cancel(self) -> None:
        self.cancelled = True


class ScoringSource:
    """``misses`` is added to what it finds the most probable; it tells ``swallows`` tokens too few."""

    incarnation = 0
    free = Free(10_000, 4)

    def __init__(self, logprob: float) -> None:
        self.logprob = logprob
        self.misses = 0
        self.swallows = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.streams: list[Stream] = []
        self.works: list[Generate] = []

    def open(self, work: Generate) -> Stream:
        self.works.append(work)
        self.streams.append(Stream(work, self))
        return self.streams[-1]


@dataclass
class FakeModels:
    """Forms by their model's name; ``errors`` are raised in place of lending one."""

    recipe: Recipe
    sources: dict[str, ScoringSource] = field(default_factory=dict)
    errors: dict[str, CarrelError] = field(default_factory=dict)
    shifts: dict[str, int] = field(default_factory=dict)
    context_tokens: dict[str, int] = field(default_factory=dict)
    lent: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def lend(self, model: str, wishes: RunWishes) -> AsyncIterator[ServedModel]:
        if model in self.errors:
            raise self.errors[model]
        self.lent.append(model)
        context = self.context_tokens.get(model, wishes.context_tokens or self.recipe.context_tokens)
        try:
            yield ServedModel(
                identity=ModelIdentity(model, self.recipe.revision, "a" * 64, "fake-1"),
                shapes=SHAPES,
                context_tokens=context,
                capacity=Free(10_000, 4),
                chats=False,
                defaults=SamplingDefaults(),
                preparer=FakePreparer(context, self.shifts.get(model, 0)),
                sources=[self.sources[model]],
            )
        finally:
            self.returned.append(model)


class FakeRecords:
    def __init__(self) -> None:
        self.kept: list[FidelityRecord] = []

    async def keep(self, record: FidelityRecord) -> None:
        self.kept.append(record)


@dataclass
class Bench:
    """A service over all of these."""

    recipe: Recipe = field(default_factory=recipe)
    files: FakeFiles = field(default_factory=FakeFiles)
    records: FakeRecords = field(default_factory=FakeRecords)
    clock: FakeClock = field(default_factory=FakeClock)
    tasks: Tasks = field(default_factory=Tasks)

    def __post_init__(self) -> None:
        self.models = FakeModels(self.recipe)
        self.models.sources = {"small": ScoringSource(-1.25), "small@f16": ScoringSource(-1.0)}
        self.service = VerifyingService(
            catalog=self,
            files=self.files,
            read_shapes=self.files.read_shapes,
            models=self.models,
            queue=DispatchQueue(QueueLimits(8), clock=self.clock),
            records=self.records,
            prose=Prose(TEXT),
            clock=self.clock,
            tasks=self.tasks,
        )

    def find(self, model_id: str) -> tuple[Recipe, RecipeForm]:
        if (found := self.recipe.form_of(model_id)) is None:
            raise ModelNotFound("No such model.")
        return self.recipe, found
