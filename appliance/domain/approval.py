"""Who approved a recipe, and how fresh that word is."""

from dataclasses import dataclass
from typing import Literal

ApprovedBy = Literal["release", "lab", "catalog"]
Freshness = Literal["fresh", "stale", "unverifiable"]
"""``fresh``: it may be pulled and served. ``stale``: verified and expired; what is installed is served and
nothing new is pulled. ``unverifiable``: nothing new is pulled or loaded.
"""


@dataclass(frozen=True, slots=True)
class Approval:
    """``release``: it came with Carrel. ``lab``: whoever runs this box approved it. ``catalog``: the catalog
    ``name`` lists it, signed by ``role`` (``targets``, or the organization that it was delegated to).
    """

    by: ApprovedBy = "release"
    name: str = ""
    role: str = ""
    freshness: Freshness = "fresh"

    @property
    def label(self) -> str:
        """As it is shown wherever the model is."""
        if self.by == "release":
            return "approved with Carrel"
        if self.by == "lab":
            return "approved by this lab"
        signer = f", signed by {self.role}" if self.role not in {"", "targets"} else ""
        return f"approved by the catalog {self.name}{signer}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A recipe that somebody put on the box and that is not used. ``reason`` says the next step."""

    id: str
    """Empty where it cannot be read."""
    place: str
    """``lab``, ``upstreams`` or ``catalog NAME``."""
    reason: str
