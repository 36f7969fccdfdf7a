"""The engine contract over vLLM itself, wherever it is installed on a machine with a GPU: the same tests as
those of every other engine, but for those that open one of a size of their own or compare with a runner.

Also that owners share nothing, and that scores and grammars are what they are elsewhere.
"""

import importlib.util
from pathlib import Path

import pytest

from appliance.engines.base import EngineSpec
from appliance.engines.plugins import find_plugin
from tests.engines.driving import run, warm, work
from tests.engines.test_engine_contract import (  # noqa: F401 - collected here, over this file's ``open_engine``
    test_a_choice_that_ends_early_frees_its_share,
    test_a_group_counts_its_prompt_in_every_choice,
    test_a_group_may_start_from_a_single_token,
    test_an_answer_is_exactly_as_long_as_asked,
    test_cancelled_work_ends_at_the_next_step_and_frees_its_cache_at_once,
    test_cancelling_unknown_work_does_nothing,
    test_choices_of_a_greedy_group_are_alike_and_as_one_alone,
    test_choices_of_a_warm_group_differ_and_the_first_is_as_one_alone,
    test_everything_is_free_again_at_the_end,
    test_free_is_what_is_not_reserved,
    test_the_same_request_gives_the_same_tokens_again,
    test_work_can_be_cancelled_before_its_first_step,
)
from tests.required import require_vllm

pytestmark = pytest.mark.slow

GENERATOR = Path(__file__).parents[2] / "scripts" / "make_tiny_safetensors.py"
GRAMMAR = '%llguidance {"no_forcing": true}\nstart: "yes" | "no"\n'


@pytest.fixture(scope="session")
def opened(tmp_path_factory):
    """One engine for all tests: vLLM takes many seconds to open, and does not give a GPU back."""
    require_vllm()
    loading = importlib.util.spec_from_file_location("make_tiny_safetensors", GENERATOR)
    generator = importlib.util.module_from_spec(loading)
    loading.loader.exec_module(generator)
    folder = tmp_path_factory.mktemp("vllm")
    files = generator.make_tiny_safetensors(folder, width=256)
    spec = EngineSpec(
        engine="vllm",
        model_path=str(folder / files[0]),
        files=files,
        context_tokens=128,
        kv_tokens=512,
        max_sequences=8,
        batch_tokens=32,
        precision="float32",
    )
    return find_plugin("vllm").open_engine(spec)


@pytest.fixture
def open_engine(opened):
    """The same each time, idle."""
    yield lambda: opened
    for number in range(100):
        opened.cancel(number)
    while not opened.idle:
        opened.step()


def test_owners_share_nothing(open_engine):
    engine = open_engine()
    run(engine, work(1, "x" * 60, owner="a", max_tokens=2))
    answers = run(
        engine,
        work(2, "x" * 60, owner="a", max_tokens=2),
        work(3, "x" * 60, owner="b", max_tokens=2),
        work(4, "x" * 60, max_tokens=2),
    )
    assert answers[2, 0].finished.cached_tokens > 0
    assert [answers[number, 0].finished.cached_tokens for number in (3, 4)] == [0, 0]


def test_greedy_tokens_are_the_most_probable_ones_and_a_prompt_is_scored_as_an_answer_was(open_engine):
    engine = open_engine()
    told = run(engine, work(1, max_tokens=6, logprobs=3))[1, 0]
    assert [one.top[0].token for one in told.told] == told.ids
    prompt = [*b"Once upon a time", *told.ids]
    scored = run(engine, work(2, prompt, max_tokens=0, prompt_logprobs=0, score_from=16)).scored[2]
    assert [one.logprob for one in scored] == pytest.approx([one.logprob for one in told.told], abs=1e-2)


def test_an_answer_keeps_to_its_grammar(open_engine):
    answers = run(open_engine(), work(1, max_tokens=12, n=3, sampling=warm(3), constraint=GRAMMAR))
    assert {answer.text for answer in answers.values()} <= {"yes", "no"}
