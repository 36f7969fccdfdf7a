"""The names and arguments of functions that a client offers to the model."""

import re
from typing import Final, cast

from appliance.errors import BadRequest
from appliance.policy.schemas.linting import check_schema, decoded, written

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
_NO_ARGUMENTS: Final = '{"type":"object","properties":{},"additionalProperties":false}'


def check_tool_name(name: str, *, param: str) -> str:
    """The same name. Raises ``BadRequest``."""
    if not _NAME.match(name):
        raise BadRequest(
            f"`{param}` must be 1 to 128 letters, digits, dashes and underscores (a to z, no accents).",
            param=param,
        )
    return name


def check_tool_parameters(text: str, *, param: str) -> str:
    """The schema that the arguments of a call are kept to, always one of an object. An empty text means a
    function that takes none.

    What cannot be kept to is left out. Raises ``BadRequest`` as ``check_schema`` does.
    """
    if not text:
        return _NO_ARGUMENTS
    root = decoded(text, param)
    if not isinstance(root, dict):
        raise BadRequest("The parameters of a function must be a JSON schema.", param=param)
    if root.get("type", "object") != "object":
        raise BadRequest("The parameters of a function must be of type `object`.", param=param)
    return check_schema(
        written({"type": "object", **cast("dict[str, object]", root)}), param=param, lenient=True
    )
