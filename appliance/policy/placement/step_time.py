"""Seconds of one step of a replica on GPUs, from bandwidth and arithmetic.

A step reads every weight and every filled KV cell once and computes one token for every seat. The GPUs of a
split by layers work in turn, so their times add up; those that share every matrix work at once, and add up
what they found twice a layer.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from appliance.policy.placement.answer import PlannedForm, ReplicaPlacement, Share
from appliance.policy.placement.layout import DIVIDE_TENSORS
from appliance.policy.placement.machines import GpuModel
from appliance.policy.placement.precision import computes_in_bytes, packed

EFFICIENCY: Final = 0.6
"""Part of bandwidth and arithmetic that is reached. With it this formula gives the 10.89 ms a token at batch
32 that Hugging Face measured for BLOOM-176B in bf16, split by layers over 8xA100-80GB
(huggingface.co/blog/bloom-inference-pytorch-scripts, row "accelerate bf16")."""
_UNPACKING: Final = 13.27 / 10.89
"""How much longer a step takes where matrices are unpacked for it: "accelerate int8" against "accelerate
bf16" in the same table at batch 32. The same is taken for nf4."""
_LAYER_S: Final = 20e-6
"""What starting the kernels of a layer takes, however small it is."""
_REDUCTION_S: Final = 45e-6
_REDUCED_BYTES_S: Final = 100e9
"""What adding up over all GPUs takes, and how fast over NVLink. With these the formula gives 44.1, 46.6, 55.1
and 88.8 ms a step at batch 1, 8, 32 and 128 for BLOOM-176B in 16 bits on 8xA100-80GB, where the table has
44.0, 45.6, 53.8 and 88.3 for DeepSpeed-Inference."""
_SEQUENCE_S: Final = 20e-6
_VOCABULARY_S: Final = 0.8e-9
"""Sampling one token on the processor, measured: 29 us at 32,000 tokens of vocabulary, 198 us at 262,000."""
_FILLED: Final = 0.5


def step_s(
    form: PlannedForm,
    replica: ReplicaPlacement,
    speeds: Mapping[int, GpuModel],
    *,
    seats: int,
    kv_tokens: int,
) -> float:
    """``kv_tokens`` of all seats together. ``speeds`` by the number of a GPU."""
    times = [
        _share_s(form, share, speeds[share.gpu], len(replica.shares), seats=seats, kv_tokens=kv_tokens)
        for share in replica.shares
        if share.gpu is not None
    ]
    tensors = replica.split == "tensor"
    together = max(times, default=0.0) if tensors else sum(times)
    slower = _UNPACKING if packed(form.precision) else 1.0
    reductions = 2 * form.sizes.layers * _reduction_s(form, len(times), seats) if tensors else 0.0
    return (
        slower * together / EFFICIENCY + form.sizes.layers * _LAYER_S + reductions + _sampling_s(form, seats)
    )


def _share_s(
    form: PlannedForm, share: Share, speed: GpuModel, shares: int, *, seats: int, kv_tokens: int
) -> float:
    sizes = form.sizes
    part = share.weight_bytes / sizes.weight_bytes
    of_cache = share.layers / sizes.layers if form.engine not in DIVIDE_TENSORS else 1 / shares
    wide = computes_in_bytes(form.precision, on_gpu=True) / 2
    filled = _FILLED * wide * sizes.kv_bytes_per_token * kv_tokens * of_cache
    # What is unpacked is read as if it lay there in 16 bits: packing saves memory, and no time.
    weights = 2 * sizes.parameters * part if packed(form.precision) else share.weight_bytes
    read_s = (weights + filled) / (speed.gigabytes_s * 1e9)
    return read_s + 2 * sizes.parameters * seats * part / (speed.tera_flop_s * 1e12)


def _reduction_s(form: PlannedForm, ranks: int, seats: int) -> float:
    """A ring sends each value twice, but for the part that a GPU keeps."""
    sent = 2 * (ranks - 1) / ranks * seats * form.sizes.width * computes_in_bytes(form.precision, on_gpu=True)
    return _REDUCTION_S + sent / _REDUCED_BYTES_S


def _sampling_s(form: PlannedForm, seats: int) -> float:
    """Where matrices are divided the vocabulary is looked at on the GPU, in no time worth counting."""
    return seats * (
        _SEQUENCE_S + (0 if form.engine in DIVIDE_TENSORS else form.sizes.vocabulary * _VOCABULARY_S)
    )


def assumptions_of(form: PlannedForm, replicas: Sequence[ReplicaPlacement]) -> tuple[str, ...]:
    """The formula in words."""
    tensors = any(one.split == "tensor" for one in replicas)
    return (
        _STEP,
        _AT_ONCE if tensors else _IN_TURN,
        _SAMPLED_THERE if form.engine in DIVIDE_TENSORS else _SAMPLED_HERE,
        *(_OF_TENSORS if tensors else _OF_LAYERS),
        *(_SLOWER if packed(form.precision) else ()),
    )


_STEP: Final = (
    "Speed is an estimate: a step reads all weights and half-filled KV caches and computes a token a seat."
)
_IN_TURN: Final = "It reaches 60 % of bandwidth and arithmetic; the GPUs of a split by layers work in turn."
_AT_ONCE: Final = "It reaches 60 % of bandwidth and arithmetic; the GPUs of a split work at the same time."
_SAMPLED_HERE: Final = (
    "Besides, a step takes 20 us a layer, and for each seat 20 us and 0.8 ns a token of the vocabulary."
)
_SAMPLED_THERE: Final = "Besides, a step takes 20 us a layer and 20 us for each seat."
_OF_LAYERS: Final = (
    "That gives Hugging Face's 10.89 ms a token (BLOOM-176B in bf16, batch 32, 8xA100-80GB split by layers).",
)
_OF_TENSORS: Final = (
    "Twice a layer the GPUs add up what they found, in 45 us and at 100 GB/s: NVLink's, and slower without.",
    "That gives 0.69 ms a token, as Hugging Face has it for DeepSpeed (BLOOM-176B, batch 128, 8xA100-80GB).",
)
_SLOWER: Final = (
    "In int8 and nf4 a step takes 1.22 times as long as in bf16: Hugging Face's 13.27 for 10.89 ms (int8).",
)
