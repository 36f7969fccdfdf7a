"""What a simulated registry remembers."""

from dataclasses import dataclass, field

import msgspec

from appliance.federation.protocol import messages
from appliance.federation.protocol.ordering import Head
from appliance.federation.protocol.replies import Reply
from appliance.federation.protocol.status_list import Status


@dataclass
class SimulatedBox:
    """What the registry knows of one. ``keys`` and until when each counts (s; None: the present one)."""

    keys: dict[str, int | None]
    sealing_key: str = ""
    institution: str = "A university"
    organization: str = ""
    suspended: bool = False
    head: Head = field(default_factory=Head)
    digests: dict[tuple[int, int], str] = field(default_factory=dict)
    records: dict[str, msgspec.Struct] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    mailbox: dict[str, str] = field(default_factory=dict)
    """Statements that wait, by id."""

    @property
    def key(self) -> str:
        return next(one for one, until in self.keys.items() if until is None)


@dataclass
class Memory:
    """All that a backup of it holds."""

    boxes: dict[str, SimulatedBox] = field(default_factory=dict)
    codes: dict[str, bool] = field(default_factory=dict)
    """And whether each was spent."""
    answered: dict[str, tuple[str, Reply]] = field(default_factory=dict)
    statuses: dict[int, Status] = field(default_factory=dict)
    places: int = 0
    applications: list[messages.ApplicationMessage] = field(default_factory=list)
