"""The quick way of writing canonical JSON is the slow way, byte for byte."""

from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as some

from appliance.errors import BadRequest
from appliance.trust.canonical import canonical

LEAVES = (
    some.none() | some.booleans() | some.text(max_size=8) | some.text('ab\\"/\x7f\x1f\n<é', max_size=6)
    | some.integers(-(2**53) + 1, 2**53 - 1) | some.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
VALUES = some.recursive(
    LEAVES,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=4), inner, max_size=4),
)


class Anything(msgspec.Struct, frozen=True):
    z: Any
    a: Any = None


@given(VALUES, VALUES)
def test_bytes_are_those_of_rfc_8785(one, other):
    assert canonical(Anything(one, other)) == rfc8785.dumps({"a": other, "z": one})


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**64, -(2**70)])
def test_numbers_that_not_every_reader_takes_are_refused(number):
    with pytest.raises(BadRequest):
        canonical(Anything(number))
    with pytest.raises(BadRequest):
        canonical(Anything([{"deep": [number]}]))


@pytest.mark.parametrize("number", [2**53 - 1, -(2**53) + 1])
def test_largest_numbers_are_written_as_they_are(number):
    assert canonical(Anything(number)) == b'{"a":null,"z":%d}' % number
