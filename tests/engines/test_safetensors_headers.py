"""Headers of safetensors files, damaged and hostile, and whatever a generator of bytes comes up with."""

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.engines.base import EngineSpec
from appliance.engines.hf_folder.files import ModelFiles
from appliance.engines.hf_folder.tensor_headers import TYPE_BYTES, read_header
from appliance.errors import IntegrityFailed

NAME = "model.safetensors"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("headers")
    spec = EngineSpec(
        engine="torch",
        model_path=str(folder / "config.json"),
        context_tokens=1,
        kv_tokens=1,
        max_sequences=1,
        files=("config.json", NAME),
    )
    return ModelFiles(spec)


@pytest.fixture
def read(files):
    """Writes a file and reads its header."""

    def reading(header: object, data: bytes = b"", *, length: int | None = None):
        told = header if isinstance(header, bytes) else json.dumps(header).encode()
        begun = (len(told) if length is None else length).to_bytes(8, "little")
        files.path(NAME).write_bytes(begun + told + data)
        return read_header(files, NAME)

    return reading


def entry(start: int, end: int, shape: list[int], dtype: str = "F32") -> dict:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def test_places_count_from_the_end_of_the_header(read):
    found = read({"b": entry(8, 12, []), "a": entry(0, 8, [2, 1])}, bytes(12))

    assert found.entries["a"].shape == (2, 1)
    assert found.entries["b"].data_offsets == (8, 12)
    assert found.data_start == 8 + len(json.dumps({"b": entry(8, 12, []), "a": entry(0, 8, [2, 1])}))


def test_a_file_may_say_something_of_itself(read):
    assert read({"__metadata__": {"format": "pt"}, "a": entry(0, 4, [1])}, bytes(4)).entries.keys() == {"a"}
    assert read(b'{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}   ').entries["a"].shape == (0,)


@pytest.mark.parametrize("dtype", sorted(TYPE_BYTES))
def test_every_type_has_its_size(read, dtype):
    size = TYPE_BYTES[dtype]
    read({"a": entry(0, 3 * size, [3], dtype)}, bytes(3 * size))

    with pytest.raises(IntegrityFailed, match="shape needs"):
        read({"a": entry(0, 3 * size, [2], dtype)}, bytes(3 * size))


@pytest.mark.parametrize(
    ("header", "data", "reason"),
    [
        ({"a": entry(0, 8, [2])}, 7, "truncated"),
        ({"a": entry(0, 8, [2])}, 9, "belong to no tensor"),
        ({"a": entry(0, 8, [2]), "b": entry(4, 12, [2])}, 12, "does not begin"),
        ({"a": entry(0, 8, [2]), "b": entry(0, 8, [2])}, 8, "does not begin"),
        ({"a": entry(0, 8, [2]), "b": entry(12, 16, [1])}, 16, "does not begin"),
        ({"a": entry(4, 8, [1])}, 8, "does not begin"),
        ({"a": entry(8, 0, [2])}, 8, "does not begin"),
        ({"a": entry(0, 8, [2, 2])}, 8, "shape needs"),
        ({"a": entry(0, 8, [2**40, 2**40])}, 8, "shape needs"),
        ({"a": entry(-8, 0, [2])}, 8, "makes no sense"),
        ({"a": entry(0, 8, [-1, -2])}, 8, "makes no sense"),
        ({"a": entry(0, 2**60, [2**58])}, 8, "makes no sense"),
        ({"a": entry(0, 8, [1] * 9)}, 8, "makes no sense"),
        ({"a": entry(0, 8, [2], "F8_E4M3")}, 8, "makes no sense"),
        ({"a": entry(0, 8, [2]) | {"more": 1}}, 8, "makes no sense"),
        ({"a": {"dtype": "F32", "shape": [2]}}, 8, "makes no sense"),
        ({"a": [0, 8]}, 8, "makes no sense"),
        ({"../a": entry(0, 8, [2])}, 8, "name"),
        ({"": entry(0, 8, [2])}, 8, "name"),
        ({"a" * 300: entry(0, 8, [2])}, 8, "name"),
        ({"a\n": entry(0, 8, [2])}, 8, "name"),
        ({"__metadata__": {"a": 1}}, 0, "makes no sense"),
        ([], 0, "makes no sense"),
        (b"{", 0, "makes no sense"),
        (b"\xff{}", 0, "makes no sense"),
        (b'{"a":' * 5000, 0, "makes no sense"),
        (b"", 0, "ends within"),
    ],
)
def test_a_header_that_does_not_fit_its_file_is_refused(read, header, data, reason):
    with pytest.raises(IntegrityFailed, match=reason):
        read(header, bytes(data))


@pytest.mark.parametrize("length", [3, 2**16, 2**24 + 1, 2**40, 2**63, 2**64 - 1])
def test_a_length_that_is_not_the_headers_is_refused_without_reading_so_much(read, length):
    with pytest.raises(IntegrityFailed):
        read({"a": entry(0, 4, [1])}, bytes(4), length=length)


def test_a_header_that_is_too_long_is_not_read_though_it_is_there(files):
    with files.path(NAME).open("wb") as file:
        file.write((2**24 + 1).to_bytes(8, "little") + b"{}".ljust(2**24 + 1))

    with pytest.raises(IntegrityFailed, match="would have"):
        read_header(files, NAME)


def test_a_name_that_comes_twice_leaves_bytes_that_belong_to_none(read):
    twice = b'{"a":%b,"a":%b}' % tuple(
        json.dumps(one).encode() for one in (entry(0, 4, [1]), entry(4, 8, [1]))
    )

    with pytest.raises(IntegrityFailed):
        read(twice, bytes(8))


@pytest.mark.parametrize("size", range(9))
def test_a_file_that_ends_at_once_is_refused(files, size):
    files.path(NAME).write_bytes(b"\x02\0\0\0\0\0\0\0{}"[:size])

    with pytest.raises(IntegrityFailed):
        read_header(files, NAME)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
entries = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from([*TYPE_BYTES, "F8"]) | json_values,
        "shape": st.lists(st.integers(-1, 2**70), max_size=9) | json_values,
        "data_offsets": st.lists(st.integers(-1, 2**70), min_size=2, max_size=2) | json_values,
    }
)
headers = st.dictionaries(
    st.sampled_from(["a", "b", "__metadata__", "x y"]), entries | json_values, max_size=4
)
quickly = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.slow
@quickly
@given(header=headers, data=st.binary(max_size=32))
def test_no_header_has_another_end_than_a_refusal(read, header, data):
    with suppress(IntegrityFailed):
        read(header, data)


@quickly
@given(
    header=st.binary(max_size=64), data=st.binary(max_size=16), length=st.none() | st.integers(0, 2**64 - 1)
)
def test_nor_has_any_other_content(read, header, data, length):
    with suppress(IntegrityFailed):
        read(header, data, length=length)
