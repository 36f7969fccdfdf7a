"""Tree hash, inclusion proof and its check, as RFC 9162 (section 2.1) has them. SHA-256, in hex."""

import hashlib
from collections.abc import Iterator, Sequence


def leaf_hash(data: bytes) -> str:
    """Of one entry."""
    return hashlib.sha256(b"\x00" + data).hexdigest()


def root_of(leaves: Sequence[str]) -> str:
    """Of hashes of entries; of no entries, the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    return _levels(leaves)[-1][0]


def proof_of(leaves: Sequence[str], index: int) -> tuple[str, ...]:
    """The neighbors on the way from the entry at ``index`` to the root. Raises ``IndexError``."""
    if not 0 <= index < len(leaves):
        raise IndexError("There is no such leaf.")
    found = []
    for level in _levels(leaves)[:-1]:
        if index ^ 1 < len(level):
            found.append(level[index ^ 1])
        index //= 2
    return tuple(found)


def is_included(*, leaf: str, index: int, size: int, proof: Sequence[str], root: str) -> bool:
    """Whether the entry with hash ``leaf`` is at ``index`` of the tree of ``size`` entries (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    last = size - 1
    for neighbor in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            leaf = _node(neighbor, leaf)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            leaf = _node(leaf, neighbor)
        index, last = index >> 1, last >> 1
    return last == 0 and leaf == root


def _levels(leaves: Sequence[str]) -> list[Sequence[str]]:
    """From the leaves to the root; one without a neighbor moves up as it is."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        levels.append(list(_above(levels[-1])))
    return levels


def _above(level: Sequence[str]) -> Iterator[str]:
    for index in range(0, len(level) - 1, 2):
        yield _node(level[index], level[index + 1])
    if len(level) % 2:
        yield level[-1]


def _node(left: str, right: str) -> str:
    return hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()
