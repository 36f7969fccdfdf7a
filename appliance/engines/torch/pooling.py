"""How the states of a text's tokens become its vector."""

import torch
from torch import Tensor

from appliance.domain.recipe import Pooling


def pooled(kind: Pooling, states: Tensor, lengths: Tensor) -> Tensor:
    """``(texts, size)`` in float32 from ``(texts, tokens, size)``: the mean of a text's own tokens, which are
    the first ``lengths``, or the first or last of these.
    """
    if kind == "cls":
        return states[:, 0].float()
    if kind == "last":
        return states[torch.arange(len(states), device=states.device), lengths - 1].float()
    own = torch.arange(states.shape[1], device=states.device) < lengths[:, None]
    return states.float().masked_fill(~own[:, :, None], 0).sum(dim=1) / lengths[:, None]
