"""Which files of a folder or a repository make a model: sets of GGUF files, and a folder of safetensors."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final, Literal

from appliance.domain.listing import ListedFile
from appliance.errors import BadRequest

CONFIG: Final = "config.json"
BESIDE: Final = ("tokenizer.json", "generation_config.json")
"""What the engines read beside ``config.json`` and the weights."""
_SPLIT: Final = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf\Z")
_TENSORS: Final = re.compile(r"model(-\d{5}-of-\d{5})?\.safetensors\Z")
_INDEX: Final = "model.safetensors.index.json"
_PICKLES: Final = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".h5", ".msgpack", ".onnx"})
_NO_MODEL: Final = ("mmproj", "imatrix", "ggml-vocab")
"""How the names of GGUF files begin that hold something else than a language model."""


@dataclass(frozen=True, slots=True)
class FileSet:
    """What one form needs, in the order of its recipe: what the engine opens goes first."""

    format: Literal["gguf", "folder"]
    files: tuple[ListedFile, ...]

    @property
    def size_bytes(self) -> int:
        """Of its weights."""
        return sum(one.size_bytes for one in self.files if one.name.endswith((".gguf", ".safetensors")))


def file_sets(listed: Iterable[ListedFile], patterns: Sequence[str] = ()) -> list[FileSet]:
    """Every set that is there, of files that match any pattern by name or path. Raises ``BadRequest`` with
    the next step where there is none.
    """
    files = [one for one in listed if _wanted(one, patterns)]
    found = [*_gguf_sets(files), *_folder_sets(files)]
    if not found:
        raise BadRequest(_nothing(files, patterns))
    return found


def _wanted(one: ListedFile, patterns: Sequence[str]) -> bool:
    kept = one.name == CONFIG or one.name in BESIDE
    return kept or not patterns or any(fnmatchcase(one.path, p) or fnmatchcase(one.name, p) for p in patterns)


def _gguf_sets(files: Sequence[ListedFile]) -> list[FileSet]:
    groups: dict[str, list[ListedFile]] = {}
    for one in files:
        if one.name.endswith(".gguf") and not one.name.lower().startswith(_NO_MODEL):
            split = _SPLIT.match(one.path)
            groups.setdefault(f"{split[1]} of {split[3]}" if split else one.path, []).append(one)
    return [FileSet("gguf", _in_order(group)) for group in groups.values()]


def _in_order(group: list[ListedFile]) -> tuple[ListedFile, ...]:
    """Raises ``BadRequest`` where a part is missing."""
    ordered = tuple(sorted(group, key=lambda one: one.path))
    split = _SPLIT.match(ordered[0].path)
    if split and len(ordered) != int(split[3]):
        raise BadRequest(
            f"Of {PurePosixPath(split[1]).name} there are {len(ordered)} parts of {int(split[3])}; fetch the "
            "others first, or choose other files with --files."
        )
    return ordered


def _folder_sets(files: Sequence[ListedFile]) -> list[FileSet]:
    """Only what lies at the top: below it repositories keep other copies of the same model."""
    top = {one.path: one for one in files if "/" not in one.path}
    weights = sorted((one for name, one in top.items() if _TENSORS.match(name)), key=lambda one: one.path)
    if CONFIG not in top or not weights:
        return []
    whole = top.get("model.safetensors")
    weights = [whole] if whole else weights
    beside = [top[name] for name in (CONFIG, *BESIDE, *(() if whole else (_INDEX,))) if name in top]
    return [FileSet("folder", (*beside, *weights))]


def _nothing(files: Sequence[ListedFile], patterns: Sequence[str]) -> str:
    pickles = [one.name for one in files if PurePosixPath(one.path).suffix in _PICKLES]
    if pickles:
        return (
            f"The weights are there in no form that is safe to read: {pickles[0]} runs code as it is opened. "
            "Take a repository of the same model with safetensors or GGUF, or convert it where running its "
            "code is no danger, and name that folder."
        )
    if patterns:
        return "No file matches --files that a model could be made of; name GGUF or safetensors files."
    return f"There is no GGUF file, and no {CONFIG} with model.safetensors beside it: no model to write of."


def by_path(files: Iterable[ListedFile]) -> Mapping[str, ListedFile]:
    """The same, to be looked up."""
    return {one.path: one for one in files}
