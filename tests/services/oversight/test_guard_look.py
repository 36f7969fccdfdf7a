"""Some prompts before the guard: after they were accepted, one at a time, and nobody waits for it."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.generation import Accepted
from appliance.errors import ModelNotRunning
from appliance.services.oversight.guard_look import MOST_WAITING, GuardLook
from appliance.services.oversight.guards import Guards
from tests.generation.conftest import box  # noqa: F401 - a fixture
from tests.models.fakes import recipe
from tests.services.oversight.conftest import ADA, EVE, IDENTITY

GUARD = replace(recipe("m"), guard="llama-guard-3")


class Names:
    def find(self, model: str):
        return GUARD, GUARD.forms[0]


class Looking:
    """A look at every prompt, and whose were unsafe."""

    def __init__(self, over, percent: int = 100) -> None:
        self.box = over
        self.found: list[str] = []
        self.running = True
        self.look = GuardLook(
            Guards(Names(), "m"),
            self,
            over.queue,
            lambda caller: self.found.append(caller.person_id),
            percent=percent,
            draw=lambda below: 50,
        )

    def served(self, model: str):
        if not self.running:
            raise ModelNotRunning("It is not running.")
        return replace(self.box.model, chats=True)

    def accept(self, asked) -> bool:
        watch = self.look.watch(asked)
        if watch is not None:
            watch.accepted(Accepted(IDENTITY, 1, 1, 0))
        return watch is not None


@pytest.fixture
async def looking(box):  # noqa: F811
    made = Looking(box)
    task = asyncio.create_task(made.look.look())
    yield made
    task.cancel()


async def answered(looking, number: int, answer: str) -> None:
    stream = await looking.box.source.stream(number)
    stream.token(answer)
    stream.finish()


async def settle() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


async def test_an_unsafe_prompt_counts_for_whoever_sent_it(looking, look):
    looking.accept(look.asked(ADA, "bad"))
    looking.accept(look.asked(EVE, "good"))
    await answered(looking, 0, "unsafe\nS2")
    await answered(looking, 1, "safe")
    await settle()
    assert looking.found == ["ada"]
    assert looking.box.ledger.holds == {}


async def test_what_was_not_accepted_is_not_looked_at(looking, look):
    assert looking.look.watch(look.asked(ADA)) is not None
    await settle()
    assert not looking.look._waiting
    assert looking.look.watch(replace(look.asked(ADA), request=None)) is None
    assert looking.look.watch(replace(look.asked(ADA), recipe=GUARD)) is None
    assert looking.look.watch(look.asked(ADA, max_tokens=0)) is None


async def test_of_many_prompts_so_many_percent_are_drawn(look, box):  # noqa: F811
    assert Looking(box, percent=51).accept(look.asked(ADA))
    assert not Looking(box, percent=50).accept(look.asked(ADA))
    assert not Looking(box, percent=0).accept(look.asked(ADA))


async def test_a_guard_that_does_not_run_or_talks_finds_nothing(looking, look):
    looking.running = False
    looking.accept(look.asked(ADA, "bad"))
    await settle()
    looking.running = True
    looking.accept(look.asked(ADA, "bad"))
    await answered(looking, 0, "I would rather not say.")
    looking.accept(look.asked(EVE, "bad"))
    await answered(looking, 1, "unsafe\nS1")
    await settle()
    assert looking.found == ["eve"]


async def test_few_wait_and_the_oldest_are_forgotten(look, box):  # noqa: F811
    made = Looking(box)
    for number in range(MOST_WAITING + 5):
        made.accept(look.asked(ADA, f"number {number}"))
    assert len(made.look._waiting) == MOST_WAITING
    assert made.look._waiting[0][1] == "number 5"


async def test_verdicts_add_up_to_an_incident(looking, look):
    for _ in range(10):
        look.tripping.unsafe(ADA)
    assert (await look.one()).wire == "classifier"
