"""What is given or taken outside of requests, and what people ask for. Rows are only ever added."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from appliance.domain.allocation import Scope


class AdjustmentKind(StrEnum):
    """Why an amount was moved."""

    REFUND = "refund"
    """Of one request: never more than it cost, and once."""
    GRANT = "grant"
    """Somebody asked for more and was given it."""
    BOUNTY = "bounty"
    """For a report that was accepted."""
    CORRECTION = "correction"
    """By hand; the only one that may take."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """``micro`` is added to what a project, or one account of it, may spend.

    A grant may name an account, as ``allocation_id`` with ``subject`` and ``opened_ms``; a refund names its
    ``request_id``; all others are the project's. No two of one kind have the same ``reference``, so that what
    caused one is answered once; empty: nothing to compare with.
    """

    id: str
    kind: AdjustmentKind
    project_id: str
    micro: int
    reason: str
    actor: str
    at_ms: int
    person_id: str | None = None
    request_id: str | None = None
    allocation_id: str | None = None
    subject: str = ""
    opened_ms: int = 0
    reference: str = ""


RequestState = Literal["open", "approved", "denied"]
AskedScope = Literal[Scope.PROJECT, Scope.PERSON]


@dataclass(frozen=True, slots=True)
class BudgetRequest:
    """Somebody asks for more. ``scope`` says whether for the project or for their own allocation in it.

    ``granted_micro`` is what was given, once it was approved. ``decided_by`` is an actor's name.
    """

    id: str
    project_id: str
    person_id: str
    """Who asks; a key of nobody in particular asks by its own id."""
    scope: AskedScope
    micro: int
    reason: str
    created_ms: int
    state: RequestState = "open"
    granted_micro: int = 0
    decided_by: str = ""
    decided_ms: int | None = None
    decision: str = ""
    """The reason that was given for it."""
