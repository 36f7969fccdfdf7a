"""How long and how large what comes from outside may be."""

from dataclasses import dataclass
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one request. ``silence_s`` is between two pieces, ``total_s`` from its beginning to its end."""

    connect_s: float = 10.0
    silence_s: float = 60.0
    total_s: float = 600.0
    body_bytes: int = 4 * MIB
    """Of an answer that is read as a whole."""
    line_bytes: int = MIB
    """Of one line of a stream of events."""
    stream_bytes: int = 256 * MIB
    """Of a whole stream of events."""
    connections: int = 64
