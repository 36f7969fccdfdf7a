"""What can be done to a safetensors file."""

import json
import random
from collections.abc import Callable

from tests.weights.hostile import Mutation, appended, flipped, huge, replaced, truncated

Header = dict[str, dict]


def _end(original: bytes) -> int:
    return 8 + int.from_bytes(original[:8], "little")


def _rewritten(original: bytes, header: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header + original[_end(original) :]


def _edited(edit: Callable[[Header, list[str], random.Random], None]) -> Mutation:
    def mutation(original: bytes, dice: random.Random) -> bytes:
        header = json.loads(original[8 : _end(original)])
        edit(header, [name for name in header if name != "__metadata__"], dice)
        return _rewritten(original, json.dumps(header).encode())

    return mutation


def _over_another(header: Header, names: list[str], dice: random.Random) -> None:
    one, other = dice.sample(names, 2)
    header[one]["data_offsets"] = header[other]["data_offsets"]


def _shifted(header: Header, names: list[str], dice: random.Random) -> None:
    start, end = header[name := dice.choice(names)]["data_offsets"]
    by = dice.choice([-4, -1, 1, 4, 4096])
    header[name]["data_offsets"] = [start + by, end + by]


def _outside(header: Header, names: list[str], dice: random.Random) -> None:
    header[dice.choice(names)]["data_offsets"][dice.randrange(2)] = huge(dice, 32)


def _backward(header: Header, names: list[str], dice: random.Random) -> None:
    header[dice.choice(names)]["data_offsets"].reverse()


def _another_shape(header: Header, names: list[str], dice: random.Random) -> None:
    shape = header[dice.choice(names)]["shape"]
    shape[dice.randrange(len(shape))] = dice.choice([0, -1, 1, huge(dice), 2**63, 1.5, "8"])


def _another_type(header: Header, names: list[str], dice: random.Random) -> None:
    header[dice.choice(names)]["dtype"] = dice.choice(["F64", "U8", "F8_E4M3", "pickle", "", 7, None])


def _another_name(header: Header, names: list[str], dice: random.Random) -> None:
    new = dice.choice(["../../etc/passwd", "/etc/passwd", "a\0b", "", "x" * 10_000, "__class__\n", "💥"])
    header[new] = header.pop(dice.choice(names))


def _one_less(header: Header, names: list[str], dice: random.Random) -> None:
    del header[dice.choice(names)]


def _another_field(header: Header, names: list[str], dice: random.Random) -> None:
    header[dice.choice(names)][dice.choice(["code", "path", "auto_map"])] = "os.system"


def _doubled(original: bytes, dice: random.Random) -> bytes:
    header = original[8 : _end(original)].rstrip()
    name, entry = dice.choice(list(json.loads(header).items()))
    entry = {**entry, "data_offsets": [0, 4]} if "data_offsets" in entry else entry
    return _rewritten(original, header[:-1] + f",{json.dumps(name)}:{json.dumps(entry)}}}".encode())


def _nested(original: bytes, dice: random.Random) -> bytes:
    deep = b"[" * dice.randint(1000, 200_000)
    return _rewritten(original, b'{"a":' + deep)


MUTATIONS: dict[str, Mutation] = {
    "truncated": truncated,
    "bytes behind its end": appended,
    "bits of the header": lambda original, dice: flipped(original, dice, 0, _end(original)),
    "bits of the weights": lambda original, dice: flipped(original, dice, _end(original), len(original)),
    "huge header": lambda original, dice: replaced(original, 0, huge(dice).to_bytes(8, "little")),
    "shorter header": lambda original, dice: replaced(
        original, 0, dice.randrange(_end(original) - 8).to_bytes(8, "little")
    ),
    "nested header": _nested,
    "tensors one over another": _edited(_over_another),
    "tensor moved": _edited(_shifted),
    "tensor outside of the file": _edited(_outside),
    "tensor that ends before it begins": _edited(_backward),
    "another shape": _edited(_another_shape),
    "another type of tensor": _edited(_another_type),
    "another name": _edited(_another_name),
    "a tensor less": _edited(_one_less),
    "another field": _edited(_another_field),
    "a tensor twice": _doubled,
}
