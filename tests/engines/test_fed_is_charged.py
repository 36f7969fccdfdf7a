"""What the scheduler has computed is what a request is charged for, token by token."""

import pytest

from appliance.domain.shapes import ModelShapes
from appliance.engines.scheduler import Scheduler
from appliance.policy.flops import flop_of_choices
from tests.engines.driving import WatchedRunner, run, warm, work

WEIGHTS_ONLY = ModelShapes(1, 1, heads=0, key_size=0, value_size=0, width=0, vocabulary=0)
"""Two FLOP for each token that goes through the blocks."""
PROMPT = "You are a patient teacher of arithmetic. "


@pytest.mark.parametrize(("choices", "longest"), [(1, 6), (3, 6), (4, 1), (1, 0)])
def test_as_many_tokens_are_fed_as_are_charged(open_any_runner, choices, longest):
    runner = WatchedRunner(open_any_runner("fake"))
    answers = run(Scheduler(runner), work(1, PROMPT, n=choices, max_tokens=longest, sampling=warm()))
    written = [len(one.ids) for one in answers.values()]
    fed = sum(sum(passed.values()) for passed in runner.tokens_fed())
    charged = flop_of_choices(
        WEIGHTS_ONLY, prompt_tokens=len(PROMPT), cached_tokens=0, generated_tokens=written
    )
    assert charged == 2 * fed


def test_what_the_cache_held_is_neither_fed_nor_charged(open_any_runner):
    runner = WatchedRunner(open_any_runner("fake"))
    engine = Scheduler(runner)
    run(engine, work(1, PROMPT, max_tokens=4, owner="ada"))
    before = sum(sum(passed.values()) for passed in runner.tokens_fed())
    again = run(engine, work(2, PROMPT, max_tokens=4, owner="ada"))[2, 0]
    fed = sum(sum(passed.values()) for passed in runner.tokens_fed()) - before
    charged = flop_of_choices(
        WEIGHTS_ONLY,
        prompt_tokens=len(PROMPT),
        cached_tokens=again.finished.cached_tokens,
        generated_tokens=[len(again.ids)],
    )
    assert again.finished.cached_tokens > 0
    assert charged == 2 * fed
