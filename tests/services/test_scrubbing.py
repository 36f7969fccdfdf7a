"""Files of installed models are read again when their time comes, one after another and slowly."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm
from appliance.errors import IntegrityFailed
from appliance.services.verifying.scrubbing import Scrubber
from tests.generation.fakes import FakeClock
from tests.services.verifying_fakes import recipe


class FakeCatalog:
    recipes = (recipe(),)


class FakeFiles:
    def __init__(self) -> None:
        self.due = {"q8.gguf", "f16.gguf", "tokenizer.json"}
        self.wrong: set[str] = set()
        self.absent: set[str] = set()
        self.read: list[str] = []
        self.reading: Callable[[Callable[[int], None]], None] = lambda on_read: on_read(1)

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        return None if form.name in self.absent else Path("/models/small")

    def is_due(self, file: RecipeFile, folder: Path) -> bool:
        return file.name in self.due

    def scrub(self, file: RecipeFile, folder: Path, on_read: Callable[[int], None]) -> None:
        self.read.append(file.name)
        self.reading(on_read)
        if file.name in self.wrong:
            raise IntegrityFailed(f"{file.name} is another file.")


@pytest.fixture
def files() -> FakeFiles:
    return FakeFiles()


async def at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


def scrubber(files: FakeFiles, **more) -> Scrubber:
    return Scrubber(catalog=FakeCatalog(), files=files, clock=FakeClock(), pause=at_once, **more)


async def test_every_file_is_read_once_though_two_forms_have_it(files):
    await scrubber(files).look()
    assert sorted(files.read) == ["f16.gguf", "q8.gguf", "tokenizer.json"]


async def test_what_is_not_due_or_not_here_is_left_alone(files):
    files.due = {"q8.gguf", "f16.gguf"}
    files.absent = {"f16"}
    await scrubber(files).look()
    assert files.read == ["q8.gguf"]


async def test_a_wrong_file_does_not_keep_it_from_the_others(files):
    files.wrong = {"q8.gguf"}
    await scrubber(files).look()
    assert len(files.read) == 3


async def test_it_looks_again_and_again(files):
    waits: list[float] = []
    third = asyncio.Event()

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            third.set()
            await asyncio.Event().wait()

    files.due = set()
    running = asyncio.create_task(
        Scrubber(catalog=FakeCatalog(), files=files, clock=FakeClock(), pause=pause).run()
    )
    await third.wait()
    assert waits == [900.0] * 3
    running.cancel()


async def test_reading_is_slow_and_ends_with_the_box(files):
    """At a byte a second the thread waits for ever, and is let go when nobody waits for it."""
    loop = asyncio.get_running_loop()
    began, ended = asyncio.Event(), asyncio.Event()

    def reading(on_read: Callable[[int], None]) -> None:
        loop.call_soon_threadsafe(began.set)
        try:
            on_read(10**6)
        finally:
            loop.call_soon_threadsafe(ended.set)

    files.reading = reading
    running = asyncio.create_task(scrubber(files, rate_bytes_s=1).look())
    await began.wait()
    assert not ended.is_set()
    running.cancel()
    await ended.wait()
    assert len(files.read) == 1
