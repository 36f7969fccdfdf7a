"""One person with two hundred requests in a loop beside twenty-nine polite ones."""

import pytest

from appliance.services.queue import QueueLimits
from tests.generation.classroom import Classroom, Habit, Machine

pytestmark = pytest.mark.slow

POLITE = [Habit(f"student {n}", prompt_tokens=130, answer_tokens=64, think_steps=30) for n in range(29)]
NAMES = {one.name for one in POLITE}
SLOTS = 32
STEPS = 2000
ANSWER_STEPS = 64


def loop(prompt_tokens: int, answer_tokens: int) -> Habit:
    return Habit("loop", prompt_tokens, answer_tokens, at_once=200)


def classroom(*habits: Habit, kv_tokens: int = 10**6, **limits: int) -> Classroom:
    """What happened in ``STEPS`` steps, the loop having had the box to itself at first."""
    room = Classroom(Machine(SLOTS, kv_tokens), list(habits), QueueLimits(waiting=1000, **limits))
    room.run(1000)
    room.wait_steps.clear()
    room.tokens.clear()
    room.run(STEPS)
    return room


async def test_without_the_loop_nobody_waits():
    assert classroom(*POLITE).longest_waits(NAMES) == 0


@pytest.mark.parametrize("size", [(130, 64), (16, 400), (2000, 16)])
async def test_nineteen_in_twenty_of_the_others_questions_do_not_wait_for_the_loop(size):
    room = classroom(*POLITE, loop(*size))
    assert room.refused
    assert room.longest_waits(NAMES) <= 1
    assert room.longest_waits(NAMES, part=1.0) <= 2 * max(ANSWER_STEPS, size[1])


async def test_the_others_get_nearly_what_they_get_without_it_and_the_loop_is_not_starved():
    alone, beside = classroom(*POLITE), classroom(*POLITE, loop(130, 64))
    assert sum(beside.tokens[name] for name in NAMES) > 0.95 * sum(alone.tokens[name] for name in NAMES)
    assert beside.tokens["loop"] > beside.tokens["student 0"]


async def test_a_loop_that_is_alone_gets_every_slot():
    assert classroom(loop(130, 64)).tokens["loop"] > 0.95 * SLOTS * STEPS


async def test_a_short_memory_starves_neither_the_loop_nor_the_others():
    room = classroom(*POLITE, loop(2000, 200), kv_tokens=SLOTS * 200)
    assert room.tokens["loop"]
    assert min(room.tokens[name] for name in NAMES) > 0
    assert room.longest_waits(NAMES) <= 2 * ANSWER_STEPS


async def test_a_lower_cap_leaves_the_others_their_slots_from_the_start():
    room = classroom(*POLITE, loop(130, 64), person_running=3)
    assert room.longest_waits(NAMES, part=1.0) == 0


async def test_two_loops_of_one_project_get_what_one_of_another_gets():
    one = Habit("one", 100, 50, at_once=40, project="small")
    two = [Habit(name, 100, 50, at_once=40, project="large") for name in ("two", "three")]
    room = classroom(one, *two)
    assert room.tokens["one"] == pytest.approx(room.tokens["two"] + room.tokens["three"], rel=0.1)
