"""An error as Anthropic's clients read it: ``{"type": "error", "error": {"type", "message"}, ...}``."""

import re
from typing import Final

import msgspec

from appliance.errors import CarrelError

_TYPES: Final = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
}
_ADDRESSES: Final = re.compile(r"(?:/(?:v1|api|anthropic))*/messages(?:/|\Z)")


class ErrorDetail(msgspec.Struct, frozen=True):
    """What went wrong. ``type`` is one of Anthropic's."""

    type: str
    message: str


class ErrorBody(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    """The whole body of an answer that is an error; the ``data`` of an error event in a stream."""

    error: ErrorDetail
    request_id: str


def speaks_anthropic(path: str) -> bool:
    """Whether it is a client of Anthropic's that asks here, be it with a wrong prefix."""
    return _ADDRESSES.match(path) is not None


def error_json(error: CarrelError, request_id: str) -> bytes:
    """The JSON body of ``error``."""
    default = "invalid_request_error" if error.status < 500 else "api_error"
    detail = ErrorDetail(_TYPES.get(error.status, default), error.message)
    return msgspec.json.encode(ErrorBody(detail, request_id))
