"""Where a process computes."""

import torch

from appliance.engines.base import EngineSpec


def device_of(spec: EngineSpec, rank: int = 0) -> torch.device:
    """The GPU of a rank, among those that the process can see, or the processor."""
    if spec.gpu_layers == 0 or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", rank)
