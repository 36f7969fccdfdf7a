"""Defaults, bounds and seeds become one plan."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.generation import SamplingWishes
from appliance.domain.recipe import SamplingDefaults
from appliance.policy.flops import gflop
from appliance.services.generation.planning import hold_for, resolve_sampling
from tests.generation.fakes import CALLER, Box


def test_a_wish_wins_over_the_recipes_default():
    sampling = resolve_sampling(
        SamplingWishes(temperature=0.0, top_k=5), SamplingDefaults(0.7, 0.9, 40, 0.05), 7
    )
    assert (sampling.temperature, sampling.top_p, sampling.top_k, sampling.min_p) == (0.0, 0.9, 5, 0.05)
    assert sampling.seed == 7


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_seed_folds_into_what_a_sampler_takes(seed: int):
    folded = resolve_sampling(SamplingWishes(seed=seed), SamplingDefaults(), 0).seed
    assert 0 <= folded < 2**32
    assert folded == resolve_sampling(SamplingWishes(seed=seed), SamplingDefaults(), 1).seed


def test_a_hold_covers_the_longest_answer_and_its_crash_rates_never_exceed_it_by_more_than_rounding(box: Box):
    hold = hold_for("r", caller=CALLER, model=box.model, prompt_tokens=10, max_tokens=50, now_ms=0)
    real = gflop(box.model.shapes, prompt_tokens=10, cached_tokens=0, generated_tokens=50)
    assert hold.gflop == real
    swept = hold.gflop_of_prompt + 49 * hold.gflop_per_token
    assert hold.gflop <= swept <= hold.gflop + 50


async def test_no_two_keys_share_an_isolation_domain(box: Box):
    await box.generator.start(CALLER, box.request())
    await box.generator.start(replace(CALLER, key_id="k2"), box.request())
    await box.source.stream(1)
    assert len({stream.work.owner for stream in box.source.streams}) == 2
