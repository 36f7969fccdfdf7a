"""The status list: what is packed comes out again, and nothing large does."""

import base64
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import IntegrityFailed
from appliance.federation.protocol.limits import STATUS_LIST_BYTES
from appliance.federation.protocol.status_list import MOST_LEASES, Statuses, pack


@given(st.dictionaries(st.integers(0, 99), st.sampled_from(["valid", "revoked", "suspended"])))
def test_what_is_packed_comes_out_again(statuses):
    found = Statuses.unpack(pack(statuses, 100))
    assert [found.at(n) for n in range(100)] == [statuses.get(n, "valid") for n in range(100)]


def test_the_example_of_the_token_status_list_draft_reads_the_same():
    """Section 4.1 of the draft: two bits a token, deflated."""
    numbers = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
    packed = zlib.compress(bytes.fromhex("c944f9"), 9)
    found = Statuses.unpack(base64.urlsafe_b64encode(packed).rstrip(b"=").decode())
    names = {0: "valid", 1: "revoked", 2: "suspended", 3: None}
    assert [found.at(n) for n in range(12)] == [names[n] for n in numbers]


@pytest.mark.parametrize("index", [-1, 100, 2**31])
def test_an_index_past_the_end_of_the_list_says_nothing(index):
    assert Statuses.unpack(pack({}, 100)).at(index) is None


def test_a_thousand_leases_are_a_few_hundred_bytes():
    assert len(pack(dict.fromkeys(range(0, 1024, 7), "revoked"), 1024)) < 400


def test_the_largest_list_is_taken_and_one_more_byte_is_not():
    assert Statuses.unpack(pack({}, MOST_LEASES)).at(MOST_LEASES - 1) == "valid"
    over = base64.urlsafe_b64encode(zlib.compress(bytes(STATUS_LIST_BYTES + 1))).rstrip(b"=").decode()
    with pytest.raises(IntegrityFailed, match="more than it may"):
        Statuses.unpack(over)
    with pytest.raises(ValueError, match="no such place"):
        pack({}, MOST_LEASES + 1)


def test_a_zip_bomb_is_never_unpacked():
    packing = zlib.compressobj(9)
    packed = b"".join(packing.compress(bytes(2**20)) for _ in range(100)) + packing.flush()
    lst = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    tracemalloc.start()
    with pytest.raises(IntegrityFailed):
        Statuses.unpack(lst)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * STATUS_LIST_BYTES


@pytest.mark.parametrize("lst", ["", "é", "AAAA", "!!!!", pack({}, 100)[:-4], pack({}, 100) + "AAAA"])
def test_a_damaged_list_is_refused(lst):
    with pytest.raises(IntegrityFailed):
        Statuses.unpack(lst)
