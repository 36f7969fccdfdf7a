"""Flaw reports: what a model did that it should not, so that somebody else can see it too."""

from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["low", "medium", "high", "critical"]
Category = Literal["bias", "safety", "privacy", "security", "other"]
ReportState = Literal["open", "accepted", "duplicate", "not-reproducible", "declined"]

SEVERITIES: Final = ("low", "medium", "high", "critical")
CATEGORIES: Final = ("bias", "safety", "privacy", "security", "other")
TRIAGED: Final = ("accepted", "duplicate", "not-reproducible", "declined")


@dataclass(frozen=True, slots=True)
class Drawn:
    """How the answer was drawn; None takes the model's default, as in the request itself."""

    seed: int
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ReportedModel:
    """Exactly which bytes answered; of a model elsewhere the hash is empty."""

    id: str
    recipe_revision: int
    file_sha256: str


@dataclass(frozen=True, slots=True)
class Report:
    """One case. The prompt is known by its hash alone. ``holder`` is who reported it: a person, or the key
    of nobody in particular. Times in ms since 1970 UTC.

    ``keys`` are those that a text is sealed to, where the reporter gave one. ``micro`` is what an accepted
    report is worth to the project, ``paid`` whether the ledger has it.
    """

    id: str
    holder: str
    person_id: str
    project_id: str
    model: ReportedModel
    prompt_sha256: str
    drawn: Drawn
    severity: Severity
    category: Category
    description: str
    seen: int
    made_ms: int
    state: ReportState = "open"
    reason: str = ""
    micro: int = 0
    paid: bool = False
    decided_by: str = ""
    decided_ms: int | None = None
    keys: tuple[str, ...] = ()
