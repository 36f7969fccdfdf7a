"""What time it is, as far as a clock can be believed that whoever runs the machine may set. Pure.

Signed times are a floor: it cannot be earlier than a registry has said that it is, and the floor rises with
the time that the machine itself counts (which nobody can set). The wall clock counts where it is later. It
lifts the floor by ``STEP_MS`` at most, unsigned, so that a clock that was once set to 2099 ends no lease for
good. Times in ms since 1970 UTC, counts in ms since the machine was started.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

from appliance.domain.trusted_time import Kept

HOUR_MS: Final = 3_600_000
STEP_MS: Final = 36 * HOUR_MS
"""So far the wall clock may go past what is known without a signature."""
SLACK_MS: Final = 300_000
"""By so much two clocks may differ."""
SIGNED_AHEAD_MS: Final = 400 * 24 * HOUR_MS
"""Where the wall clock is known to be behind, a signed time may be so far past the floor."""

ClockState = Literal["sound", "unconfirmed", "behind", "ahead"]
"""``unconfirmed``: the wall clock is far past what was signed: after a long summer, or because it is wrong.
``behind``: it is earlier than it can be. ``ahead``: it has jumped while the box ran, and is not followed.
"""


@dataclass(frozen=True, slots=True)
class Known:
    """At ``count_ms``: the floor, and the time that the wall clock told when it was believed last (0: it was
    not, so that there is nothing to compare its next jump with).
    """

    floor_ms: int
    told_ms: int
    count_ms: int


@dataclass(frozen=True, slots=True)
class Reading:
    """``effective_ms`` is what counts; what is signed later than ``latest_ms`` is refused; ``known`` is what
    to read from the next time.
    """

    effective_ms: int
    latest_ms: int
    state: ClockState
    known: Known


def begin(kept: Kept, *, wall_ms: int, boot: str, count_ms: int) -> Known:
    """As the process starts. How long the machine was off nobody signs: the wall clock is believed for up to
    ``STEP_MS`` of it.
    """
    ran_ms = max(0, count_ms - kept.count_ms) if boot and boot == kept.boot else 0
    return Known(_lifted(kept.floor_ms + ran_ms, wall_ms), 0, count_ms)


def read(known: Known, *, wall_ms: int, count_ms: int) -> Reading:
    """The time now. A clock that was behind and is mended is followed as at a start; of one that was believed
    a jump is not.
    """
    ran_ms = max(0, count_ms - known.count_ms)
    floor_ms = known.floor_ms + ran_ms
    if wall_ms < floor_ms - SLACK_MS:
        # How late it really is such a clock does not say.
        return Reading(floor_ms, floor_ms + SIGNED_AHEAD_MS, "behind", Known(floor_ms, 0, count_ms))
    expected_ms = max(known.told_ms + ran_ms, floor_ms)
    if known.told_ms and wall_ms > expected_ms + STEP_MS:
        # A registry may still confirm what it tells.
        return Reading(expected_ms, wall_ms + SLACK_MS, "ahead", Known(floor_ms, expected_ms, count_ms))
    effective_ms = max(wall_ms, floor_ms)
    state: ClockState = "unconfirmed" if effective_ms > floor_ms + STEP_MS else "sound"
    return Reading(effective_ms, effective_ms + SLACK_MS, state, Known(floor_ms, effective_ms, count_ms))


def learn(known: Known, signed_ms: int, *, wall_ms: int) -> Known:
    """A registry has signed something at this time: it is at least that late, and up to ``STEP_MS`` later
    where the wall clock says so.
    """
    if signed_ms <= known.floor_ms:
        return known
    told_ms = max(known.told_ms, signed_ms) if known.told_ms else 0
    return replace(known, floor_ms=_lifted(signed_ms, wall_ms), told_ms=told_ms)


def reset(known: Known, signed_ms: int) -> Known:
    """A registry says that it is this time, whatever was known before."""
    return replace(known, floor_ms=signed_ms, told_ms=signed_ms)


def _lifted(floor_ms: int, wall_ms: int) -> int:
    return wall_ms if floor_ms < wall_ms <= floor_ms + STEP_MS else floor_ms
