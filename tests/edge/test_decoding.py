"""JSON is checked before it is decoded, and what is wrong is said without quoting it."""

import contextlib
import json
import time
from typing import Annotated, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from appliance.edge.decoding import MAX_BRACKETS, MAX_DEPTH, check_json, decode_json, nested_too_deep
from appliance.errors import BadRequest


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    kind: Literal["a", "b"]
    size: Annotated[int, Meta(ge=1, le=9)] = 1


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=3)]
    inner: Annotated[list[Inner], Meta(max_length=2)] = []
    ratio: Annotated[float, Meta(gt=0, le=1)] | None = None


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        (b"{}", "name", "`name` is missing."),
        (b'{"name":5}', "name", "`name` must be a text, not a whole number."),
        (b'{"name":""}', "name", "`name` must have at least 1 characters."),
        (b'{"name":"abcd"}', "name", "`name` must have at most 3 characters."),
        (b'{"name":"a","other":1}', "other", "There is no field `other`."),
        (b'{"name":"a","inner":[{"kind":"a"},{}]}', "inner[1].kind", "`inner[1].kind` is missing."),
        (
            b'{"name":"a","inner":[{"kind":"SECRET"}]}',
            "inner[0].kind",
            "`inner[0].kind` has a value that is not",
        ),
        (b'{"name":"a","inner":[{"kind":"a","x":1}]}', "inner[0].x", "There is no field `inner[0].x`."),
        (b'{"name":"a","inner":[{"kind":"a","size":10}]}', "inner[0].size", "must be at most 9."),
        (b'{"name":"a","inner":{}}', "inner", "`inner` must be a list, not an object."),
        (
            b'{"name":"a","inner":[{"kind":"a"},{"kind":"a"},{"kind":"a"}]}',
            "inner",
            "must have at most 2 entries.",
        ),
        (b'{"name":"a","ratio":0}', "ratio", "`ratio` must be more than 0."),
        (b'{"name":"a","ratio":"x"}', "ratio", "`ratio` must be a number or null, not a text."),
        (b'{"name":"a","ratio":1e999}', "ratio", "`ratio` is out of range."),
        (b"[]", None, "The body must be an object, not a list."),
        (b'{"name":nope}', None, "The body is not valid JSON: look at byte 12."),
        (b'{"name":"a"', None, "The body is not valid JSON: it ends too early"),
    ],
)
def test_wrong_value_is_named_by_its_path(body, param, message):
    with pytest.raises(BadRequest) as wrong:
        decode_json(body, Outer)
    assert wrong.value.param == param
    assert message in wrong.value.message
    assert "SECRET" not in wrong.value.message


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=4))
def test_no_message_quotes_a_value_or_a_strange_name(fields):
    body = json.dumps({**fields, "inner": "SECRETVALUE"}).encode()
    with pytest.raises(BadRequest) as wrong:
        decode_json(body, Outer)
    assert "SECRETVALUE" not in wrong.value.message
    assert wrong.value.message.isascii()
    assert wrong.value.message.isprintable()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(json_values, st.booleans())
def test_every_ordinary_document_passes(value, ascii_only):
    if "\x00" in json.dumps(value, ensure_ascii=False) or "\\u0000" in json.dumps(value):
        return
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    check_json(body)
    assert decode_json(body, object) == value


@pytest.mark.parametrize("pair", ["[]", "{}"])
def test_depth_is_counted_outside_strings_only(pair):
    opening, closing = (b"[", b"]") if pair == "[]" else (b'{"[{":', b"}")
    for depth, too_deep in ((MAX_DEPTH, False), (MAX_DEPTH + 1, True)):
        assert nested_too_deep(opening * depth + b'"[[{\\"{["' + closing * depth) is too_deep


@pytest.mark.parametrize(("count", "too_many"), [(MAX_BRACKETS, False), (MAX_BRACKETS + 2, True)])
def test_brackets_are_bounded_in_number_too(count, too_many):
    assert nested_too_deep(b"[]" * (count // 2)) is too_many


@given(st.text(alphabet='[]{}"\\a', max_size=60))
def test_depth_check_agrees_with_counting_on_any_valid_document(text):
    try:
        json.loads(text)
    except ValueError:
        return
    assert not nested_too_deep(text.encode())


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 2**20, b"[]" * 2**19, b"[" * 2**19 + b"]" * 2**19, (b"[" * 64 + b"]" * 64) * 2**13,
        b'"' * 2**20,
        b'\\"' * 2**19, b'"' + b'\\"' * 2**19, b"\\" * 2**20, b'"' + b"\\" * 2**20, b"\\u0000" * 170_000,
        b"\\\\" * 2**18 + b"\\u0000", (b"[{" + b"}]") * 2**18, b"]" * 2**20,
    ],
    ids=range(13),
)  # fmt: skip
def test_no_body_of_a_mebibyte_takes_long_to_check(body):
    began = time.thread_time()
    with contextlib.suppress(BadRequest):
        check_json(body)
    assert time.thread_time() - began < 0.5


@pytest.mark.parametrize(
    ("body", "holds_nul"),
    [
        (b'"\\u0000"', True), (b'"\\\\u0000"', False), (b'"\\\\\\u0000"', True), (b'"\\\\\\\\u0000"', False),
        (b'"u0000"', False), (b'"a\\u0000b"', True), (b'"\\n\\u0000"', True), (b'"\\u00001"', True),
    ],
)  # fmt: skip
def test_nul_is_found_where_it_is_one(body, holds_nul):
    if holds_nul:
        with pytest.raises(BadRequest, match="NUL"):
            check_json(body)
    else:
        check_json(body)
