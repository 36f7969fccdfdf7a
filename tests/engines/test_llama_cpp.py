"""What only the real engine can get wrong."""

import subprocess
import sys

import msgspec
import pytest

from appliance.domain.generation import Sampling
from appliance.engines.base import Slice
from appliance.engines.llama_cpp.plugin import plugin
from appliance.engines.scheduler import Scheduler
from appliance.errors import ConfigInvalid, IntegrityFailed
from tests.engines.driving import GREEDY, generate, run, work


def test_sizes_are_read_from_the_header(spec):
    shapes = plugin.read_shapes(spec)

    attention, feed_forward = 64 * 64 * 2 + 64 * 32 * 2, 64 * 128 * 3
    assert shapes.matrix_weights == 2 * (attention + feed_forward)
    assert (shapes.layers, shapes.heads, shapes.width) == (2, 4, 64)
    assert (shapes.key_size, shapes.value_size) == (16, 16)
    assert shapes.vocabulary == plugin.open_vocabulary(spec).tokenize("<|im_end|>", parse_special=True)[0] + 1
    assert shapes.window_tokens == ()


@pytest.mark.parametrize("kept", [0, 3, 100, 5_000, 300_000])
def test_a_damaged_file_is_refused(spec, tmp_path, tiny_gguf, kept):
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(tiny_gguf.read_bytes()[:kept])
    spec = msgspec.structs.replace(spec, model_path=str(damaged))

    with pytest.raises(IntegrityFailed):
        plugin.open_runner(spec)


def test_a_missing_file_is_refused_without_naming_its_path(spec, tmp_path):
    spec = msgspec.structs.replace(spec, model_path=str(tmp_path / "missing.gguf"))

    for opening in (plugin.open_runner, plugin.open_vocabulary, plugin.read_shapes):
        with pytest.raises(IntegrityFailed) as refused:
            opening(spec)
        assert str(tmp_path) not in str(refused.value)


def test_a_cache_larger_than_memory_does_not_fit(spec, make_gguf, tmp_path):
    make_gguf(tmp_path / "deep.gguf", layers=32)
    code = (
        "import msgspec, resource, sys\n"
        "from appliance.engines.base import EngineSpec\n"
        "from appliance.engines.llama_cpp.plugin import plugin\n"
        "from appliance.errors import DoesNotFit\n"
        "resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))\n"
        "try:\n"
        "    plugin.open_runner(msgspec.json.decode(sys.argv[1], type=EngineSpec))\n"
        "except DoesNotFit:\n"
        "    sys.exit(6)\n"
    )
    huge = msgspec.structs.replace(
        spec, model_path=str(tmp_path / "deep.gguf"), context_tokens=2**21, kv_tokens=2**21
    )

    ended = subprocess.run([sys.executable, "-c", code, msgspec.json.encode(huge)], check=False)

    assert ended.returncode == 6


def test_options_are_refused(spec):
    with pytest.raises(ConfigInvalid, match="no option 'speed'"):
        plugin.open_runner(msgspec.structs.replace(spec, options={"speed": "more"}))


def test_every_end_token_of_the_file_ends_an_answer(open_any_runner, spec):
    vocabulary = plugin.open_vocabulary(spec)
    ends = {vocabulary.tokenize(text, parse_special=True)[0] for text in ("<|endoftext|>", "<|im_end|>")}

    assert open_any_runner("llama_cpp").end_tokens == ends


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=1.0, top_p=1.0, top_k=1, min_p=0.0, seed=3),
        Sampling(temperature=5.0, top_p=1e-6, top_k=0, min_p=0.0, seed=3),
        Sampling(temperature=5.0, top_p=1.0, top_k=0, min_p=1.0, seed=3),
        Sampling(temperature=1e-6, top_p=1.0, top_k=0, min_p=0.0, seed=3),
    ],
    ids=["top_k", "top_p", "min_p", "temperature"],
)
def test_each_sampling_setting_narrowed_to_one_token_is_greedy(open_any_runner, sampling):
    runner = open_any_runner("llama_cpp")
    runner.prepare(0, GREEDY)
    runner.prepare(1, sampling)

    assert generate(runner, 1, [65, 66, 67], 10) == generate(runner, 0, [65, 66, 67], 10)


def test_logits_are_asked_for_only_where_a_token_is_sampled():
    from appliance.engines.llama_cpp.batch import Batch

    batch = Batch(8)
    batch.fill((Slice(0, [1, 2, 3], 0, True), Slice(1, [4], 7, True)))

    outputs = batch.fill((Slice(2, [5, 6], 4, False), Slice(3, [7, 8, 9], 0, True)))

    native = batch.native
    assert (outputs.indices, outputs.rows, outputs.count) == ([4], [0], 1)
    assert native.n_tokens == 5
    assert native.token[:5] == [5, 6, 7, 8, 9]
    assert native.pos[:5] == [4, 5, 0, 1, 2]
    assert [native.seq_id[index][0] for index in range(5)] == [2, 2, 3, 3, 3]
    assert native.logits[:5] == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("seed", [2**32 - 1, 2**63, 0])
def test_every_seed_repeats(open_any_runner, seed):
    engine = Scheduler(open_any_runner("llama_cpp"))
    sampling = Sampling(temperature=1.0, top_p=1.0, top_k=0, min_p=0.0, seed=seed)

    ids = [run(engine, work(number, max_tokens=20, sampling=sampling))[number, 0].ids for number in (1, 2)]

    assert ids[0] == ids[1]


def test_nothing_is_written_to_stderr(spec):
    code = (
        "import msgspec, sys\n"
        "from appliance.engines.base import EngineSpec, Slice, StepPlan\n"
        "from appliance.engines.llama_cpp.plugin import plugin\n"
        "from appliance.domain.generation import Sampling\n"
        "spec = msgspec.json.decode(sys.argv[1], type=EngineSpec)\n"
        "plugin.open_vocabulary(spec).tokenize('secret', parse_special=True)\n"
        "runner = plugin.open_runner(spec)\n"
        "runner.prepare(0, Sampling(0.5, 1.0, 0, 0.0, 0))\n"
        "runner.forward(StepPlan((Slice(0, [65], 0, True),)))\n"
        "runner.close()\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code, msgspec.json.encode(spec)], capture_output=True, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
