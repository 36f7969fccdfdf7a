"""Files that a command is given by name, or by ``-`` for what comes in: read whole, within bounds."""

import sys
from collections.abc import Mapping
from typing import Final

from appliance.client.given_files import read_given, text_given
from appliance.domain.action import Action, Kind
from appliance.domain.text_files import text_of

__all__ = ("STANDARD_INPUT", "read_given", "with_files_read")

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
    return text_given(path, most)
