"""What the box does from second to second, and what its hardware did in the last hour. Series are oldest
first; sizes in bytes.
"""

from appliance.domain.results.base import Result


class ModelPulse(Result, frozen=True):
    """One model that runs or is waited for. ``people`` asked it in the last 15 minutes; ``tokens_per_s`` of
    its answers is over the last 5 seconds.
    """

    model: str
    people: int
    tokens_per_s: float
    running: int
    waiting: int


class Pulse(Result, frozen=True):
    """The last seconds, one value each ``step_s``; fewer where the box is younger.

    ``requests_per_s`` counts those that were accepted, ``tokens_per_s`` tokens of answers as they came.
    Rates and ``processor_percent`` are averages of their step, the others the most seen in it. ``at_ms`` is
    the end of the last step, in ms since 1970 UTC. The disk is that of the models' folder, zeros where it
    does not answer; ``disk_needed_bytes`` is what downloads on their way still need of it. First words are
    those of requests that ended in the last 5 minutes, None where none did. People are those of the last 15
    minutes; ``people_limited`` were refused by a limit or a budget.
    """

    at_ms: int
    step_s: int
    requests_per_s: tuple[float, ...]
    tokens_per_s: tuple[float, ...]
    waiting: tuple[int, ...]
    running: tuple[int, ...]
    processor_percent: tuple[float, ...]
    memory_used_bytes: tuple[int, ...]
    memory_total_bytes: int
    cores: int
    disk_free_bytes: int
    disk_total_bytes: int
    disk_needed_bytes: int
    first_word_median_ms: int | None
    first_word_p95_ms: int | None
    longest_wait_s: int
    people_active: int
    people_limited: int
    models: tuple[ModelPulse, ...]


class GpuHistory(Result, frozen=True):
    """One GPU, one value each ``step_s``; null where its driver did not tell."""

    index: int
    memory_used_bytes: tuple[int | None, ...]
    utilization_percent: tuple[int | None, ...]
    temperature_c: tuple[int | None, ...]
    power_w: tuple[float | None, ...]


class GpuHistories(Result, frozen=True):
    """All GPUs, and the machine's processor and memory. All series are of the same moments, the last at
    ``at_ms``.
    """

    at_ms: int
    step_s: int
    gpus: tuple[GpuHistory, ...]
    processor_percent: tuple[float, ...]
    memory_used_bytes: tuple[int, ...]
    memory_total_bytes: int
