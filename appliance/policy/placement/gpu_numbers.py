"""The short way of writing a set of GPUs: ``0-3,6``, ``none``, nothing for all."""

import re
from typing import Final

from appliance.errors import BadRequest

_NUMBERS: Final = re.compile(r"none|[0-9]{1,3}(-[0-9]{1,3})?(,[0-9]{1,3}(-[0-9]{1,3})?)*")
_PART: Final = re.compile(r"([0-9]{1,3})(?:-([0-9]{1,3}))?")


def is_gpu_numbers(text: str) -> bool:
    """Whether the text is such a set, as opposed to the name of a machine."""
    return _NUMBERS.fullmatch(text) is not None


def parse_gpu_numbers(text: str) -> tuple[int, ...] | None:
    """The numbers in order, None for all (an empty text), an empty tuple for ``none``.

    Raises ``BadRequest`` for anything else.
    """
    if not text:
        return None
    if text == "none":
        return ()
    parts = [_PART.fullmatch(part) for part in text.split(",")]
    if not all(parts):
        raise BadRequest("GPUs are numbers such as 0-3,6, or none.", param="gpus")
    numbers = {
        number
        for part in parts
        if part is not None
        for number in range(int(part[1]), int(part[2] or part[1]) + 1)
    }
    return tuple(sorted(numbers))
