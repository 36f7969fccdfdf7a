"""What our reader of GGUF accepts, the reference reader reads alike; the rest is refused with a reason."""

import math
import struct
import warnings
from pathlib import Path

import gguf
import numpy as np
import pytest
from gguf.constants import GGML_QUANT_SIZES

from appliance.engines.llama_cpp.gguf_header import GgufHeader, read_header
from appliance.engines.llama_cpp.gguf_tensors import BLOCKS
from appliance.errors import IntegrityFailed
from tests.weights.hostile import mutants
from tests.weights.hostile.gguf import MUTATIONS, places

QUANTIZED = gguf.GGMLQuantizationType.Q8_0


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "original.gguf"
    writer = gguf.GGUFWriter(path, "toy")
    writer.add_uint32("toy.block_count", 2)
    writer.add_float32("toy.scale", 0.5)
    writer.add_bool("toy.yes", val=True)
    writer.add_int64("toy.low", -(2**40))
    writer.add_array("toy.heads", [4, 2])
    writer.add_token_list([f"token {number}" for number in range(11)])
    writer.add_chat_template("{{ messages }} ü")
    writer.add_tensor("token_embd.weight", np.arange(88, dtype=np.float16).reshape(11, 8))
    writer.add_tensor("blk.0.attn_norm.weight", np.zeros(7, np.float32))
    quantized = gguf.quants.quantize(np.ones((3, 64), np.float32), QUANTIZED)
    writer.add_tensor("blk.0.attn_q.weight", quantized, raw_dtype=QUANTIZED)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def assert_read_alike(path: Path, ours: GgufHeader) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numpy, about values that a mutation made huge
        theirs = gguf.GGUFReader(path)
        values = {key: field.contents() for key, field in theirs.fields.items()}
    for key, value in ours.values.items():
        assert values[key] == value or (isinstance(value, float) and math.isnan(value)), key
    assert [one.name for one in theirs.tensors] == list(ours.tensors)
    start = theirs.data_offset
    for theirs_one, ours_one in zip(theirs.tensors, ours.tensors.values(), strict=True):
        assert tuple(int(one) for one in theirs_one.shape) == ours_one.dimensions
        assert int(theirs_one.tensor_type) == ours_one.kind
        assert (theirs_one.data_offset - start, theirs_one.n_bytes) == (ours_one.offset, ours_one.size_bytes)


def test_types_have_the_sizes_that_the_reference_gives_them() -> None:
    reference = {int(kind): sizes for kind, sizes in GGML_QUANT_SIZES.items()}
    assert {kind: reference[kind] for kind in BLOCKS} == dict(BLOCKS)


def test_both_read_a_file_alike(original: Path) -> None:
    header = read_header(original)
    assert header.values["tokenizer.chat_template"] == "{{ messages }} ü"
    assert header.values["toy.low"] == -(2**40)
    assert_read_alike(original, header)


def test_whatever_is_accepted_of_mutated_files_is_read_alike(original: Path, tmp_path: Path) -> None:
    accepted, path = 0, tmp_path / "mutant.gguf"
    for mutant in mutants(original.read_bytes(), MUTATIONS, 360):
        path.write_bytes(mutant.contents)
        try:
            header = read_header(path)
        except IntegrityFailed:
            continue
        accepted += 1
        assert_read_alike(path, header)
    assert 20 < accepted < 80


def changed(original: Path, at: int, form: str, number: int) -> Path:
    contents = bytearray(original.read_bytes())
    struct.pack_into(form, contents, at, number)
    original.write_bytes(contents)
    return original


@pytest.mark.parametrize(
    ("field", "number", "reason"),
    [
        ("offsets", 32, "begin where the one before it ends"),
        ("offsets", 2**63, "begin where the one before it ends"),
        ("types", 4, "type that Carrel does not know"),
        ("sizes", 2**62, "size that no model has"),
        ("ranks", 5, "too many dimensions"),
        ("lengths", 2**60, "more than any model has"),
    ],
)
def test_a_field_that_does_not_hold_together_is_the_reason(
    original: Path, field: str, number: int, reason: str
) -> None:
    at = getattr(places(original.read_bytes()), field)[0]
    form = "<I" if field in {"types", "ranks"} else "<Q"
    with pytest.raises(IntegrityFailed, match=reason):
        read_header(changed(original, at, form, number))


def test_two_tensors_of_one_name_are_refused(original: Path) -> None:
    contents = original.read_bytes()
    at = contents.index(b"blk.0.attn_norm.weight") - 8
    rest = contents[at + 8 + len(b"blk.0.attn_norm.weight") :]
    same = b"token_embd.weight"
    original.write_bytes(contents[:at] + struct.pack("<Q", len(same)) + same + rest)
    with pytest.raises(IntegrityFailed, match="two tensors of one name"):
        read_header(original)


def test_a_value_that_is_said_twice_is_refused(original: Path) -> None:
    contents = original.read_bytes()
    original.write_bytes(contents.replace(b"toy.yes", b"toy.low"))
    with pytest.raises(IntegrityFailed, match="twice"):
        read_header(original)


@pytest.mark.parametrize("alignment", [0, 3, 2**31])
def test_an_alignment_that_is_none_is_refused(original: Path, alignment: int) -> None:
    contents = original.read_bytes()
    key = b"toy.block_count"
    at = contents.index(key)
    longer = struct.pack("<Q", 17) + b"general.alignment" + struct.pack("<II", 4, alignment)
    rest = contents[at + len(key) + 8 :]
    original.write_bytes(contents[: at - 8] + longer + rest)
    with pytest.raises(IntegrityFailed, match="power of two"):
        read_header(original)


def test_bytes_behind_the_last_tensor_are_refused(original: Path) -> None:
    original.write_bytes(original.read_bytes() + bytes(64))
    with pytest.raises(IntegrityFailed, match="64 bytes at its end"):
        read_header(original)


def test_a_link_is_refused(original: Path, tmp_path: Path) -> None:
    (tmp_path / "link.gguf").symlink_to(original)
    with pytest.raises(IntegrityFailed, match="cannot be read"):
        read_header(tmp_path / "link.gguf")
