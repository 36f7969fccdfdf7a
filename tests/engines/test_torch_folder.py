"""A folder is read into sizes and places, whatever of the usual forms its files have."""

from dataclasses import replace
from math import prod

import numpy as np
import pytest

from appliance.engines.hf_folder.families import FAMILIES
from appliance.engines.hf_folder.shapes import shapes_of
from tests.engines.torch_folders import Copy

GENERATING = sorted(set(FAMILIES) - {"bert"})


@pytest.fixture
def copy(tiny_torch, tmp_path):
    """A copy of a tiny folder, by family."""
    return lambda family="llama", **options: Copy.of(tiny_torch(family, **options), tmp_path / "model")


def numbers(place) -> np.ndarray:
    with place.file.open("rb") as file:
        file.seek(place.start)
        return np.frombuffer(file.read(place.end - place.start), np.float32).reshape(place.shape)


def test_sizes_are_those_of_the_configuration(copy):
    found = copy().read().architecture

    assert (found.family, found.layers, found.width, found.inner_width) == ("llama", 2, 64, 128)
    assert (found.heads, found.kv_heads, found.head_size, found.vocabulary) == (4, 2, 16, 263)
    assert (found.context_tokens, found.tied, found.encoder) == (4096, False, False)
    assert (found.bos_tokens, found.window_tokens) == ((260,), ())


@pytest.mark.parametrize(
    ("family", "seen"),
    [
        ("bloom", {"context_tokens": 0, "tied": True, "inner_width": 256, "kv_heads": 4}),
        ("opt", {"context_tokens": 4096, "tied": True}),
        ("qwen3", {"head_size": 32, "tied": False}),
        ("gpt_neox", {"tied": False, "kv_heads": 4}),
    ],
)
def test_each_family_has_its_own_words_for_them(copy, family, seen):
    found = copy(family).read().architecture

    assert {name: getattr(found, name) for name in seen} == seen
    assert found.family == family


def test_an_encoder_says_so_and_needs_no_ends(copy):
    one = copy("bert")
    one.pooling = "mean"

    found = one.read().architecture

    assert found.encoder
    assert found.eos_tokens == ()


def test_the_ends_of_the_generation_file_count_where_it_is_named(copy):
    one = copy()
    assert one.read().architecture.eos_tokens == (262, 260)

    one.files = tuple(name for name in one.files if name != "generation_config.json")
    assert one.read().architecture.eos_tokens == (262,)


def test_a_generation_file_without_ends_leaves_those_of_the_configuration(copy):
    one = copy()
    one.write("generation_config.json", {"temperature": 0.6})

    assert one.read().architecture.eos_tokens == (262,)


def test_no_beginning_and_a_negative_one_are_none(copy):
    one = copy()
    one.change("config.json", bos_token_id=-1)
    assert one.read().architecture.bos_tokens == ()

    one.change("config.json", bos_token_id=None)
    assert one.read().architecture.bos_tokens == ()


def test_two_files_and_an_index_are_the_same_model(copy, make_safetensors, tmp_path):
    whole = copy("opt").read()
    files = make_safetensors(tmp_path / "sharded", family="opt", sharded=True)
    sharded = Copy(tmp_path / "sharded", files).read()

    assert {place.file.name for place in sharded.tensors.values()} == set(files[-2:])
    assert whole.tensors.keys() == sharded.tensors.keys()
    for name, place in whole.tensors.items():
        assert (numbers(place) == numbers(sharded.tensors[name])).all(), name


def test_two_files_need_no_index(copy, make_safetensors, tmp_path):
    files = make_safetensors(tmp_path / "sharded", sharded=True)
    without = tuple(name for name in files if not name.endswith("index.json"))

    assert len(Copy(tmp_path / "sharded", without).read().tensors) == len(copy().read().tensors)


@pytest.mark.parametrize(
    ("family", "written"),
    [
        ("bloom", lambda name: name.removeprefix("transformer.")),
        ("opt", lambda name: name.removeprefix("model.")),
        ("opt", lambda name: name.removeprefix("model.decoder.")),
        ("gpt_neox", lambda name: "embed_out.weight" if name == "lm_head.weight" else name),
        ("llama", lambda name: name.removeprefix("model.")),
    ],
)
def test_names_in_files_may_lack_what_the_module_puts_before_them(copy, family, written):
    one = copy(family)
    before = one.read().tensors

    one.rename(written)

    after = one.read().tensors
    assert {name: place.shape for name, place in before.items()} == {
        name: place.shape for name, place in after.items()
    }
    assert all(name.startswith(FAMILIES[family].prefix) or name == "lm_head.weight" for name in after)


def test_names_of_the_first_bert_are_understood(copy):
    one = copy("bert")
    one.pooling = "mean"
    before = set(one.read().tensors)

    def former(name: str) -> str:
        name = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        return name if name.startswith("__") else f"bert.{name}"

    one.rename(former)
    one.add("bert.pooler.dense.weight", [32, 32])
    one.add("cls.predictions.bias", [81])

    assert set(one.read().tensors) == before


@pytest.mark.parametrize(
    ("family", "name", "dtype", "size"),
    [
        ("llama", "model.layers.0.self_attn.rotary_emb.inv_freq", "F32", 4),
        ("gpt_neox", "gpt_neox.layers.1.attention.masked_bias", "F32", 4),
        ("gpt_neox", "gpt_neox.layers.1.attention.bias", "U8", 1),
        ("opt", "lm_head.weight", "F32", 4),
        ("bloom", "lm_head.weight", "I64", 8),
    ],
)
def test_buffers_and_a_tied_output_are_left_out(copy, family, name, dtype, size):
    one = copy(family)
    before = set(one.read().tensors)

    one.add(name, [4, 4], dtype, size)

    assert set(one.read().tensors) == before


def test_vectors_need_no_output_matrix(copy):
    one = copy()
    one.pooling = "mean"
    assert "lm_head.weight" not in one.read().tensors

    one.leave_out("lm_head.weight")
    assert len(one.read().tensors) == 20


def test_variants_of_opt_have_the_tensors_that_they_need(copy):
    changes = {"word_embed_proj_dim": 32, "do_layer_norm_before": False}
    found = copy("opt", changes=tuple(changes.items())).read().tensors

    assert found["model.decoder.project_in.weight"].shape == (64, 32)
    assert found["model.decoder.project_out.weight"].shape == (32, 64)
    assert "model.decoder.final_layer_norm.weight" not in found


def test_bloom_under_its_former_names_is_the_same(copy):
    one = copy("bloom")
    expected = one.read().architecture
    one.change("config.json", hidden_size=None, n_head=None, n_layer=None, n_embed=64, num_attention_heads=4)
    one.change("config.json", num_hidden_layers=2)

    assert one.read().architecture == expected


@pytest.mark.parametrize("family", GENERATING)
def test_weights_of_the_layers_are_counted_exactly(copy, family):
    folder = copy(family).read()

    counted = sum(
        prod(place.shape)
        for name, place in folder.tensors.items()
        if name.startswith(FAMILIES[family].block) and len(place.shape) == 2
    )

    assert shapes_of(folder.architecture).matrix_weights == counted


def test_shapes_are_those_of_the_same_model_as_gguf(copy, spec):
    from appliance.engines.llama_cpp.plugin import plugin

    found = shapes_of(copy().read().architecture)

    assert replace(found, other_weights=0) == plugin.read_shapes(spec)


@pytest.mark.parametrize("family", ["bert", "llama"])
def test_only_encoders_look_ahead(copy, family):
    assert shapes_of(copy(family).read().architecture).looks_ahead == (family == "bert")


def test_windows_are_given_by_layer(copy):
    one = copy("qwen2")
    one.change("config.json", use_sliding_window=True, sliding_window=16, max_window_layers=1)
    assert one.read().architecture.window_tokens == (0, 16)

    one.change("config.json", layer_types=["sliding_attention", "full_attention"])
    assert one.read().architecture.window_tokens == (16, 0)

    one.change("config.json", use_sliding_window=False, layer_types=None)
    assert one.read().architecture.window_tokens == ()


def test_a_mistral_has_one_window_for_all_layers(copy):
    one = copy("mistral")
    one.change("config.json", sliding_window=32)
    assert one.read().architecture.window_tokens == (32, 32)

    one.change("config.json", sliding_window=None)
    # What transformers takes where a file is silent.
    assert one.read().architecture.window_tokens == (4096, 4096)


def test_what_is_not_known_of_a_configuration_goes_no_further(copy):
    one = copy()
    one.change("config.json", _attn_implementation="someone/kernels", use_cache=False, hidden_dropout=0.5)

    assert not {"_attn_implementation", "use_cache", "hidden_dropout"} & one.read().settings.keys()
