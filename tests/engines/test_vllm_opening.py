"""What vLLM is told when it opens a model, and what is refused before."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from appliance.domain.recipe import Precision
from appliance.engines.base import BringsEngine, EngineSpec
from appliance.engines.plugins import find_plugin
from appliance.engines.vllm.environment import variables
from appliance.engines.vllm.opening import engine_arguments, token_ms
from appliance.engines.vllm.placing import (
    AttentionSizes,
    Layout,
    cache_bytes_per_gpu,
    layout_on,
    machines_of,
)
from appliance.engines.vllm.private_folder import private_folder
from appliance.engines.vllm.sharing import fed
from appliance.errors import ConfigInvalid, DoesNotFit, NotAvailable
from tests.engines.vllm_stand_in import LLMEngine, library

SIZES = AttentionSizes(layers=70, heads=112, kv_heads=112, head_size=128)


def spec(**changes) -> EngineSpec:
    usual = EngineSpec(
        engine="vllm",
        model_path="/models/large/config.json",
        context_tokens=2048,
        kv_tokens=8192,
        max_sequences=4,
        precision="bfloat16",
    )
    return msgspec.structs.replace(usual, **changes)


@pytest.mark.parametrize(
    ("gpus", "machines", "layout"),
    [
        (1, 1, Layout(1, 1)),
        (8, 1, Layout(8, 1)),
        (8, 3, Layout(8, 3)),
        (6, 1, Layout(2, 3)),
        (3, 2, Layout(1, 6)),
    ],
)
def test_matrices_are_divided_within_a_machine_and_layers_over_the_rest(gpus, machines, layout):
    assert layout_on(gpus, machines, SIZES) == layout


def test_more_gpus_than_a_model_can_be_divided_over_are_refused():
    with pytest.raises(DoesNotFit, match="fewer GPUs"):
        layout_on(1, 71, SIZES)


def test_a_cluster_is_counted_by_its_machines_with_gpus():
    nodes = [
        {"Alive": True, "Resources": {"CPU": 8.0}},
        {"Alive": True, "Resources": {"GPU": 8.0}},
        {"Alive": True, "Resources": {"GPU": 4.0}},
        {"Alive": False, "Resources": {"GPU": 8.0}},
    ]
    assert machines_of(nodes) == (4, 2)


def test_a_cluster_without_gpus_is_refused():
    with pytest.raises(DoesNotFit, match="ray status"):
        machines_of([{"Alive": True, "Resources": {"CPU": 8.0}}])


def test_the_kv_cache_has_room_for_all_that_is_admitted_and_for_blocks():
    tokens = 8192 + 64 * 5
    whole = 2 * tokens * 70 * 112 * 128 * 2
    assert cache_bytes_per_gpu(spec(), SIZES, Layout(1, 1)) == whole
    assert cache_bytes_per_gpu(spec(), SIZES, Layout(8, 1)) == whole // 8
    assert cache_bytes_per_gpu(spec(), SIZES, Layout(1, 70)) == whole // 70
    assert cache_bytes_per_gpu(spec(precision="float32"), SIZES, Layout(1, 1)) == 2 * whole


def test_a_gpu_has_one_head_of_keys_where_there_are_more_gpus_than_heads():
    few = AttentionSizes(layers=2, heads=8, kv_heads=2, head_size=16)
    assert cache_bytes_per_gpu(spec(), few, Layout(8, 1)) == cache_bytes_per_gpu(spec(), few, Layout(2, 1))


@pytest.mark.parametrize("precision", ["int8", "nf4", ""])
def test_a_precision_that_vllm_is_not_asked_for_is_refused(precision: Precision):
    with pytest.raises(ConfigInvalid, match="another precision"):
        cache_bytes_per_gpu(spec(precision=precision), SIZES, Layout(1, 1))


def test_vllm_is_told_to_take_weights_only_and_nothing_of_the_folder_else():
    told = engine_arguments(library(), spec(), Layout(1, 1), 1000)
    assert told["model"] == told["tokenizer"] == "/models/large"
    assert told["load_format"] == "safetensors"
    assert told["trust_remote_code"] is False
    assert told["generation_config"] == "vllm"
    assert told["dtype"] == "bfloat16"
    assert told["kv_cache_memory_bytes"] == 1000
    assert (told["max_model_len"], told["max_num_seqs"], told["max_num_batched_tokens"]) == (2048, 4, 512)


@pytest.mark.parametrize(
    ("options", "layout", "backend"),
    [({}, Layout(1, 1), "uni"), ({}, Layout(8, 1), "mp"), ({"ray_address": "a:1"}, Layout(8, 2), "ray")],
)
def test_processes_are_vllms_own_and_machines_are_rays(options, layout, backend):
    told = engine_arguments(library(), spec(options=options), layout, 1)
    assert told["distributed_executor_backend"] == backend
    assert (told["tensor_parallel_size"], told["pipeline_parallel_size"]) == (layout.tensor, layout.pipeline)


def test_a_pass_over_one_token_is_timed_and_leaves_nothing_running():
    native = LLMEngine()
    assert token_ms(native, library()) > 0
    assert not native.running
    assert native.asked[0].prompt["cache_salt"] == "warm"


def test_whoever_decodes_goes_first_and_prompts_share_the_rest_in_their_order():
    assert fed([0, 20, 0, 20, 20], 32) == [1, 20, 1, 10, 0]
    assert fed([0, 0, 0], 2) == [1, 1, 1]


def test_everything_is_written_to_one_folder_of_its_own(tmp_path: Path):
    told = variables(tmp_path, networked=False)
    assert {told[name] for name in ("HOME", "TMPDIR", "TRITON_CACHE_DIR", "VLLM_CACHE_ROOT")} == {
        str(tmp_path)
    }
    assert told["HF_HUB_OFFLINE"] == told["VLLM_NO_USAGE_STATS"] == "1"
    assert told["VLLM_HOST_IP"] == "127.0.0.1"
    assert "VLLM_HOST_IP" not in variables(tmp_path, networked=True)


def test_the_folder_is_private_and_those_of_dead_processes_go(tmp_path: Path):
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    left = tmp_path / f"carrel-vllm-{os.getuid()}-{int(dead.stdout)}"
    (left / "cache").mkdir(parents=True)
    living = tmp_path / f"carrel-vllm-{os.getuid()}-1"
    living.mkdir()
    folder = private_folder(tmp_path)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(tmp_path.iterdir()) == sorted([folder, living])
    assert private_folder(tmp_path) == folder


def test_its_plugin_brings_an_engine_and_others_do_not():
    assert isinstance(find_plugin("vllm"), BringsEngine)
    assert not isinstance(find_plugin("fake"), BringsEngine)
    assert not isinstance(find_plugin("llama_cpp"), BringsEngine)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"pooling": "mean"}, NotAvailable, "runs on torch"),
        ({"deterministic": True}, ConfigInvalid, "without --deterministic"),
        ({"options": {"speculative": "1"}}, ConfigInvalid, "'speculative'"),
        ({"options": {"ray_address": "a:1"}}, ConfigInvalid, "networked = true"),
    ],
)
def test_what_it_does_not_do_is_refused_before_anything_is_loaded(changes, error, words):
    with pytest.raises(error, match=words):
        find_plugin("vllm").open_engine(spec(**changes))


def test_without_vllm_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigInvalid, match="carrel help engines"):
        find_plugin("vllm").open_engine(spec())


def test_it_has_no_runner_and_no_embedder():
    for opening in (find_plugin("vllm").open_runner, find_plugin("vllm").open_embedder):
        with pytest.raises(NotAvailable):
            opening(spec())
