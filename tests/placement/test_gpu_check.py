"""The check of real GPUs: what it makes of its numbers, and the whole of it on a machine that has none."""

import importlib
import json
import sys
from pathlib import Path

import psutil
import pytest

from appliance.domain.hardware import Gpu, GpuProcess, Inventory
from appliance.policy.placement import Share, plan
from appliance.workers.hardware import gpus as ask
from tests.placement.machines_for_tests import EIGHT_B, GIB, box, named
from tests.workers.fake_driver import FakeGpu, driver

SCRIPTS = Path(__file__).parents[2] / "scripts"
SHARE = Share(0, 32, 4 * GIB, 2 * GIB, GIB, GIB)


@pytest.fixture(scope="module")
def scripts():
    """Modules of the folder ``scripts`` by name."""
    sys.path.insert(0, str(SCRIPTS))
    try:
        yield importlib.import_module
    finally:
        sys.path.remove(str(SCRIPTS))


@pytest.fixture(scope="module")
def judging(scripts):
    return scripts("gpu_checks.judging")


@pytest.fixture(scope="module")
def planning(scripts):
    return scripts("gpu_checks.planning")


@pytest.fixture(scope="module")
def main(scripts):
    return scripts("gpu_check").main


def one_gpu(*running: tuple[int, int | None], free_gib: int = 79) -> tuple[Gpu, ...]:
    (gpu,) = ask(driver(FakeGpu(compute=running)))
    return (Gpu(0, gpu.name, gpu.memory_total_bytes, free_gib * GIB, gpu.driver, processes=gpu.processes),)


# ---- may it run at all ----


def test_no_gpu_is_said_and_has_its_exit_code(main, capsys):
    assert main([], look=lambda _: named("cpu:64GB")) == 5
    assert "nvidia-smi" in capsys.readouterr().err


def test_an_engine_without_cuda_is_said_with_the_command_that_builds_one(main, capsys):
    assert main([], look=lambda _: box(80), engine_has_gpu=lambda _: False) == 5
    assert "bash packaging/install.sh --build-wheel" in capsys.readouterr().err


def test_torch_without_cuda_is_said_with_the_command_that_brings_it(main, capsys):
    assert main(["--engine", "torch"], look=lambda _: box(80), engine_has_gpu=lambda _: False) == 5
    assert "bash packaging/install.sh --with-torch" in capsys.readouterr().err


def test_each_engine_is_asked_for_its_own_build(main):
    asked = []

    def has_gpu(engine: str) -> bool:
        asked.append(engine)
        return False

    main(["--engine", "torch"], look=lambda _: box(80), engine_has_gpu=has_gpu)
    main([], look=lambda _: box(80), engine_has_gpu=has_gpu)

    assert asked == ["torch", "llama_cpp"]


def test_the_command_is_one_that_the_installer_knows(planning):
    installer = (SCRIPTS.parent / "packaging" / "install.sh").read_text()
    option = planning.BUILD.split()[2]
    assert f"{option})" in installer
    assert "-DGGML_CUDA=on" in installer


def test_broken_gpus_are_not_checked(main, capsys):
    found = Inventory(ask(driver(FakeGpu(rows=(0, 9, 0, 1)))), GIB, GIB, 1)
    assert main([], look=lambda _: found, engine_has_gpu=lambda _: True) == 5
    assert "must be exchanged" in capsys.readouterr().err


def test_gpus_that_are_not_there_are_not_checked(main, capsys):
    assert main(["--gpus", "7"], look=lambda _: box(80), engine_has_gpu=lambda _: True) == 5
    assert "7" in capsys.readouterr().err


# ---- memory ----


@pytest.mark.parametrize(
    ("held_bytes", "verdict"),
    [(0, "FAILED"), (6 * GIB, "ok"), (8 * GIB, "ok"), (8 * GIB + 1, "FAILED")],
)
def test_memory_is_held_against_the_plan_and_its_reserve(judging, held_bytes, verdict):
    (found,) = judging.judge_memory([SHARE], judging.Held({0: held_bytes}, by_process=True))
    assert found.verdict == verdict
    assert found.numbers["ratio_of_total"] == pytest.approx(held_bytes / (8 * GIB), abs=1e-3)
    assert found.numbers["ratio_of_parts"] == pytest.approx(held_bytes / (7 * GIB), abs=1e-3)


def test_a_share_of_the_machines_own_memory_is_no_gpu(judging):
    assert judging.judge_memory([Share(None, 1, 1, 1, 1, 1)], judging.Held({}, by_process=True)) == []


def test_what_the_worker_holds_is_told_by_the_driver(judging):
    held = judging.held_by(one_gpu(), one_gpu((7, 5), (8, 3), (9, 4)), frozenset({7, 9}))
    assert (held.by_gpu, held.by_process) == ({0: 9}, True)


@pytest.mark.parametrize("running", [(), ((99, 5),), ((7, None),)])
def test_where_the_driver_does_not_name_it_free_memory_tells(judging, running):
    held = judging.held_by(one_gpu(), one_gpu(*running, free_gib=70), frozenset({7}))
    assert (held.by_gpu, held.by_process) == ({0: 9 * GIB}, False)


def test_the_most_that_was_seen_counts(judging):
    first, then = (judging.Held(by_gpu, by_process=True) for by_gpu in ({0: 5, 1: 1}, {0: 3, 1: 2}))
    assert judging.more_of(first, then).by_gpu == {0: 5, 1: 2}


# ---- places ----


def running_on(*pids: tuple[int, ...]) -> list[Gpu]:
    return [
        Gpu(index, "H100", GIB, GIB, "", processes=tuple(GpuProcess(pid, "", 1) for pid in some))
        for index, some in enumerate(pids)
    ]


def test_replicas_on_a_gpu_each_are_pinned(judging):
    workers = [judging.Worker(5, (0,)), judging.Worker(6, (1,))]
    assert judging.judge_pinning(workers, running_on((5, 77), (6,))).verdict == "ok"


@pytest.mark.parametrize("pids", [((5, 6), (6,)), ((5, 6), ()), ((6,), (5,)), ((5,), ())])
def test_a_worker_elsewhere_is_found(judging, pids):
    workers = [judging.Worker(5, (0,)), judging.Worker(6, (1,))]
    assert judging.judge_pinning(workers, running_on(*pids)).verdict == "FAILED"


def test_a_split_model_is_on_all_of_its_gpus(judging):
    worker = [judging.Worker(5, (1, 0))]
    assert judging.judge_pinning(worker, running_on((5,), (5,))).verdict == "ok"
    assert judging.judge_pinning(worker, running_on((5,), ())).verdict == "FAILED"


def test_a_container_that_hides_processes_is_no_failure(judging):
    assert judging.judge_pinning([judging.Worker(5, (0,))], running_on((99,))).verdict == "not run"


def test_a_box_that_fell_back_to_the_processor_is_found(judging):
    assert judging.judge_places([(0,)], [judging.Worker(5, (0,))]).verdict == "ok"
    found = judging.judge_places([(0,)], [judging.Worker(5, ())])
    assert (found.verdict, found.text) == ("FAILED", "planned GPU 0, found the processor")


# ---- answers and speed ----


def test_answers_that_differ_are_counted_and_fail_nothing(judging):
    found = judging.judge_agreement(["abcd", "same"], ["abXd", "same"])
    assert found.verdict == "noted"
    assert found.numbers == {"answers": 2, "equal": 1, "part": 0.75}


def test_a_speed_is_put_beside_the_estimate(judging):
    one, eight, gain = judging.judge_speeds({1: 50.0, 8: 200.0}, {1: 100.0})
    assert (one.numbers["ratio"], "ratio" in eight.numbers) == (0.5, False)
    assert (gain.verdict, gain.numbers) == ("ok", {"gain": 4.0})


def test_batches_that_bring_nothing_fail(judging):
    assert judging.judge_speeds({1: 50.0, 8: 50.0}, {})[-1].verdict == "FAILED"


def test_words_are_counted_for_a_day_and_a_dollar(judging):
    found = judging.judge_value({1: 10.0, 32: 1000.0}, 2.0)
    assert found.numbers == {"streams": 32, "words_a_day": 64_800_000, "words_per_dollar": 1_350_000}
    assert judging.judge_value({1: 1.0}, None).numbers == {"streams": 1, "words_a_day": 64_800}


def test_estimates_are_the_planners(planning):
    machine, sizes = named("H100"), planning.Sizes(32, 1024)
    placement = plan(EIGHT_B, sizes.wishes((0,)), machine)
    found = planning.estimates(EIGHT_B, placement, machine, [1, 32])
    assert 8 < found[32] / found[1] < 32
    assert planning.estimates(EIGHT_B, placement, named("80GB"), [1]) == {}


def test_a_context_is_found_that_two_gpus_must_share(planning):
    machine, sizes = box(80, 80), planning.Sizes(64, 1024)
    split = planning.split_plan(EIGHT_B, sizes, machine, (0, 1))
    assert len(plan(EIGHT_B, split.wishes((0, 1)), machine).replicas[0].gpus) == 2
    shorter = planning.Sizes(64, split.context_tokens - 1)
    assert plan(EIGHT_B, shorter.wishes((0, 1)), machine).kind == "gpu"


def test_where_no_context_needs_two_gpus_there_is_none(planning):
    assert planning.split_plan(EIGHT_B, planning.Sizes(1, 1024), box(1, 1), (0, 1)) is None


# ---- all of it ----


@pytest.mark.slow
def test_a_box_that_does_not_start_leaves_no_process(scripts, planning, tmp_path: Path):
    model = tmp_path / "broken.gguf"
    model.write_bytes(b"GGUF and nothing that follows")
    before = psutil.Process().children()
    starting = scripts("gpu_checks.measuring").box_on(model, tmp_path / "box", planning.Sizes(1, 64), "none")
    with pytest.raises(RuntimeError, match="model run"), starting:
        pass
    assert psutil.Process().children() == before


SHORT = ["--levels", "1", "2", "--rounds", "1", "--max-tokens", "4", "--answer-tokens", "4", "--threads", "1"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_run_ends_and_finds_that_no_gpu_was_used(scripts, main, tmp_path: Path):
    """Two GPUs are claimed that are not there: the boxes are real and compute on the processor."""
    (model,) = scripts("make_random_model").make_random_model("llama-15m", tmp_path, types=["q8_0"])
    claimed = box(1, 1, total_gib=2, host_gib=8)
    words = ["--model", str(model), *SHORT, "--split"]
    report = tmp_path / "report.json"
    code = main([*words, "--json", str(report)], look=lambda _: claimed, engine_has_gpu=lambda _: True)
    found = {one["check"]: one["verdict"] for one in json.loads(report.read_text())["findings"]}
    assert code == 1
    assert [found[f"{name}placement"] for name in ("", "replicas: ", "split: ")] == ["FAILED"] * 3
    assert found["memory, GPU 0"] == "FAILED"
    assert found["replicas: pinning"] == "not run"
    assert found["same greedy text as the processor"] == found["2 streams"] == "noted"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_run_of_torch_ends_and_finds_that_no_gpu_was_used(scripts, main, tmp_path: Path):
    folder = tmp_path / "tiny"
    scripts("make_tiny_safetensors").make_tiny_safetensors(folder)
    words = ["--engine", "torch", "--model", str(folder), "--precisions", "nf4", *SHORT, "--context", "512"]
    report = tmp_path / "report.json"
    claimed = box(8, total_gib=8, host_gib=8)

    code = main([*words, "--json", str(report)], look=lambda _: claimed, engine_has_gpu=lambda _: True)

    found = {one["check"]: one["verdict"] for one in json.loads(report.read_text())["findings"]}
    assert code == 1
    assert found["nf4: placement"] == "FAILED"
    assert found["nf4: words a day"] == found["nf4: 2 streams"] == "noted"


def test_each_precision_is_checked_and_named(scripts, main, tmp_path: Path):
    """Here the model has no room on the GPU in any of them, so no box is started."""
    folder = tmp_path / "tiny"
    scripts("make_tiny_safetensors").make_tiny_safetensors(folder)
    words = ["--engine", "torch", "--model", str(folder), "--precisions", "bfloat16", "nf4"]
    report = tmp_path / "report.json"
    claimed = box(1, total_gib=8, host_gib=8)

    code = main([*words, "--json", str(report)], look=lambda _: claimed, engine_has_gpu=lambda _: True)

    found = {one["check"]: one["verdict"] for one in json.loads(report.read_text())["findings"]}
    assert code == 1
    assert [found[f"{one}: placement"] for one in ("bfloat16", "nf4")] == ["FAILED"] * 2
