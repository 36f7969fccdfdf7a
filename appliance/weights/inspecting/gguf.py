"""A model in one GGUF file, or in several that llama.cpp finds by the name of the first."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from appliance.domain.inspection import Inspection
from appliance.domain.recipe import Pooling
from appliance.engines.llama_cpp.gguf_header import GgufHeader, Value, read_header
from appliance.engines.llama_cpp.shapes import other_parts, shapes_of
from appliance.errors import IntegrityFailed
from appliance.weights.inspecting.order import InspectOrder
from appliance.weights.inspecting.texts import line, template

_SUFFIX: Final = ".gguf"
_POOLINGS: Final[Mapping[int, Pooling]] = {1: "mean", 2: "cls", 3: "last"}
"""``llama_pooling_type``."""


def look_at_gguf(order: InspectOrder) -> Inspection:
    """Raises ``IntegrityFailed`` where its parts are not all there, or its sizes do not fit together."""
    first, places = order.files[0].name, order.places
    if not first.endswith(_SUFFIX):
        raise IntegrityFailed("A form for llama_cpp begins with its .gguf file; correct the recipe.")
    missing = [name for name in other_parts(first) if name not in places]
    if missing:
        raise IntegrityFailed(f"The form lacks {missing[0]}, a part of its model; correct the recipe.")
    headers = [read_header(places[name]) for name in (first, *other_parts(first))]
    return _found(headers)


def _found(headers: Sequence[GgufHeader]) -> Inspection:
    values = headers[0].values
    architecture = line(values.get("general.architecture"))
    return Inspection(
        architecture=architecture,
        name=line(values.get("general.name")),
        license=line(values.get("general.license")),
        chat_template=template(values.get("tokenizer.chat_template")),
        context_tokens=_number(values.get(f"{architecture}.context_length")),
        parameters=sum(tensor.values for header in headers for tensor in header.tensors.values()),
        shapes=shapes_of(headers),
        add_bos=_adds(values, "bos"),
        add_eos=_adds(values, "eos"),
        pooling=_POOLINGS.get(_number(values.get(f"{architecture}.pooling_type")), ""),
    )


def _adds(values: Mapping[str, Value], end: Literal["bos", "eos"]) -> bool:
    """What the file says; else what llama.cpp does for its kind of vocabulary."""
    said = values.get(f"tokenizer.ggml.add_{end}_token")
    if said is not None:
        return bool(said)
    kind = values.get("tokenizer.ggml.model")
    usual = {"llama", "bert", "t5"} if end == "bos" else {"bert", "t5"}
    return kind in usual or (end == "bos" and values.get("tokenizer.ggml.pre") == "llama-bpe")


def _number(value: Value | None) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
