"""How many bytes a replica takes, part by part, by the formulas that are named in the planner's answer.

Engine: llama.cpp; ``torch_needs`` has those of torch. The output matrix lies on the last GPU of a split,
layers lie whole, attention is the flash kind (no scores in memory), keys and values have 16 bits.
"""

from dataclasses import dataclass
from typing import Final

from appliance.domain.recipe import MemoryFacts
from appliance.policy.placement.answer import Wishes

_LOGIT_BYTES: Final = 4
_ACTIVATION_BYTES: Final = 64
"""A value of the width, 32 bits each, in the 16 tensors of a layer that live at once."""
_MASK_BYTES: Final = 6
"""A cell of the attention mask for one token: 32 bits, and its copy at 16."""


@dataclass(frozen=True, slots=True)
class Needs:
    """One replica's needs. ``head_bytes`` is the matrix between width and vocabulary, part of the weights."""

    layers: int
    head_bytes: int
    layer_weight_bytes: int
    layer_kv_bytes: int
    buffer_bytes: int

    @property
    def layer_bytes(self) -> int:
        """One layer with its part of the KV cache."""
        return self.layer_weight_bytes + self.layer_kv_bytes

    @property
    def whole_bytes(self) -> int:
        """Everything on one processor, without its reserve."""
        return self.head_bytes + self.layers * self.layer_bytes + self.buffer_bytes


def needs_of(facts: MemoryFacts, wishes: Wishes) -> Needs:
    """The needs of one replica."""
    head = -(-facts.vocabulary * facts.width * facts.weight_bytes // facts.parameters)
    head = min(head, facts.weight_bytes // 2)
    per_token = _LOGIT_BYTES * facts.vocabulary + _ACTIVATION_BYTES * facts.width
    return Needs(
        layers=facts.layers,
        head_bytes=head,
        layer_weight_bytes=-(-(facts.weight_bytes - head) // facts.layers),
        layer_kv_bytes=-(-facts.kv_bytes_per_token * wishes.kv_tokens // facts.layers),
        buffer_bytes=wishes.pass_tokens * (per_token + _MASK_BYTES * wishes.kv_tokens),
    )


ASSUMPTIONS: Final = (
    "Weights lie on GPUs by whole layers; the output matrix lies on the last one.",
    "KV cache: seats x context x bytes a token, keys and values of 16 bits, divided like the layers.",
    "Buffers on each GPU: batch x (4 x vocabulary + 64 x width + 6 x KV cells) bytes, with flash attention.",
    "Left free on each GPU: 600 MiB for the driver and 5 % of its memory.",
)
HOST_ASSUMPTIONS: Final = (
    "On the processor everything lies in the machine's memory: weights, KV cache and buffers of a replica.",
    "Left free of the machine's memory: 256 MiB a replica and 5 %.",
)
