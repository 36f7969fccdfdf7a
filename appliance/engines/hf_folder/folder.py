"""A model's folder as Hugging Face lays it out, looked at from end to end before torch sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.engines.base import EngineSpec
from appliance.engines.hf_folder.architecture import Architecture
from appliance.engines.hf_folder.configuration import read_configuration
from appliance.engines.hf_folder.families import Family, Shape
from appliance.engines.hf_folder.files import CONFIG, TOKENIZER, ModelFiles
from appliance.engines.hf_folder.tensor_headers import read_header
from appliance.errors import IntegrityFailed

_FLOATS: Final = frozenset({"F32", "F16", "BF16"})
_LONGEST_INDEX_BYTES: Final = 16 * 2**20


@dataclass(frozen=True, slots=True)
class TensorPlace:
    """Where a tensor's bytes are: ``file[start:end]``, row-major, little-endian. ``dtype`` as safetensors
    names it: ``F32``, ``F16``, ``BF16``.
    """

    file: Path
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """Everything that may be opened of it. ``tensors`` are by the name of the parameter that they are for, in
    transformers' module with its output matrix (``LlamaForCausalLM``), or in ``BertModel``: all parameters,
    each with the shape that it has there, but for an output matrix that is tied or, where vectors are made,
    not needed.
    """

    config: Path
    tokenizer: Path
    architecture: Architecture
    tensors: Mapping[str, TensorPlace]
    settings: Mapping[str, object]
    """What transformers' configuration class is to be told: nothing else of ``config.json`` counts."""


class _Index(msgspec.Struct, frozen=True):
    """``model.safetensors.index.json``."""

    weight_map: Annotated[dict[str, str], Meta(min_length=1)]


def read_folder(spec: EngineSpec, places: Mapping[str, Path] | None = None) -> ModelFolder:
    """``places``: as for ``ModelFiles``. Raises ``IntegrityFailed`` with the reason."""
    files = ModelFiles(spec, places)
    family = read_configuration(files)
    sizes = family.architecture()
    if family.learned_positions and spec.context_tokens > sizes.context_tokens and not spec.pooling:
        raise IntegrityFailed(
            f"The model has {sizes.context_tokens} positions, fewer than the {spec.context_tokens} tokens "
            "of its recipe's context; correct the recipe."
        )
    needed = family.parameters()
    if spec.pooling:
        needed.pop(family.output, None)
    tensors = _tensors(files, family, needed)
    return ModelFolder(
        config=files.path(CONFIG),
        tokenizer=files.path(TOKENIZER),
        architecture=sizes,
        tensors=tensors,
        settings=family.settings(),
    )


def _tensors(files: ModelFiles, family: Family, needed: Mapping[str, Shape]) -> dict[str, TensorPlace]:
    found: dict[str, TensorPlace] = {}
    where: dict[str, str] = {}
    for file in files.weights():
        header = read_header(files, file)
        for name, entry in header.entries.items():
            if name in where:
                raise IntegrityFailed(f"The tensor {name} is in {where[name]} and in {file}.")
            where[name] = file
            start, end = (header.data_start + offset for offset in entry.data_offsets)
            parameter = family.parameter_of(name)
            if parameter is None or (parameter == family.output and parameter not in needed):
                continue
            if parameter in found:
                raise IntegrityFailed(f"Two tensors of the model's files are its {parameter}.")
            place = TensorPlace(files.path(file), entry.dtype, entry.shape, start, end)
            found[parameter] = _checked(name, place, needed.get(parameter))
    _check_index(files, where)
    missing = sorted(needed.keys() - found.keys())
    if missing:
        raise IntegrityFailed(f"The model's files lack {len(missing)} of its tensors, such as {missing[0]}.")
    return found


def _checked(name: str, place: TensorPlace, shape: Shape | None) -> TensorPlace:
    if shape is None:
        raise IntegrityFailed(f"The tensor {name} is none that {CONFIG} lets expect.")
    if place.shape != shape:
        raise IntegrityFailed(f"The tensor {name} has the shape {place.shape}; {CONFIG} lets expect {shape}.")
    if place.dtype not in _FLOATS:
        raise IntegrityFailed(
            f"The tensor {name} is of the type {place.dtype}; Carrel reads weights as F32, F16 or BF16."
        )
    return place


def _check_index(files: ModelFiles, where: Mapping[str, str]) -> None:
    """What an index says is where it says. Without one the headers say it all."""
    name = files.index()
    if name is None:
        return
    try:
        index = msgspec.json.decode(files.read(name, _LONGEST_INDEX_BYTES), type=_Index)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise IntegrityFailed(f"{name} is no index of tensors.") from error
    if not set(index.weight_map.values()) <= set(files.weights()):
        raise IntegrityFailed(f"{name} names a file that the form does not name; correct the recipe.")
    for tensor, file in index.weight_map.items():
        if where.get(tensor) != file:
            raise IntegrityFailed(f"{name} looks for a tensor in {file} that is not there.")
