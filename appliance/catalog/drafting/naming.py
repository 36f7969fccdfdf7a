"""Names that a recipe gives: made of those that its files have already."""

import re
from collections.abc import Sequence
from string import ascii_lowercase
from typing import Final

from appliance.catalog.drafting.listing import FileSet

_WEIGHT_KIND: Final = re.compile(
    r"(?:^|[-._])(iq\d_[a-z0-9_]+|q\d_k_[a-z]+|q\d_[a-z0-9]+|bf16|f16|fp16|f32|fp32|mxfp4|tq\d_\d)(?=[-._]|$)"
)
_SHORTER: Final = {"q80": "q8", "fp16": "f16", "fp32": "f32"}
_PRECISIONS: Final = {"bfloat16": "bf16", "float16": "f16", "float32": "f32"}
_LONGEST_ID: Final = 80
_LONGEST_FORM: Final = 16


def recipe_id(name: str) -> str:
    """``Qwen2.5-0.5B-Instruct-GGUF`` becomes ``qwen2.5-0.5b-instruct``."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).removesuffix("-gguf").strip("._-")
    return plain[:_LONGEST_ID] or "model"


def form_name(files: FileSet, precision: str) -> str:
    """By what its weights are held in: ``q4km``, ``bf16``."""
    if files.format == "folder":
        return _PRECISIONS.get(precision, precision)
    kinds = _WEIGHT_KIND.findall(files.files[0].name.lower().removesuffix(".gguf"))
    found = re.sub(r"[^a-z0-9]", "", kinds[-1])[:_LONGEST_FORM] if kinds else "gguf"
    return _SHORTER.get(found, found)


def without_doubles(names: Sequence[str]) -> list[str]:
    """The same, with a letter behind those that are there already."""
    given: list[str] = []
    for name in names:
        others = (f"{name[: _LONGEST_FORM - 1]}{letter}" for letter in ascii_lowercase[1:])
        given.append(name if name not in given else next(one for one in others if one not in given))
    return given
