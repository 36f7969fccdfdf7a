"""What a box remembers of what time it is. Times in ms since 1970 UTC."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """It was no earlier than ``floor_ms`` when the machine had counted ``count_ms`` since its start, which
    ``boot`` names. ``signed_ms`` is the latest time that a registry has signed (0: none), ``reset_ms`` when
    one last set the floor itself.
    """

    floor_ms: int = 0
    signed_ms: int = 0
    reset_ms: int = 0
    boot: str = ""
    count_ms: int = 0
