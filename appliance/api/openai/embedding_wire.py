"""The body of ``POST /v1/embeddings`` and its answer.

A vector comes as little-endian float32 and leaves as JSON numbers, or as base64 of the same bytes, which is
what OpenAI's own clients ask for. Both say exactly the same numbers.
"""

import math
import struct
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from appliance.api.openai.fields import Fields
from appliance.api.openai.prompts import PromptsBody, read_prompts
from appliance.api.openai.wire import ModelName, class_of
from appliance.domain.generation import Accepted, EmbeddingRequest, TokenUsage
from appliance.edge.decoding import decode_checked

MOST_INPUTS: Final = 2048

_NOT_YET: Final[Mapping[str, tuple[Any, ...]]] = {
    "add_special_tokens": (None, True),
    "embed_dtype": (None, "float32"),
    "normalize": (None, True),
    "truncate_prompt_tokens": (None,),
}
_FLOAT_BYTES: Final = 4

_encode: Final = msgspec.json.encode


class EmbeddingBody(msgspec.Struct, frozen=True, kw_only=True):
    """The whole body. ``user`` is taken and not looked at."""

    model: ModelName
    input: PromptsBody
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Meta(ge=1, le=2**16)] | None = None
    user: Annotated[str, Meta(max_length=512)] | None = None
    service_tier: str | None = None


_FIELDS: Final = Fields(known=frozenset(EmbeddingBody.__struct_fields__), not_yet=_NOT_YET)


class EmbeddingEntry(msgspec.Struct, frozen=True, kw_only=True):
    """The vector of one input: numbers, or base64 of them as little-endian float32."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class EmbeddingUsage(msgspec.Struct, frozen=True):
    """Tokens of all inputs."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingsBody(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer; ``entry`` and ``whole_answer`` write it."""

    object: Literal["list"]
    data: list[EmbeddingEntry]
    model: str
    system_fingerprint: str
    usage: EmbeddingUsage


@dataclass(frozen=True, slots=True)
class EmbeddingAsked:
    """What was understood of a request."""

    request: EmbeddingRequest
    base64: bool
    ignored: tuple[str, ...]


def read_embedding(body: bytes, *, request_id: str, most_prompt_bytes: int) -> EmbeddingAsked:
    """Understand a body. Raises ``BadRequest`` naming the field at fault."""
    ignored = _FIELDS.ignored_in(body)
    asked = decode_checked(body, EmbeddingBody)
    request = EmbeddingRequest(
        id=request_id,
        model=asked.model,
        inputs=read_prompts(asked.input, most_bytes=most_prompt_bytes, field="input", most=MOST_INPUTS),
        service_class=class_of(asked.service_tier),
        dimensions=asked.dimensions,
    )
    return EmbeddingAsked(request, asked.encoding_format == "base64", ignored)


def entry(index: int, vector: bytes, asked: EmbeddingAsked) -> bytes:
    """One entry of the answer's ``data``."""
    shown = shortened(vector, asked.request.dimensions)
    value = _encode(b64encode(shown).decode()) if asked.base64 else _encode(_numbers(shown))
    return b'{"object":"embedding","index":%d,"embedding":%b}' % (index, value)


def whole_answer(accepted: Accepted, entries: Sequence[bytes], usage: TokenUsage) -> bytes:
    """The body, around entries that are written already."""
    end = {
        "model": accepted.model.id,
        "system_fingerprint": accepted.model.fingerprint,
        "usage": EmbeddingUsage(usage.prompt_tokens, usage.prompt_tokens),
    }
    return b'{"object":"list","data":[' + b",".join(entries) + b"]," + _encode(end)[1:]


def shortened(vector: bytes, dimensions: int | None) -> bytes:
    """The first ``dimensions`` numbers, brought back to length 1; all of them for None."""
    if dimensions is None or dimensions * _FLOAT_BYTES >= len(vector):
        return vector
    kept = _numbers(vector[: dimensions * _FLOAT_BYTES])
    length = math.hypot(*kept) or 1.0
    return struct.pack(f"<{dimensions}f", *(number / length for number in kept))


def _numbers(vector: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(vector) // _FLOAT_BYTES}f", vector)
