"""The last seconds and the last hour, as rings of a fixed length. Pure."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from appliance.domain.hardware import GpuSample

BEATS_KEPT: Final = 600
"""Seconds."""
MOMENT_S: Final = 5
MOMENTS_KEPT: Final = 720
"""An hour of moments."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One second, or the average or most of several, up to ``at_ms``. Rates are a second's."""

    at_ms: int
    requests_per_s: float
    tokens_per_s: float
    waiting: int
    running: int
    processor_percent: float
    memory_used_bytes: int


@dataclass(frozen=True, slots=True)
class Moment:
    """What the hardware did in ``MOMENT_S`` seconds; its GPUs as the driver last told of them."""

    at_ms: int
    processor_percent: float
    memory_used_bytes: int
    gpus: tuple[GpuSample, ...]


class Rings:
    """``last`` is the number of the last second; numbers go up by one a second, so that a step of several
    seconds is made of the same ones whenever it is asked for.
    """

    def __init__(self) -> None:
        self.last = -1
        self.moments: deque[Moment] = deque(maxlen=MOMENTS_KEPT)
        self._beats: deque[Beat] = deque(maxlen=BEATS_KEPT)

    def add(self, number: int, beat: Beat, gpus: tuple[GpuSample, ...]) -> None:
        """The second of this number. Seconds between it and the last one, in which nobody could look, were
        alike.
        """
        missed = number - self.last if self._beats else 1
        self.last = number - min(missed, BEATS_KEPT)
        while self.last < number:
            self.last += 1
            self._beats.append(beat)
            if (self.last + 1) % MOMENT_S == 0:
                self._add_moment(gpus)

    def steps(self, seconds: int, step_s: int) -> list[Beat]:
        """As many whole steps as there are in the last ``seconds``, oldest first; at least one is looked
        for.
        """
        begun = (self.last + 1) % step_s
        beats = list(islice(self._beats, max(0, len(self._beats) - begun)))
        count = min(max(1, seconds // step_s), len(beats) // step_s)
        whole = beats[len(beats) - count * step_s :]
        return [_joined(whole[start : start + step_s]) for start in range(0, len(whole), step_s)]

    def _add_moment(self, gpus: tuple[GpuSample, ...]) -> None:
        joined = _joined(list(islice(reversed(self._beats), MOMENT_S)))
        self.moments.append(
            Moment(self._beats[-1].at_ms, joined.processor_percent, joined.memory_used_bytes, gpus)
        )


def _joined(beats: Sequence[Beat]) -> Beat:
    number = len(beats)
    return Beat(
        at_ms=beats[-1].at_ms,
        requests_per_s=sum(one.requests_per_s for one in beats) / number,
        tokens_per_s=sum(one.tokens_per_s for one in beats) / number,
        waiting=max(one.waiting for one in beats),
        running=max(one.running for one in beats),
        processor_percent=sum(one.processor_percent for one in beats) / number,
        memory_used_bytes=max(one.memory_used_bytes for one in beats),
    )
