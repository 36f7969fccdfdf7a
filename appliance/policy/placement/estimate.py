"""What a placement would produce in a day: an estimate from bandwidth and arithmetic, never a measurement.

A step reads every weight and every filled KV cell once and computes one token for every seat. The GPUs of a
split by layers work in turn, so their times add up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.domain.recipe import MemoryFacts
from appliance.policy.placement.answer import Placement, ReplicaPlacement
from appliance.policy.placement.machines import GpuModel

WORDS_PER_TOKEN: Final = 0.75
EFFICIENCY: Final = 0.6
"""Part of bandwidth and arithmetic that is reached. With it this formula gives the 10.89 ms a token at batch
32 that Hugging Face measured for BLOOM-176B in bf16, split by layers over 8xA100-80GB
(huggingface.co/blog/bloom-inference-pytorch-scripts, row "accelerate bf16")."""
_LAYER_S: Final = 20e-6
"""What starting the kernels of a layer takes, however small it is."""
_SEQUENCE_S: Final = 20e-6
_VOCABULARY_S: Final = 0.8e-9
"""Sampling one token on the processor, measured: 29 us at 32,000 tokens of vocabulary, 198 us at 262,000."""
_DAY_S: Final = 86_400
_FILLED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Day:
    """A whole day of work. ``dollars`` and ``kilowatt_hours`` are of the GPUs that are used."""

    tokens: int
    words: int
    dollars: float
    kilowatt_hours: float


def estimate(
    facts: MemoryFacts, placement: Placement, speeds: Sequence[GpuModel | None]
) -> tuple[Day | None, tuple[str, ...]]:
    """The day and what was assumed for it. None where a GPU's speed is not known, or none is used.

    ``speeds`` is indexed by the number of a GPU.
    """
    used = [gpu for replica in placement.replicas for gpu in replica.gpus]
    known = {gpu: speed for gpu in used if (speed := speeds[gpu]) is not None}
    if not used or len(known) < len(used):
        return None, ("Speed is estimated only for GPUs whose bandwidth is known.",)
    cells = placement.seats * placement.context_tokens
    per_second = sum(
        placement.seats / step_s(facts, replica, known, seats=placement.seats, kv_tokens=cells)
        for replica in placement.replicas
    )
    return day(
        tokens=int(per_second * _DAY_S),
        dollars_per_hour=sum(one.dollars_per_hour for one in known.values()),
        watts=sum(one.watts for one in known.values()),
    ), ASSUMPTIONS


def day(*, tokens: int, dollars_per_hour: float, watts: int = 0) -> Day:
    """A day of so many tokens on a machine of that price."""
    return Day(
        tokens=tokens,
        words=round(tokens * WORDS_PER_TOKEN),
        dollars=24 * dollars_per_hour,
        kilowatt_hours=24 * watts / 1000,
    )


def step_s(
    facts: MemoryFacts,
    replica: ReplicaPlacement,
    speeds: Mapping[int, GpuModel],
    *,
    seats: int,
    kv_tokens: int,
) -> float:
    """Seconds of one step of a replica, whose GPUs wait for each other."""
    times = []
    for share in replica.shares:
        if share.gpu is None:
            continue
        speed = speeds[share.gpu]
        filled = _FILLED * facts.kv_bytes_per_token * kv_tokens * share.layers / facts.layers
        read_s = (share.weight_bytes + filled) / (speed.gigabytes_s * 1e9)
        flop = 2 * facts.parameters * seats * share.weight_bytes / facts.weight_bytes
        times.append(read_s + flop / (speed.tera_flop_s * 1e12))
    sampling_s = seats * (_SEQUENCE_S + facts.vocabulary * _VOCABULARY_S)
    return sum(times) / EFFICIENCY + facts.layers * _LAYER_S + sampling_s


ASSUMPTIONS: Final = (
    "Speed is an estimate: a step reads all weights and half-filled KV caches and computes a token a seat.",
    "It reaches 60 % of bandwidth and arithmetic; the GPUs of a split work in turn.",
    "Besides, a step takes 20 us a layer, and for each seat 20 us and 0.8 ns a token of the vocabulary.",
    "That gives Hugging Face's 10.89 ms a token (BLOOM-176B in bf16, batch 32, 8xA100-80GB split by layers).",
    "Splitting every matrix, which Carrel does not do, reached 0.69 ms a token at batch 128 there.",
    "All seats generate all day; reading prompts is not counted; 0.75 words a token.",
    "Dollars are 24 hours of rent for the GPUs used, at the round price by the hour in Carrel's table.",
)
