"""Files that people send and that batches write."""

from dataclasses import dataclass
from typing import Final

PURPOSE_BATCH: Final = "batch"
PURPOSE_BATCH_OUTPUT: Final = "batch_output"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of one file beside its content. ``holder`` is its owner, as ``Caller.holder`` says.

    ``name`` is a label that somebody chose, never part of a path. Times in ms since 1970 UTC.
    """

    id: str
    holder: str
    name: str
    purpose: str
    size_bytes: int
    created_ms: int
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """What one holder has."""

    files: int
    size_bytes: int
