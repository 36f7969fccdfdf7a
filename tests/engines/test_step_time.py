"""What a step is expected to take."""

import pytest

from appliance.engines.base import Slice, StepPlan
from appliance.engines.scheduler.step_time import StepTime
from tests.engines.driving import work


def plan(tokens):
    return StepPlan((Slice(0, (1,) * tokens, 0, False),))


def test_the_first_pass_is_expected_to_cost_each_token_what_one_costs_alone():
    time = StepTime(2.0)
    assert time.expected_ms == 2.0

    assert time.begin(plan(50)) == 50

    assert time.expected_ms == 100.0


def test_it_learns_what_a_token_costs_in_company():
    time = StepTime(2.0)
    for _ in range(100):
        time.begin(plan(50))
        time.end(25.0)

    time.begin(plan(50))

    assert time.expected_ms == pytest.approx(25.0, rel=0.01)


def test_no_pass_is_expected_to_be_faster_than_one_token():
    time = StepTime(2.0)
    for _ in range(100):
        time.begin(plan(50))
        time.end(25.0)

    time.begin(plan(1))

    assert time.expected_ms == 2.0


def test_the_engine_expects_more_of_a_pass_with_more_tokens(open_fake):
    engine = open_fake(options={"step_delay_ms": "1"})
    engine.submit(work(1, "a" * 30, max_tokens=2))
    assert engine.expected_step_ms == 1.0

    engine.step()
    assert engine.expected_step_ms == 30.0
    engine.step()
    assert engine.expected_step_ms < 2.0


def test_a_real_model_is_timed_at_load(open_any_runner):
    assert 0 < open_any_runner("llama_cpp").facts.token_ms < 1000
