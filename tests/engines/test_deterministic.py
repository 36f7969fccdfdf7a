"""With ``deterministic``, a request has the same tokens alone and in a crowd."""

import pytest

from appliance.engines.scheduler import Scheduler
from tests.engines.driving import ENGINES, GREEDY, WatchedRunner, run, warm, work

SIZES = {"kv_tokens": 256 * 9, "max_sequences": 9, "batch_tokens": 16, "deterministic": True}
PROMPT = "To be the same in every crowd is hard for floating point numbers, whose sums depend on order."


def crowd(count):
    """Prompts and answers of many lengths, sampled in different ways."""
    return [
        work(100 + n, PROMPT[n:] + "#" * (n * 3 % 7), max_tokens=5 + n, sampling=warm(n) if n % 2 else GREEDY)
        for n in range(count)
    ]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("sampling", [GREEDY, warm(5)], ids=["greedy", "seeded"])
def test_alone_and_in_a_crowd_of_eight_the_tokens_are_the_same(open_any_runner, engine, sampling):
    asked = work(1, PROMPT, max_tokens=30, sampling=sampling)
    alone = run(Scheduler(open_any_runner(engine, **SIZES)), asked)[1, 0].ids
    scheduler = Scheduler(open_any_runner(engine, **SIZES))
    assert scheduler.facts.deterministic

    before, after = crowd(8)[:4], crowd(8)[4:]
    for one in before:
        scheduler.submit(one)
    for _ in range(3):
        scheduler.step()

    scheduler.submit(asked)
    scheduler.step()
    for one in after:
        scheduler.submit(one)
    ids = []
    while not scheduler.idle:
        ids += [token for event in scheduler.step().events if event.id == 1 for token in tokens_of(event)]

    assert ids == alone


def tokens_of(event):
    return getattr(event, "ids", ())


@pytest.mark.parametrize("load", [0, 3, 8])
def test_prompts_are_cut_at_the_same_places_whatever_the_load(open_any_runner, load):
    runner = WatchedRunner(open_any_runner("fake", **SIZES))
    scheduler = Scheduler(runner)
    for one in crowd(load):
        scheduler.submit(one)
    for _ in range(5):
        scheduler.step()

    scheduler.submit(work(1, "!" * 29, max_tokens=1))
    while not scheduler.idle:
        scheduler.step()

    cuts = [
        len(piece.tokens) for plan in runner.plans for piece in plan.slices if set(piece.tokens) == {ord("!")}
    ]
    assert cuts == [8, 8, 8, 5]
    assert max(sum(tokens.values()) for tokens in runner.tokens_fed()) <= 16


def test_nothing_is_reused(open_any_runner):
    scheduler = Scheduler(open_any_runner("fake", **SIZES))
    run(scheduler, work(1, PROMPT, owner="ada"))

    assert run(scheduler, work(2, PROMPT, owner="ada"))[2, 0].finished.cached_tokens == 0
