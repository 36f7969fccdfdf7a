"""Write a model with random weights in a family's true shape: its speed is real, its answers mean nothing.

    python scripts/make_random_model.py llama-15m FOLDER --types q8_0
    python scripts/make_random_model.py llama-300m FOLDER --types q4_k_m
    python scripts/make_random_model.py opt-small FOLDER --safetensors

Writes FOLDER/NAME-TYPE.gguf (f16, q8_0, q4_k_m) and, with --safetensors, FOLDER/NAME/ as Hugging Face lays a
model out. GGUF has no OPT. The vocabulary is byte-level BPE (about a token in four characters), the template
ChatML. No model ends its answer by itself, so that every answer has exactly ``max_tokens`` tokens.
Needs the packages of the extra ``dev``.
"""

import argparse
import tempfile
from pathlib import Path

from random_model.families import SHAPES, random_weights
from random_model.gguf_files import FAMILIES, FILE_TYPES, quantize, write_gguf
from random_model.hf_files import write_hf
from random_model.vocabulary import make_vocabulary

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt is not defined or add_generation_prompt %}"
    "{{ '<|im_start|>assistant\\n' }}"
    "{% endif %}"
)


def make_random_model(
    name: str, folder: Path, *, types: list[str], safetensors: bool = False, seed: int = 7
) -> list[Path]:
    """Write what is asked for and return the paths. The same arguments give the same bytes."""
    shape = SHAPES[name]
    if types and shape.family not in FAMILIES:
        raise ValueError(f"GGUF does not know the family of {name}: write it with --safetensors alone.")
    folder.mkdir(parents=True, exist_ok=True)
    weights, vocabulary = random_weights(shape, seed), make_vocabulary(shape.vocabulary)
    made = []
    if safetensors:
        write_hf(folder / name, weights, shape, vocabulary, CHAT_TEMPLATE)
        made.append(folder / name)
    if types:
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            half = Path(temporary) / f"{name}-f16.gguf"
            write_gguf(half, weights, shape, name=name, vocabulary=vocabulary, template=CHAT_TEMPLATE)
            made += [_form(half, folder / f"{name}-{one}.gguf", one) for one in sorted(types, reverse=True)]
    return made


def _form(half: Path, target: Path, file_type: str) -> Path:
    """``f16`` last (types are sorted downwards): it is the source of the others and moved."""
    if file_type == "f16":
        return half.replace(target)
    quantize(half, half.with_suffix(".part"), file_type)
    return half.with_suffix(".part").replace(target)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=sorted(SHAPES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--types", nargs="*", choices=["f16", *FILE_TYPES], default=[])
    parser.add_argument("--safetensors", action="store_true")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    if not asked.types and not asked.safetensors:
        parser.error("nothing to write: give --types or --safetensors")
    try:
        made = make_random_model(
            asked.name, asked.folder, types=asked.types, safetensors=asked.safetensors, seed=asked.seed
        )
    except ValueError as error:
        parser.error(str(error))
    print(*made, sep="\n")


if __name__ == "__main__":
    main()
