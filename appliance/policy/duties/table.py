"""The table: from how much compute on a project owes what.

Thresholds are FLOP in a project's year, chosen so that each can be crossed on one box of eight GPUs, which
makes 10^22 to 10^23 useful FLOP a year. Marks of models are FLOP of their training, as they stand in law and
in guidance to it: 3.3 * 10^22 and 10^23 (EU, changed and general-purpose models), 10^25 (EU, systemic risk),
10^26 (bills of US states).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from appliance.domain.duties import DutyName, Level
from appliance.domain.people import ProjectKind

_DAY_MS: Final = 86_400_000
TAGGED_DIVISOR: Final = 10
"""A project in a domain of particular care reaches a level with so much less."""
MODEL_DIVISOR: Final = 10
"""So does one that uses a model above the level's mark; both together multiply."""
GRACE_MS: Final = 14 * _DAY_MS
"""From the crossing of a threshold, or the running out of what was done, until requests end."""
GRACE_AT_ALL: Final = Level.D2
"""Above it there is none for what a project decides to do, as training is; for use that grows there is."""
FULFILLED_MS: Final = 365 * _DAY_MS
"""So long what was done about a duty counts."""
YEAR_MS: Final = 365 * _DAY_MS


@dataclass(frozen=True, slots=True)
class Threshold:
    """A project is at ``level`` once it is above any of these, in units of 10^9 FLOP."""

    level: Level
    inference_gflop: int
    training_gflop: int
    model_gflop: int
    """Of a model whose training took more, a tenth of the others suffices."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to do. ``covers`` are duties that are fulfilled with it; ``signed_off``: by a reviewer."""

    name: DutyName
    words: str
    level: Level
    other_levels: Mapping[ProjectKind, Level | None] = field(default_factory=dict)
    """Where projects of a kind owe it from another level on, or not at all."""
    covers: tuple[DutyName, ...] = ()
    signed_off: bool = True

    def from_level(self, kind: ProjectKind) -> Level | None:
        """From which level on projects of that kind owe it; None: never."""
        return self.other_levels.get(kind, self.level)


THRESHOLDS: Final = (
    Threshold(Level.D1, 10**10, 10**9, 33 * 10**12),
    Threshold(Level.D2, 10**12, 10**11, 10**14),
    Threshold(Level.D3, 10**13, 10**12, 10**16),
    Threshold(Level.D4, 10**14, 10**13, 10**17),
)

DUTIES: Final = (
    Duty("conduct", "The code of conduct is signed.", Level.D1, signed_off=False),
    Duty("description", "The project's purpose is described.", Level.D1, signed_off=False),
    Duty("review", "A reviewer has looked at what is done with the models, and why.", Level.D2),
    Duty(
        "publication-policy",
        "It is written down what is published, what is held back, and who decides that.",
        Level.D3,
        {"evaluation": Level.D2, "course": None},
    ),
    Duty(
        "extended-review",
        "A reviewer has gone through the checklist of the NIST AI RMF with the project.",
        Level.D3,
        covers=("review",),
    ),
    Duty(
        "external-audit",
        "Somebody from outside has audited or red-teamed it; the report is named.",
        Level.D4,
    ),
)


def duty(name: DutyName) -> Duty:
    """The row of that name."""
    return next(one for one in DUTIES if one.name == name)
