"""Files that people send and that batches write."""

from dataclasses import dataclass
from typing import Final

PURPOSE_BATCH: Final = "batch"
PURPOSE_BATCH_OUTPUT: Final = "batch_output"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of one file beside its content. ``holder`` and ``project_id`` are its owner's, as
    ``Caller.owner`` says; files from before projects were noted have no project, and their holder has them in
    all.

    ``name`` is a label that somebody chose, never part of a path. Times in ms since 1970 UTC.
    """

    id: str
    holder: str
    name: str
    purpose: str
    size_bytes: int
    created_ms: int
    expires_ms: int
    project_id: str = ""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What one holder has, in all projects together."""

    files: int
    size_bytes: int
