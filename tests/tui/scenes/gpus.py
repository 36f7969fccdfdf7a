"""Ten minutes of the made-up lab's GPUs; the GPUs themselves are in ``now``."""

import math

from appliance.domain.results import GpuHistories, GpuHistory
from tests.tui.fake_box import NOW_MS

GIB = 1024**3
_SAMPLES = 120


def _wave(low: float, high: float, phase: float) -> tuple[float, ...]:
    middle, half = (low + high) / 2, (high - low) / 2
    return tuple(
        middle + half * (0.7 * math.sin(n / 9 + phase) + 0.3 * math.sin(n / 2.1)) for n in range(_SAMPLES)
    )


def _whole(values: tuple[float, ...]) -> tuple[int, ...]:
    return tuple(round(one) for one in values)


def history(index: int, held_gib: float, busy: float) -> GpuHistory:
    """One GPU that was so busy at most."""
    return GpuHistory(
        index=index,
        memory_used_bytes=_whole(_wave(held_gib * 0.9 * GIB, held_gib * GIB, index)),
        utilization_percent=_whole(_wave(busy * 0.4, busy, index)),
        temperature_c=_whole(_wave(40, 40 + busy * 0.3, index)),
        power_w=_wave(90, 90 + busy * 5, index),
    )


HISTORIES = GpuHistories(
    at_ms=NOW_MS,
    step_s=5,
    gpus=(
        *(
            history(index, held, busy)
            for index, held, busy in ((0, 9.6, 90), (1, 22.5, 70), (2, 43.4, 100), (4, 0.9, 0), (5, 0.9, 0))
        ),
        GpuHistory(3, (None,) * _SAMPLES, (None,) * _SAMPLES, (None,) * _SAMPLES, (None,) * _SAMPLES),
    ),
    processor_percent=_wave(5, 48, 1.0),
    memory_used_bytes=_whole(_wave(30 * GIB, 45 * GIB, 2.0)),
    memory_total_bytes=256 * GIB,
)
ANSWERS = [("gpu.history", {}, HISTORIES)]
DIALOGS = [
    ("shared", ("down", "down")),
    ("broken", ("down", "down", "down")),
    ("plot", ("enter",)),
    ("plot-machine", ("end", "enter")),
]
