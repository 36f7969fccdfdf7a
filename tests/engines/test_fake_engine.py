"""The fake is strict with its caller, and fails as told."""

import subprocess
import sys
from dataclasses import replace

import msgspec
import pytest

from appliance.engines.base import RunnerBroken, Scoring, Slice, StepPlan
from appliance.engines.fake import ContractBreach, plugin
from appliance.errors import ConfigInvalid, PreparationFailed, ReplicaFailed
from tests.engines.driving import GREEDY, generate, warm


@pytest.fixture
def runner(open_any_runner):
    runner = open_any_runner("fake", context_tokens=40, batch_tokens=32)
    runner.prepare(0, GREEDY)
    runner.forward(StepPlan((Slice(0, [1, 2, 3], 0, False),)))
    return runner


@pytest.mark.parametrize(
    "slices",
    [
        (),
        (Slice(0, [], 3, True),),
        (Slice(0, [1], 2, True),),
        (Slice(0, [1], 4, True),),
        (Slice(0, [1], 3, True), Slice(0, [1], 4, True)),
        (Slice(0, [1] * 33, 3, True),),
        (Slice(1, [1], 0, True),),
        (Slice(0, [260], 3, True),),
    ],
    ids=[
        "nothing", "empty slice", "overlap", "gap", "two of one", "over the batch", "not open", "no token",
    ],
)  # fmt: skip
def test_a_plan_that_breaks_the_contract_is_refused(runner, slices):
    with pytest.raises(ContractBreach):
        runner.forward(StepPlan(slices))


def test_a_sequence_longer_than_the_context_is_refused(runner):
    runner.forward(StepPlan((Slice(0, [1] * 32, 3, False),)))

    with pytest.raises(ContractBreach):
        runner.forward(StepPlan((Slice(0, [1] * 6, 35, False),)))


@pytest.mark.parametrize("sequence", [8, -1], ids=["too high", "negative"])
def test_a_sequence_that_cannot_be_opened_is_refused(runner, sequence):
    with pytest.raises(ContractBreach):
        runner.prepare(sequence, GREEDY)
    with pytest.raises(ContractBreach):
        runner.fork(0, sequence, 1)


def test_a_fork_into_a_sequence_that_holds_something_is_refused(runner):
    runner.fork(0, 1, 2)

    with pytest.raises(ContractBreach):
        runner.fork(0, 1, 1)


@pytest.mark.parametrize("tokens", [4, -1])
def test_more_than_a_sequence_holds_is_neither_forked_nor_kept(runner, tokens):
    with pytest.raises(ContractBreach):
        runner.fork(0, 1, tokens)
    with pytest.raises(ContractBreach):
        runner.cut(0, tokens)


@pytest.mark.parametrize(
    "scoring",
    [Scoring(-1, [1]), Scoring(0, [1, 1, 1]), Scoring(2, [1]), Scoring(0, []), Scoring(0, [260])],
    ids=["before", "longer", "behind", "nothing", "no token"],
)
def test_scores_of_places_that_are_not_there_are_refused(runner, scoring):
    with pytest.raises(ContractBreach):
        runner.forward(StepPlan((Slice(0, [1, 2], 3, False, None, scoring),)))


def test_only_what_the_last_pass_sampled_can_be_drawn_anew(runner):
    with pytest.raises(ContractBreach):
        runner.resample(0, b"\xff")

    runner.forward(StepPlan((Slice(0, [1], 3, True),)))

    with pytest.raises(ContractBreach):
        runner.resample(0, b"\x00")
    assert runner.resample(0, b"\x02") == (1, None)


def test_cutting_frees_cells_that_nobody_else_holds(runner):
    runner.fork(0, 1, 2)
    runner.cut(0, 0)

    assert runner.used_kv_tokens == 2


def test_the_seed_matters_only_above_temperature_0(runner):
    babble = []
    for sampling in (GREEDY, replace(GREEDY, seed=5), warm(1), warm(2)):
        runner.drop(0)
        runner.prepare(0, sampling)
        babble.append(generate(runner, 0, [65, 66], 8))

    assert babble[0] == babble[1]
    assert babble[1] != babble[2] != babble[3]


def test_kv_cells_are_counted_once_for_forks(runner):
    runner.prepare(1, GREEDY)
    runner.fork(0, 1, 3)
    runner.forward(StepPlan((Slice(1, [9], 3, True),)))
    assert runner.used_kv_tokens == 4

    runner.drop(0)
    assert runner.used_kv_tokens == 4
    runner.drop(1)
    assert runner.used_kv_tokens == 0


def test_it_breaks_after_as_many_tokens_as_told(open_any_runner):
    runner = open_any_runner("fake", options={"fail_after_tokens": "2"})
    runner.prepare(0, GREEDY)
    generate(runner, 0, [65], 2)

    with pytest.raises(RunnerBroken):
        runner.forward(StepPlan((Slice(0, [1], 2, True),)))


def test_it_dies_as_a_native_crash_would(spec):
    code = (
        "import msgspec, sys\n"
        "from appliance.engines.base import EngineSpec, Slice, StepPlan\n"
        "from appliance.engines.fake import plugin\n"
        "from appliance.domain.generation import Sampling\n"
        "runner = plugin.open_runner(msgspec.json.decode(sys.argv[1], type=EngineSpec))\n"
        "runner.prepare(0, Sampling(0.0, 1.0, 0, 0.0, 0))\n"
        "runner.forward(StepPlan((Slice(0, [65], 0, True),)))\n"
    )
    dying = msgspec.structs.replace(spec, options={"die_after_tokens": "0"})

    ended = subprocess.run([sys.executable, "-c", code, msgspec.json.encode(dying)], check=False)

    assert ended.returncode == -9


def test_a_text_can_kill_it_as_a_hostile_prompt_would(spec):
    code = (
        "import msgspec, sys\n"
        "from appliance.engines.base import EngineSpec\n"
        "from appliance.engines.fake import plugin\n"
        "vocabulary = plugin.open_vocabulary(msgspec.json.decode(sys.argv[1], type=EngineSpec))\n"
        "vocabulary.tokenize('harmless', parse_special=True)\n"
        "print('alive', flush=True)\n"
        "vocabulary.tokenize('this is hostile', parse_special=True)\n"
    )
    dying = msgspec.structs.replace(spec, options={"die_on_text": "hostile"})

    ended = subprocess.run(
        [sys.executable, "-c", code, msgspec.json.encode(dying)], capture_output=True, check=False
    )

    assert (ended.returncode, ended.stdout) == (-9, b"alive\n")


def test_it_does_not_load_when_told_not_to(spec):
    with pytest.raises(ReplicaFailed):
        plugin.open_runner(msgspec.structs.replace(spec, options={"fail_load": "true"}))


@pytest.mark.parametrize("options", [{"no_such": "1"}, {"step_delay_ms": "slow"}, {"step_delay_ms": "-1"}])
def test_unknown_or_senseless_options_are_refused(spec, options):
    with pytest.raises(ConfigInvalid):
        plugin.open_runner(msgspec.structs.replace(spec, options=options))


def test_a_lone_surrogate_is_refused(spec):
    with pytest.raises(PreparationFailed):
        plugin.open_vocabulary(spec).tokenize("\ud800", parse_special=True)


def test_shapes_are_those_of_its_vocabulary(spec):
    assert plugin.read_shapes(spec).vocabulary == plugin.open_runner(spec).facts.vocabulary
