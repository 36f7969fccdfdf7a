"""What a person has left of what may be had per minute."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RateLeft:
    """``full_in_s`` is the time until ``left`` is ``limit`` again, in seconds."""

    limit: int
    left: int
    full_in_s: float


@dataclass(frozen=True, slots=True)
class RatesLeft:
    """Requests and tokens; None where there is no limit."""

    requests: RateLeft | None = None
    tokens: RateLeft | None = None
