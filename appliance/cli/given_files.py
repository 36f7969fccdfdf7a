"""Files that a command is given by name: read whole, within bounds."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from appliance.domain.action import Action, Kind
from appliance.domain.text_files import text_of
from appliance.errors import BadRequest, ConfigInvalid

STANDARD_INPUT: Final = "-"


def with_files_read(action: Action, given: Mapping[str, object]) -> dict[str, object]:
    """The arguments with the text of each file in place of its path. Raises as ``read_given`` does, and
    ``BadRequest`` for what is no text.
    """
    files = [one for one in action.arguments if one.kind is Kind.FILE and given.get(one.name) is not None]
    return {**given, **{one.name: _text(str(given[one.name]), one.most) for one in files}}


def _text(path: str, most: int) -> str:
    if path == STANDARD_INPUT:
        return text_of(sys.stdin.buffer.read(most + 1), "What came in")
    return text_of(read_given(path, most), Path(path).name)


def read_given(path: str, most_bytes: int) -> bytes:
    """Raises ``ConfigInvalid`` where it cannot be read, ``BadRequest`` where it is too large."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise ConfigInvalid(f"{Path(path).name} cannot be read: {error.strerror}.") from error
    if len(content) > most_bytes:
        raise BadRequest(f"{Path(path).name} is larger than {most_bytes} bytes.")
    return content
