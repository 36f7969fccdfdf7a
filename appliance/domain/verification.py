"""What was found out about a model's files."""

from dataclasses import dataclass
from typing import Literal

FileState = Literal["ok", "wrong", "missing"]


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """Whether one file is what its recipe says. ``reason`` says what is wrong, empty where nothing is."""

    state: FileState
    reason: str = ""
