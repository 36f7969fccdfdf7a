"""How many bytes a replica of the torch engine takes, part by part: what ``needs`` is for llama.cpp.

Every matrix is divided where ``needs`` has whole layers. Attention is counted as if its scores lay in memory,
since that depends on which of torch's kernels is taken.
"""

from dataclasses import dataclass
from typing import Final

from appliance.domain.recipe import MemoryFacts
from appliance.policy.placement.answer import PlannedForm, Wishes
from appliance.policy.placement.precision import computes_in_bytes, packed, processor_bytes

TORCH_PROCESS_BYTES: Final = 600 * 2**20
"""An idle worker with torch, transformers and bitsandbytes has 380 MiB resident; threads and the caches of a
first pass come on top."""
CONTEXT_BYTES: Final = 424 * 2**20
"""On a GPU, beside what every process is reserved: torch's own kernels and the workspace of cuBLAS."""
GROUP_BYTES: Final = 512 * 2**20
"""What NCCL takes on each GPU of a group."""
_LIVE_TENSORS: Final = 32
"""Values of the width that a token has at once: 3 tensors of the inner width, which is up to 4 times as wide,
the tensors of attention, and copies at 32 bits in norms."""
_LOGIT_BYTES: Final = 16
"""A logit as computed, at 32 bits, as a probability, and sorted."""
_SCORED_LOGITS: Final = 2**25
"""Most that a pass scores."""
_SCORE_BYTES: Final = 8
"""A score of attention and its probability, at 32 bits; its mask comes on top, as wide as is computed."""
_LONGEST_HEAD: Final = 64
"""Taken for the size of a head where the recipe does not say how many there are: most have more."""


@dataclass(frozen=True, slots=True)
class RankNeeds:
    """What each of ``ranks`` processes takes, all alike."""

    ranks: int
    weight_bytes: int
    kv_bytes: int
    buffer_bytes: int
    process_bytes: int
    """On a GPU beside ``gpu_reserve_bytes``; on the processor all that is left free."""

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weight_bytes + self.kv_bytes + self.buffer_bytes + self.process_bytes


def needs_on_gpus(form: PlannedForm, wishes: Wishes, ranks: int) -> RankNeeds:
    """Of each GPU, when so many share every matrix and every head."""
    sizes = form.sizes
    value_bytes = computes_in_bytes(form.precision, on_gpu=True)
    kv_bytes = _kv_bytes(sizes, wishes, value_bytes)
    return RankNeeds(
        ranks=ranks,
        weight_bytes=-(-sizes.weight_bytes // ranks),
        kv_bytes=-(-kv_bytes // ranks),
        buffer_bytes=_buffer_bytes(form, wishes, value_bytes, ranks),
        process_bytes=CONTEXT_BYTES + (GROUP_BYTES if ranks > 1 else 0),
    )


def needs_on_processor(form: PlannedForm, wishes: Wishes) -> RankNeeds:
    """Of the machine's memory, by one process."""
    sizes = form.sizes
    value_bytes = computes_in_bytes(form.precision, on_gpu=False)
    return RankNeeds(
        ranks=1,
        weight_bytes=processor_bytes(sizes.weight_bytes, sizes.parameters, form.precision),
        kv_bytes=_kv_bytes(sizes, wishes, value_bytes),
        buffer_bytes=_buffer_bytes(form, wishes, value_bytes, ranks=1),
        process_bytes=TORCH_PROCESS_BYTES,
    )


def _kv_bytes(sizes: MemoryFacts, wishes: Wishes, value_bytes: int) -> int:
    """A recipe counts keys and values of 16 bits."""
    return sizes.kv_bytes_per_token * wishes.kv_tokens * value_bytes // 2


def _buffer_bytes(form: PlannedForm, wishes: Wishes, value_bytes: int, ranks: int) -> int:
    sizes, tokens = form.sizes, wishes.pass_tokens
    activations = _LIVE_TENSORS * tokens * sizes.width * value_bytes
    told = max(wishes.seats, min(tokens, _SCORED_LOGITS // sizes.vocabulary))
    logits = _LOGIT_BYTES * told * sizes.vocabulary
    heads = -(-_heads(sizes) // ranks)
    scores = tokens * wishes.context_tokens * heads * (_SCORE_BYTES + value_bytes)
    layer_of_cache = _kv_bytes(sizes, wishes, value_bytes) // (sizes.layers * ranks)
    return activations + logits + scores + layer_of_cache + _unpacked_bytes(form, value_bytes, ranks)


def _unpacked_bytes(form: PlannedForm, value_bytes: int, ranks: int) -> int:
    """The largest matrix of a layer, which is at most half of it, as it is computed with."""
    if not packed(form.precision):
        return 0
    return -(-form.sizes.parameters * value_bytes // (2 * form.sizes.layers * ranks))


def _heads(sizes: MemoryFacts) -> int:
    """Heads that ask, from the size of those that are kept: a key and a value of 16 bits take 4 bytes."""
    head_size = sizes.kv_bytes_per_token // (4 * sizes.layers * sizes.kv_heads) if sizes.kv_heads else 0
    return max(1, -(-sizes.width // (head_size or _LONGEST_HEAD)))


ASSUMPTIONS: Final = (
    "Of several GPUs each has a part of every matrix and its heads; their number divides the KV heads.",
    "KV cache: seats x context x bytes a token, of 16 bits, in float32 of 32; divided like the heads.",
    "Buffers on each GPU: batch x (64 x width + 10 x context x its heads), 16 a logit, one layer's cache.",
    "That counts attention with its scores in memory, and is doubled for float32 but for the logits.",
    "Left free on each GPU: 1 GiB for the driver and torch, 512 MiB more in a group, and 5 % of its memory.",
)
PACKED_ASSUMPTIONS: Final = (
    "In int8 and nf4 a weight of a layer's matrix takes 1 byte or 9/16 of one; all others have 16 bits.",
    "Half a layer is unpacked at a time.",
)
HOST_ASSUMPTIONS: Final = (
    "On the processor everything lies in the machine's memory, in one process a replica.",
    "There float32, int8 and nf4 are computed with 32 bits, keys, values and what is not packed too.",
    "Left free of the machine's memory: 600 MiB a replica for a process with torch, and 5 %.",
)
