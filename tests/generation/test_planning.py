"""Defaults, bounds and seeds become one plan."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.generation import SamplingWishes
from appliance.domain.people import DEFAULT_ID, Caller, Project
from appliance.domain.recipe import SamplingDefaults
from appliance.policy.flops import gflop
from appliance.services.generation.planning import hold_for, isolation_domain, resolve_sampling
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


def owner(caller: Caller, *, shares: bool = False) -> str:
    return isolation_domain(caller, Project(caller.project_id, "P", 0, shares_prefixes=shares))


def test_a_person_shares_cells_with_nobody_but_the_same_person_in_the_same_project():
    ada, bob = CALLER, replace(CALLER, person_id="bob")
    assert owner(ada) == owner(replace(ada, key_id="k2"))
    assert owner(ada) != owner(replace(ada, project_id="other"))
    assert owner(ada) != owner(bob)


def test_keys_of_the_first_person_are_people_of_their_own():
    first = replace(CALLER, person_id=DEFAULT_ID)
    assert owner(first) != owner(replace(first, key_id="k2"))


def test_members_of_a_project_that_shares_are_one_domain_and_others_are_not_in_it():
    ada, bob = CALLER, replace(CALLER, person_id="bob")
    assert owner(ada, shares=True) == owner(bob, shares=True)
    assert owner(ada, shares=True) != owner(replace(ada, project_id="other"), shares=True)


def test_no_name_of_a_person_is_taken_for_a_project():
    assert owner(replace(CALLER, person_id="p")) != owner(replace(CALLER, project_id="p"), shares=True)


async def test_the_project_decides_when_a_request_is_planned(box: Box):
    box.projects.known["default"] = Project("default", "Default", 0, shares_prefixes=True)
    await box.generator.start(CALLER, box.request())
    assert (await box.source.stream(0)).work.owner == "project:default"
