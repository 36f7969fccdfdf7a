"""Sizes are read from the headers of GGUF files of several kinds, written by the reference writer."""

import struct

import gguf
import msgspec
import numpy as np
import pytest

from appliance.engines.llama_cpp.plugin import plugin
from appliance.errors import IntegrityFailed

SIZES = {
    "toy.block_count": 2,
    "toy.embedding_length": 8,
    "toy.attention.head_count": 4,
}
TENSORS = {
    "token_embd.weight": (11, 8),
    "output.weight": (11, 8),
    "blk.0.attn_q.weight": (8, 8),
    "blk.0.attn_norm.weight": (8,),
    "blk.1.ffn_up.weight": (24, 8),
}


@pytest.fixture
def shapes_of(spec, tmp_path):
    """Writes a model of these sizes and tensors, and reads its shapes."""

    def shaping(sizes=(), tensors=(), **options):
        path = tmp_path / "toy.gguf"
        writer = gguf.GGUFWriter(path, "toy", **options)
        for key, value in {**SIZES, **dict(sizes)}.items():
            (writer.add_array if isinstance(value, list) else writer.add_uint32)(key, value)
        writer.add_token_list([f"token {number}" for number in range(11)])
        writer.add_token_scores([0.5] * 5000)
        for name, shape in {**TENSORS, **dict(tensors)}.items():
            writer.add_tensor(name, np.zeros(shape, np.float16))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        first = min(tmp_path.glob("toy*.gguf"))
        return plugin.read_shapes(msgspec.structs.replace(spec, model_path=str(first)))

    return shaping


def test_only_matrices_in_blocks_are_counted(shapes_of):
    assert shapes_of().matrix_weights == 8 * 8 + 24 * 8


def test_heads_share_the_width_where_nothing_else_is_said(shapes_of):
    shapes = shapes_of()

    assert (shapes.layers, shapes.heads, shapes.width, shapes.vocabulary) == (2, 4, 8, 11)
    assert (shapes.key_size, shapes.value_size) == (2, 2)
    assert shapes.window_tokens == ()


def test_head_sizes_are_taken_as_said(shapes_of):
    shapes = shapes_of({"toy.attention.key_length": 6, "toy.attention.value_length": 5})

    assert (shapes.key_size, shapes.value_size) == (6, 5)


def test_heads_that_differ_by_layer_are_averaged_upward(shapes_of):
    assert shapes_of({"toy.attention.head_count": [4, 1]}).heads == 3


def test_experts_count_by_the_share_a_token_uses(shapes_of):
    shapes = shapes_of(
        {"toy.expert_count": 5, "toy.expert_used_count": 2}, {"blk.1.ffn_up_exps.weight": (5, 24, 8)}
    )

    assert shapes.matrix_weights == 8 * 8 + 24 * 8 + 2 * 24 * 8


def test_windows_are_given_by_layer_where_there_is_a_pattern(shapes_of):
    windows = {"toy.attention.sliding_window": 16, "toy.attention.sliding_window_pattern": [True, False]}

    assert shapes_of(windows).window_tokens == (16, 0)


def test_a_window_without_a_pattern_counts_as_full_attention(shapes_of):
    assert shapes_of({"toy.attention.sliding_window": 16}).window_tokens == ()


def test_the_parts_of_a_split_model_are_counted_together(shapes_of, tmp_path):
    assert shapes_of(split_max_tensors=2).matrix_weights == 8 * 8 + 24 * 8
    assert len(list(tmp_path.glob("*.gguf"))) == 3


def test_a_missing_size_is_named(shapes_of):
    with pytest.raises(IntegrityFailed, match="attention heads"):
        shapes_of({"toy.attention.head_count": 0})


@pytest.mark.parametrize("kept", [0, 3, 4, 11, 23, 60, 400, 900])
def test_a_file_that_ends_within_its_header_is_refused(shapes_of, spec, tmp_path, kept):
    shapes_of()
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes((tmp_path / "toy.gguf").read_bytes()[:kept])

    with pytest.raises(IntegrityFailed):
        plugin.read_shapes(msgspec.structs.replace(spec, model_path=str(damaged)))


@pytest.mark.parametrize(
    "header",
    [
        b"GGUF" + struct.pack("<IQQ", 99, 0, 0),
        b"GGUF" + struct.pack("<IQQ", 3, 2**62, 0),
        b"GGUF" + struct.pack("<IQQ", 3, 0, 2**62),
        b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**63),
        b"GGUF" + struct.pack("<IQQQ1sI", 3, 0, 1, 1, b"k", 77) + bytes(16),
        b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 0, 1, 1, b"k", 9, 4, 2**62),
        b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 0, 1, 1, b"k", 9, 8, 2**62),
        b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 0, 1, 1, b"k", 9, 9, 1) + bytes(16),
        b"GGUF" + struct.pack("<IQQQ1sI", 3, 1, 0, 1, b"t", 2**31) + bytes(64),
    ],
    ids=["version", "tensors", "values", "key", "kind", "numbers", "texts", "nested array", "dimensions"],
)
def test_a_hostile_header_is_refused_at_once(spec, tmp_path, header):
    hostile = tmp_path / "hostile.gguf"
    hostile.write_bytes(header)

    with pytest.raises(IntegrityFailed):
        plugin.read_shapes(msgspec.structs.replace(spec, model_path=str(hostile)))
