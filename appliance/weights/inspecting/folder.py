"""A model as Hugging Face lays it out: settings, tokenizer and safetensors side by side."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import msgspec

from appliance.domain.inspection import Inspection
from appliance.domain.recipe import Precision
from appliance.engines.base import EngineSpec
from appliance.engines.hf_folder.files import ModelFiles
from appliance.engines.hf_folder.folder import ModelFolder, read_folder
from appliance.engines.hf_folder.shapes import shapes_of
from appliance.engines.hf_folder.tokenizer_file import TokenizerFile
from appliance.weights.inspecting.order import InspectOrder
from appliance.weights.inspecting.texts import line, template

_TEMPLATE: Final = "chat_template.jinja"
_TOKENIZER_SETTINGS: Final = "tokenizer_config.json"
_LONGEST_BYTES: Final = 16 * 2**20
_PRECISIONS: Final[Mapping[str, Precision]] = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}


class _Settings(msgspec.Struct, frozen=True):
    """``tokenizer_config.json``, as far as it is of interest."""

    chat_template: msgspec.Raw = msgspec.Raw(b"null")


def look_at_folder(order: InspectOrder) -> Inspection:
    """Raises ``IntegrityFailed`` for a folder that the torch engine would not take."""
    spec = EngineSpec(
        engine=order.engine,
        model_path=order.files[0].name,
        context_tokens=order.context_tokens,
        kv_tokens=order.context_tokens,
        max_sequences=1,
        files=tuple(file.name for file in order.files),
        pooling=order.pooling,
        precision=order.precision,
    )
    folder = read_folder(spec, order.places)
    sizes = folder.architecture
    shapes = shapes_of(sizes)
    first, last = TokenizerFile(ModelFiles(spec, order.places)).around()
    return Inspection(
        architecture=line(sizes.family),
        chat_template=_template(ModelFiles(spec, order.places)),
        context_tokens=sizes.context_tokens,
        parameters=shapes.matrix_weights + shapes.other_weights,
        shapes=shapes,
        add_bos=bool(first),
        add_eos=bool(last),
        precision=_precision(folder),
    )


def _precision(folder: ModelFolder) -> Precision:
    """That of most of its bytes."""
    held: Counter[str] = Counter()
    for place in folder.tensors.values():
        held[place.dtype] += place.end - place.start
    return _PRECISIONS[held.most_common(1)[0][0]]


def _template(files: ModelFiles) -> str:
    """Of its own file before that of the tokenizer's settings, as transformers has it."""
    if _TEMPLATE in files:
        return template(files.read(_TEMPLATE, _LONGEST_BYTES).decode(errors="replace"))
    if _TOKENIZER_SETTINGS not in files:
        return ""
    settings = msgspec.json.decode(files.read(_TOKENIZER_SETTINGS, _LONGEST_BYTES), type=_Settings)
    return template(msgspec.json.decode(settings.chat_template))
