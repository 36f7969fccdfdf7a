"""What can be done to a GGUF file. Its fields are found by a reader that trusts the original."""

import random
import struct
from dataclasses import dataclass, field
from functools import lru_cache

from tests.weights.hostile import Mutation, appended, flipped, huge, replaced, truncated

_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}


@dataclass
class Places:
    """Where numbers of the header stand: of 8 bytes, but for kinds and counts of dimensions, of 4."""

    lengths: list[int] = field(default_factory=list)
    arrays: list[int] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    types: list[int] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    end: int = 0


@lru_cache(maxsize=4)
def places(original: bytes) -> Places:
    found, at = Places(), 24
    tensors, values = struct.unpack_from("<QQ", original, 8)

    def number(form: str, note: list[int]) -> int:
        nonlocal at
        note.append(at)
        value = struct.unpack_from(form, original, at)[0]
        at += struct.calcsize(form)
        return value

    def text() -> None:
        nonlocal at
        length = number("<Q", found.lengths)
        at += length

    def value(kind: int) -> None:
        nonlocal at
        if kind == 8:
            text()
        elif kind == 9:
            inner, count = number("<I", found.kinds), number("<Q", found.arrays)
            for _ in range(count):
                value(inner)
        else:
            at += _SIZES[kind]

    for _ in range(values):
        text()
        value(number("<I", found.kinds))
    for _ in range(tensors):
        text()
        for _ in range(number("<I", found.ranks)):
            number("<Q", found.sizes)
        number("<I", found.types)
        number("<Q", found.offsets)
    found.end = at
    return found


def _bits_of_header(original: bytes, dice: random.Random) -> bytes:
    return flipped(original, dice, 0, places(original).end)


def _bits_of_weights(original: bytes, dice: random.Random) -> bytes:
    return flipped(original, dice, places(original).end + 32, len(original))


def _long(original: bytes, dice: random.Random, where: list[int]) -> bytes:
    return replaced(original, dice.choice(where), struct.pack("<Q", huge(dice)))


def _short(original: bytes, dice: random.Random, where: list[int]) -> bytes:
    return replaced(
        original, dice.choice(where), struct.pack("<I", dice.choice([dice.getrandbits(32), 99, 9]))
    )


def _two_in_one_place(original: bytes, dice: random.Random) -> bytes:
    one, other = dice.sample(places(original).offsets, 2)
    return replaced(original, one, original[other : other + 8])


def _moved(original: bytes, dice: random.Random) -> bytes:
    at = dice.choice(places(original).offsets)
    offset = struct.unpack_from("<Q", original, at)[0]
    return replaced(original, at, struct.pack("<Q", (offset + dice.choice([-32, 1, 32, 4096])) % 2**64))


def _smaller_or_larger(original: bytes, dice: random.Random) -> bytes:
    at = dice.choice(places(original).sizes)
    size = struct.unpack_from("<Q", original, at)[0]
    return replaced(original, at, struct.pack("<Q", max(0, size + dice.choice([-32, -1, 1, 32]))))


MUTATIONS: dict[str, Mutation] = {
    "truncated": truncated,
    "bytes behind its end": appended,
    "bits of the header": _bits_of_header,
    "bits of the weights": _bits_of_weights,
    "another magic": lambda original, dice: replaced(original, 0, dice.randbytes(4)),
    "another version": lambda original, dice: replaced(original, 4, struct.pack("<I", dice.getrandbits(32))),
    "huge count of tensors": lambda original, dice: replaced(original, 8, struct.pack("<Q", huge(dice))),
    "huge count of values": lambda original, dice: replaced(original, 16, struct.pack("<Q", huge(dice))),
    "huge key or text": lambda original, dice: _long(original, dice, places(original).lengths),
    "huge array": lambda original, dice: _long(original, dice, places(original).arrays),
    "another kind of value": lambda original, dice: _short(original, dice, places(original).kinds),
    "another count of dimensions": lambda original, dice: _short(original, dice, places(original).ranks),
    "huge dimension": lambda original, dice: _long(original, dice, places(original).sizes),
    "another dimension": _smaller_or_larger,
    "another type of tensor": lambda original, dice: _short(original, dice, places(original).types),
    "tensor outside of the file": lambda original, dice: _long(original, dice, places(original).offsets),
    "tensor moved": _moved,
    "tensors one over another": _two_in_one_place,
}
