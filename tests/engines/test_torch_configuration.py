"""A configuration that the engine does not run as it is meant is refused with the reason."""

import pytest

from appliance.errors import IntegrityFailed
from tests.engines.torch_folders import Copy


@pytest.fixture
def folder(tiny_torch, tmp_path) -> Copy:
    """A tiny Llama that may be damaged."""
    return Copy.of(tiny_torch(), tmp_path / "model")


def refused(folder: Copy) -> str:
    with pytest.raises(IntegrityFailed) as caught:
        folder.read()
    assert str(folder.path) not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"auto_map": {"AutoModel": "modeling.Evil"}}, "code of the model's own"),
        ({"quantization_config": {"quant_method": "gptq"}}, "quantized"),
        ({"model_type": "falcon"}, "'falcon'"),
        ({"model_type": "l\x1b[31m" * 3}, "without a name"),
        ({"model_type": None}, "without a name"),
        ({"architectures": ["LlamaForSequenceClassification"]}, "LlamaForSequenceClassification"),
        ({"architectures": ["BertModel"]}, "BertModel"),
        ({"num_key_value_heads": 3}, "3 key heads do not divide 4"),
        ({"num_attention_heads": 5, "num_key_value_heads": 5}, "5 heads do not divide"),
        ({"head_dim": 15}, "rotary"),
        ({"hidden_size": None}, "hidden_size"),
        ({"hidden_size": 2**40}, "hidden_size"),
        ({"num_hidden_layers": 10**6}, "num_hidden_layers"),
        ({"num_hidden_layers": -1}, "num_hidden_layers"),
        ({"num_hidden_layers": 2.5}, "num_hidden_layers"),
        ({"vocab_size": "263"}, "vocab_size"),
        ({"hidden_act": "xielu"}, "hidden_act"),
        ({"rms_norm_eps": 0}, "rms_norm_eps"),
        ({"rope_scaling": {"rope_type": "dynamic", "factor": 2.0}}, "rope_scaling"),
        ({"rope_scaling": {"rope_type": "longrope"}}, "rope_scaling"),
        ({"rope_scaling": {"type": "linear"}}, "linear need factor"),
        ({"rope_scaling": {"rope_type": "llama3", "factor": 8.0}}, "llama3 need low_freq_factor"),
        (
            {"rope_parameters": {"full_attention": {"rope_type": "default"}, "rope_type": "proportional"}},
            "rope",
        ),
        ({"rope_scaling": {"factor": 2.0}, "rope_parameters": {"rope_theta": 5.0}}, "differ"),
        ({"partial_rotary_factor": 0.5}, "partial_rotary_factor"),
        ({"pruned_heads": {"0": [1]}}, "pruned_heads"),
        ({"eos_token_id": [0] * 100}, "eos_token_id"),
    ],
)
def test_a_configuration_that_is_not_run_is_refused_with_the_reason(folder, fields, reason):
    folder.change("config.json", **fields)

    assert reason in refused(folder)


@pytest.mark.parametrize(
    ("family", "fields", "reason"),
    [
        ("bloom", {"n_embed": 32}, "hidden_size twice"),
        ("bloom", {"n_head": None}, "no n_head"),
        ("bloom", {"n_head": 7}, "7 heads"),
        ("opt", {"layer_norm_elementwise_affine": False}, "layer_norm_elementwise_affine"),
        ("gpt_neox", {"rotary_pct": 0.1}, "rotary"),
        ("mistral", {"layer_types": ["sliding_attention"] * 2}, "layer_types"),
        ("qwen2", {"layer_types": ["full_attention"]}, "every layer"),
        ("qwen2", {"layer_types": ["sliding_attention"] * 2}, "there is none"),
        ("qwen3", {"layer_types": ["chunked_attention"] * 2}, "layer_types"),
        ("bert", {"position_embedding_type": "relative_key"}, "position_embedding_type"),
        ("bert", {"is_decoder": True}, "is_decoder"),
        ("bert", {"add_cross_attention": True}, "add_cross_attention"),
    ],
)
def test_so_is_one_of_another_family(tiny_torch, tmp_path, family, fields, reason):
    folder = Copy.of(tiny_torch(family), tmp_path / "model")
    folder.change("config.json", **fields)

    assert reason in refused(folder)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b'"text"', b"\xff\xfe{}", b"[" * 100_000, b'{"model_type": ' * 100_000, b" " * 2**21],
    ids=["empty", "array", "open", "text", "no UTF-8", "deep arrays", "deep objects", "long"],
)
def test_a_configuration_that_is_no_object_is_refused(folder, content):
    (folder.path / "config.json").write_bytes(content)

    refused(folder)


@pytest.mark.parametrize("family", ["opt", "llama", "bloom"])
def test_a_context_behind_the_end_of_a_table_of_positions_is_refused(tiny_torch, tmp_path, family):
    folder = Copy.of(tiny_torch(family), tmp_path / "model")
    folder.read(context_tokens=4096)

    if family == "opt":
        with pytest.raises(IntegrityFailed, match="4096 positions"):
            folder.read(context_tokens=4097)
    else:
        folder.read(context_tokens=4097)
