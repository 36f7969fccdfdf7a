"""Write a tiny model with random weights as Hugging Face lays models out: its answers mean nothing.

    python scripts/make_tiny_safetensors.py FOLDER [--family llama] [--seed 7] [--layers 2] [--width 64]
        [--vocabulary 0] [--dtype float32] [--sharded]

Vocabulary, and for Llama and BERT the weights too, are those of ``make_tiny_gguf.py`` and
``make_tiny_encoder_gguf.py``; a BERT has one size only. Needs no torch. For tests and measurements.
"""

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import make_tiny_encoder_gguf as encoder
import numpy as np
from make_tiny_gguf import CONTROL_TEXTS, MERGES, vocabulary
from random_model.tokenizer_file import tokenizer_json, word_pieces_json
from random_model.vocabulary import BytePairs
from tiny_model.configurations import FAMILIES, configuration
from tiny_model.weights import Weights, random_weights

DTYPES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}


def make_tiny_safetensors(
    folder: Path,
    *,
    family: str = "llama",
    seed: int = 7,
    layers: int = 2,
    width: int = 64,
    size: int = 0,
    dtype: str = "float32",
    sharded: bool = False,
    changes: Mapping[str, object] | Iterable[tuple[str, object]] = (),
) -> tuple[str, ...]:
    """Write the model and return the names of its files, ``config.json`` first. The same arguments give the
    same bytes. ``changes`` are of ``config.json``, made before weights are drawn (but for Llama and BERT,
    whose weights stay as they are).
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokens = encoder.vocabulary() if family == "bert" else vocabulary(size)
    config = configuration(family, layers=layers, width=width, tokens=len(tokens))
    config |= _ends(family, tokens) | {"dtype": dtype} | dict(changes)
    control = [] if family == "bert" else [tokens.index(text) for text in CONTROL_TEXTS]
    weights = random_weights(config, seed, control)
    _write_json(folder / "config.json", config)
    _write_json(folder / "tokenizer.json", _tokenizer(family, tokens))
    names = ["config.json", "tokenizer.json"]
    if family != "bert":
        _write_json(folder / "generation_config.json", {"eos_token_id": [control[2], control[0]]})
        names.append("generation_config.json")
    return (*names, *_write_weights(folder, weights, dtype, sharded=sharded))


def write_safetensors(path: Path, weights: Weights, dtype: str = "float32") -> None:
    """One file: its length, its header, its tensors."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    parts, end = [], 0
    for name, values in weights.items():
        start, part = end, _bytes(values, dtype)
        end += len(part)
        header[name] = {"dtype": DTYPES[dtype], "shape": list(values.shape), "data_offsets": [start, end]}
        parts.append(part)
    told = json.dumps(header).encode()
    told += b" " * (-len(told) % 8)
    path.write_bytes(len(told).to_bytes(8, "little") + told + b"".join(parts))


def _bytes(values: np.ndarray, dtype: str) -> bytes:
    if dtype == "bfloat16":
        bits = np.ascontiguousarray(values, np.float32).view(np.uint32).astype(np.uint64)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2").tobytes()
    return np.ascontiguousarray(values).astype(np.dtype(dtype).newbyteorder("<")).tobytes()


def _write_weights(folder: Path, weights: Weights, dtype: str, *, sharded: bool) -> tuple[str, ...]:
    if not sharded:
        write_safetensors(folder / "model.safetensors", weights, dtype)
        return ("model.safetensors",)
    files = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    names = list(weights)
    halves = (names[: len(names) // 2], names[len(names) // 2 :])
    for file, half in zip(files, halves, strict=True):
        write_safetensors(folder / file, {name: weights[name] for name in half}, dtype)
    where = {name: file for file, half in zip(files, halves, strict=True) for name in half}
    index = "model.safetensors.index.json"
    total = sum(len(_bytes(values, dtype)) for values in weights.values())
    _write_json(folder / index, {"metadata": {"total_size": total}, "weight_map": where})
    return (index, *files)


def _ends(family: str, tokens: list[str]) -> dict[str, object]:
    if family == "bert":
        return {}
    return {"bos_token_id": tokens.index(CONTROL_TEXTS[0]), "eos_token_id": tokens.index(CONTROL_TEXTS[2])}


def _tokenizer(family: str, tokens: list[str]) -> dict[str, object]:
    if family != "bert":
        return tokenizer_json(BytePairs(tokens, [tuple(merge.split(" ")) for merge in MERGES]))
    inside = {f"▁{letter}": letter for letter in encoder.LETTERS} | {
        one: f"##{one}" for one in encoder.LETTERS
    }
    return word_pieces_json([inside.get(token, token) for token in tokens], encoder.CONTROL_TEXTS)


def _write_json(path: Path, value: dict[str, object]) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--family", choices=FAMILIES, default="llama")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--vocabulary", type=int, default=0)
    parser.add_argument("--dtype", choices=DTYPES, default="float32")
    parser.add_argument("--sharded", action="store_true")
    asked = parser.parse_args()
    make_tiny_safetensors(
        asked.folder,
        family=asked.family,
        seed=asked.seed,
        layers=asked.layers,
        width=asked.width,
        size=asked.vocabulary,
        dtype=asked.dtype,
        sharded=asked.sharded,
    )


if __name__ == "__main__":
    main()
