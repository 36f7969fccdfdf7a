"""A switch that outlives a restart, as it was set last."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Switched:
    """``since_ms`` is when it was set so, in ms since 1970 UTC, ``set_by`` by whom."""

    on: bool
    since_ms: int
    set_by: str
