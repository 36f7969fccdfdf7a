"""The tree against a naive version by the book (RFC 9162, 2.1.1), and proofs of every leaf."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.federation.protocol.merkle import is_included, leaf_hash, proof_of, root_of

ENTRIES = st.lists(st.binary(max_size=8), max_size=40)


def naive(entries: list[bytes]) -> bytes:
    """MTH of the RFC, word by word."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + naive(entries[:split]) + naive(entries[split:])).digest()


def naive_path(index: int, entries: list[bytes]) -> list[bytes]:
    """PATH of the RFC."""
    if len(entries) == 1:
        return []
    split = 1
    while split * 2 < len(entries):
        split *= 2
    if index < split:
        return [*naive_path(index, entries[:split]), naive(entries[split:])]
    return [*naive_path(index - split, entries[split:]), naive(entries[:split])]


@given(ENTRIES)
def test_the_root_is_the_naive_one(entries):
    assert root_of([leaf_hash(one) for one in entries]) == naive(entries).hex()


@given(ENTRIES.filter(bool), st.data())
def test_a_proof_is_the_naive_path_and_shows_its_leaf_alone(entries, data):
    leaves = [leaf_hash(one) for one in entries]
    index = data.draw(st.integers(0, len(entries) - 1))
    proof, root, size = proof_of(leaves, index), root_of(leaves), len(leaves)
    assert list(proof) == [one.hex() for one in naive_path(index, entries)]
    assert is_included(leaf=leaves[index], index=index, size=size, proof=proof, root=root)
    assert not is_included(leaf=leaf_hash(b"made up"), index=index, size=size, proof=proof, root=root)
    assert not is_included(leaf=leaves[index], index=index, size=size, proof=(*proof, root), root=root)
    assert not is_included(leaf=leaves[index], index=size, size=size, proof=proof, root=root)
    if proof:
        assert not is_included(leaf=leaves[index], index=index, size=size, proof=proof[:-1], root=root)


@given(st.integers(2, 40), st.data())
def test_a_proof_shows_no_leaf_in_another_place(size, data):
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    index, other = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))
    proof, root = proof_of(leaves, index), root_of(leaves)
    assert not is_included(leaf=leaves[index], index=other, size=size, proof=proof, root=root)


def test_there_is_no_proof_of_a_leaf_that_is_not_there():
    with pytest.raises(IndexError):
        proof_of([leaf_hash(b"")], 1)
