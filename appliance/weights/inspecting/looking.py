"""Looks inside files: each by its format, and all together as the engine that they are for would take them.

Names come first, so that what is no safe kind of file is never opened. Raises ``IntegrityFailed``.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from appliance.domain.inspection import Inspection
from appliance.engines.base import EngineSpec
from appliance.engines.hf_folder.files import CONFIG, TOKENIZER, ModelFiles
from appliance.engines.hf_folder.tensor_headers import read_header as read_tensors
from appliance.engines.hf_folder.tokenizer_file import TokenizerFile
from appliance.engines.llama_cpp.gguf_header import read_header
from appliance.errors import IntegrityFailed
from appliance.weights.formats import refusal_of
from appliance.weights.inspecting.folder import look_at_folder
from appliance.weights.inspecting.gguf import look_at_gguf
from appliance.weights.inspecting.order import InspectOrder
from appliance.weights.plain_names import plain_name

_LONGEST_JSON_BYTES: Final = 64 * 2**20
_NULL: Final = msgspec.Raw(b"null")

Look = Callable[[InspectOrder], Inspection]


class _Mapped(msgspec.Struct, frozen=True):
    """Any JSON object, as far as it could name code of the model's own."""

    auto_map: msgspec.Raw = _NULL


def look(order: InspectOrder) -> Inspection:
    """What the files say of themselves. Raises ``IntegrityFailed``: why nobody may open them."""
    _check_names([file.name for file in order.files])
    files = ModelFiles(_spec(order), order.places)
    for file in order.files:
        _look_at_one(files, file.name)
    return _BY_ENGINE.get(order.engine, _look_at_no_more)(order)


def _check_names(names: list[str]) -> None:
    for name in names:
        if refusal := refusal_of(plain_name(name)):
            raise IntegrityFailed(refusal)
    if len(set(names)) < len(names):
        raise IntegrityFailed("The form names a file twice; correct the recipe.")


def _look_at_one(files: ModelFiles, name: str) -> None:
    files.open(name).close()  # a link, a pipe, a folder
    if name.endswith(".gguf"):
        read_header(files.path(name))
    elif name.endswith(".safetensors"):
        read_tensors(files, name)
    elif name == TOKENIZER:
        TokenizerFile(files)
    elif name.endswith(".json"):
        _check_settings(name, files.read(name, _LONGEST_JSON_BYTES))


def _check_settings(name: str, content: bytes) -> None:
    try:
        found = msgspec.json.decode(content, type=_Mapped | list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise IntegrityFailed(f"{name} is not the JSON of a model.") from error
    if isinstance(found, _Mapped) and found.auto_map != _NULL:
        raise IntegrityFailed(f"{name} names code of the model's own (auto_map), and Carrel runs none.")


def _spec(order: InspectOrder) -> EngineSpec:
    """Of a folder that lets each of its files be asked for by name, whatever the engine."""
    first = order.places[order.files[0].name]
    return EngineSpec(
        engine=order.engine,
        model_path=str(first.with_name(CONFIG)),
        context_tokens=order.context_tokens,
        kv_tokens=order.context_tokens,
        max_sequences=1,
        files=tuple(dict.fromkeys([CONFIG, *(file.name for file in order.files)])),
        pooling=order.pooling,
        precision=order.precision,
    )


def _look_at_no_more(_order: InspectOrder) -> Inspection:
    """An engine of others, or one that has no weights: its files are sound, each for itself."""
    return Inspection()


_BY_ENGINE: Final[Mapping[str, Look]] = {
    "llama_cpp": look_at_gguf,
    "torch": look_at_folder,
    "vllm": look_at_folder,
}
