"""Damaged and hostile copies of a model's file, the same ones for the same seed."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Mutation = Callable[[bytes, random.Random], bytes]


@dataclass(frozen=True)
class Mutant:
    number: int
    mutation: str
    contents: bytes


def mutants(
    original: bytes, mutations: Mapping[str, Mutation], count: int, seed: int = 6
) -> Iterator[Mutant]:
    """``count`` files, each mutation as often as the others; none is the original."""
    names = list(mutations)
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")
        name = names[number % len(names)]
        contents = original
        while contents == original:
            contents = mutations[name](original, dice)
        yield Mutant(number, name, contents)


def truncated(original: bytes, dice: random.Random) -> bytes:
    return original[: dice.randrange(len(original))]


def appended(original: bytes, dice: random.Random) -> bytes:
    return original + dice.randbytes(dice.randint(1, 8192))


def flipped(original: bytes, dice: random.Random, start: int, end: int) -> bytes:
    """One to eight bits of that part are others."""
    changed = bytearray(original)
    for _ in range(dice.randint(1, 8)):
        changed[dice.randrange(start, end)] ^= 1 << dice.randrange(8)
    return bytes(changed)


def replaced(original: bytes, at: int, new: bytes) -> bytes:
    return original[:at] + new + original[at + len(new) :]


def huge(dice: random.Random, least_bits: int = 16) -> int:
    """Of 64 bits, and over what there can be."""
    return min(2**64 - 1, 2 ** dice.randint(least_bits, 64) + dice.randint(-9, 9))
