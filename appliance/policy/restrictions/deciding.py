"""What a restriction may say to a request: that it is refused, or that it was changed."""

from dataclasses import dataclass

from appliance.domain.generation import AnyRequest
from appliance.domain.restriction import Restriction


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which ``limit`` of which restriction stands against a request. ``param`` is the field of the request
    that is at fault, ``waits_for`` who can change it; ``later_s``: by then time will have changed it.
    """

    limit: str
    by: Restriction
    message: str
    param: str | None = None
    waits_for: str = "you"
    later_s: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Which ``limit`` of which restriction changed a request, in a sentence for the caller."""

    limit: str
    by: Restriction
    message: str


@dataclass(frozen=True, slots=True)
class Applied:
    """The request as it may be computed."""

    request: AnyRequest
    changes: tuple[Change, ...] = ()


def told_by(restriction: Restriction) -> str:
    """Who says so, and why, within a sentence."""
    return f"restriction {restriction.name} ({restriction.why})"
