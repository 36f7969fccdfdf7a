"""When a worker hangs. Values in, values out: who looks brings the time.

A heart that beats says that the process lives, not that it gets on: a forward pass that never returns is a
hang too. How long one may take depends on its size, so that a long prompt on a processor is not one.
"""

from dataclasses import dataclass

from appliance.workers.frames import Heartbeat


@dataclass(frozen=True, slots=True)
class HangRule:
    """Bounds in seconds. A step may last the larger of ``step_s`` and ``times_expected`` what it should."""

    silence_s: float = 15.0
    step_s: float = 15.0
    times_expected: float = 20.0
    beat_s: float = 1.0
    """How often a worker says that it lives."""


def why_hung(rule: HangRule, *, silent_s: float, beat: Heartbeat | None) -> str | None:
    """Why the worker counts as hung, or None. ``beat`` is its last frame, if that was a heartbeat."""
    if silent_s >= rule.silence_s:
        return f"It hung: it gave no sign of life for {rule.silence_s:g} s."
    if beat is None or beat.step_age_ms is None:
        return None
    longest_s = max(rule.step_s, rule.times_expected * beat.expected_step_ms / 1000)
    if beat.step_age_ms / 1000 > longest_s:
        return f"It hung: one step lasted over {longest_s:.3g} s."
    return None


class Signs:
    """What a worker has shown of its life."""

    def __init__(self, rule: HangRule, now_s: float) -> None:
        self._rule = rule
        self._silent_s = 0.0
        self._looked_s = now_s
        self._beat: Heartbeat | None = None

    def heard(self, beat: Heartbeat | None) -> None:
        """It sent a frame: a heartbeat, or any other."""
        self._silent_s = 0.0
        self._beat = beat

    def look(self, now_s: float) -> str | None:
        """Why it counts as hung at this moment, or None. Look about as often as its heart should beat."""
        # A gateway that was itself stopped for an hour has not listened for an hour.
        self._silent_s += min(now_s - self._looked_s, 2 * self._rule.beat_s)
        self._looked_s = now_s
        return why_hung(self._rule, silent_s=self._silent_s, beat=self._beat)
