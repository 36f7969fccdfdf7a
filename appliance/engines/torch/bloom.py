"""BLOOM's attention, which has no interface to put ours into: the same module with another way to attend."""

from typing import cast

import torch
from torch import Tensor, nn
from transformers.models.bloom.modeling_bloom import BloomAttention, _get_alibi_slopes

from appliance.engines.torch.attention import Attention


class CachedBloomAttention(BloomAttention):
    """Queries, keys and values as BLOOM makes them; the rest is ``Attention``'s."""

    carrel_attention: Attention

    def forward(
        self, hidden_states: Tensor, residual: Tensor, *_: object, **__: object
    ) -> tuple[Tensor, None]:
        """Of one row of tokens. The ALiBi and mask that BLOOM made are not looked at."""
        layer = cast("int", self.layer_idx)
        query, key, value = self._reshape(self.query_key_value(hidden_states))
        mixed = self.carrel_attention.attend(layer, query, key, value, scaling=self.inv_norm_factor)
        return self.dense(mixed.reshape(*hidden_states.shape[:2], -1)) + residual, None


def use_cached_attention(model: nn.Module) -> None:
    """Change all attention modules, in place; their weights stay."""
    for module in model.modules():
        if type(module) is BloomAttention:
            module.__class__ = CachedBloomAttention


def alibi_slopes(heads: int, device: torch.device) -> Tensor:
    """One a head of the whole model."""
    slopes: Tensor = _get_alibi_slopes(heads, device)
    return slopes
