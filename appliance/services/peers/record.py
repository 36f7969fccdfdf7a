"""The record of benefit and harm as a file has it."""

import tomllib

import msgspec

from appliance.catalog.sharing_shape import RecordToml
from appliance.errors import BadRequest


def record_in(text: str) -> RecordToml:
    """Raises ``BadRequest`` with the place of what is wrong."""
    try:
        return msgspec.convert(tomllib.loads(text), RecordToml, strict=True)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadRequest(
            f"The record of benefit and harm does not fit: {error}. The handbook's page on sharing has one "
            "to begin with.",
            param="record",
        ) from error
