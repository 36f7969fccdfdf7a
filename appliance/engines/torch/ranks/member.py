"""One rank's part of the work, the same in rank 0 as in the others."""

from collections.abc import Callable

import torch
from torch import Tensor

from appliance.engines.base import EngineSpec, unheard
from appliance.engines.hf_folder.folder import read_folder
from appliance.engines.torch.cells import choose_cells
from appliance.engines.torch.computing import Pass
from appliance.engines.torch.devices import device_of
from appliance.engines.torch.model import TorchModel
from appliance.engines.torch.ranks.meeting import MeetingRanks
from appliance.engines.torch.ranks.parts import Part
from appliance.engines.torch.ranks.plans import require_whole_heads
from appliance.engines.torch.ranks.splitting import Splitting


class Member:
    """Rank ``rank`` of the ``spec.ranks`` that share a model; ``spec.threads`` are each one's."""

    def __init__(self, spec: EngineSpec, rank: int, on_progress: Callable[[float], None] = unheard) -> None:
        folder = read_folder(spec)
        architecture = folder.architecture
        require_whole_heads(architecture.heads, architecture.kv_heads, spec.ranks)
        self._vocabulary = architecture.vocabulary
        self._device = device_of(spec, rank)
        if self._device.type == "cuda":
            torch.cuda.set_device(self._device)
        self._link = MeetingRanks(rank, spec.ranks)
        self.model = TorchModel(
            folder,
            spec,
            choose_cells(spec),
            self._device,
            on_progress,
            split=Splitting(Part(rank, spec.ranks, self._link)),
            rank=rank,
            ranks=spec.ranks,
        )

    def meet(self, place: int) -> None:
        """Connect to the other ranks."""
        self._link.meet(place, self._device)

    @torch.inference_mode()
    def compute(self, step: Pass) -> Tensor | None:
        """The logits of the whole vocabulary, at rank 0."""
        own = self.model.compute(step)
        if not step.outputs:
            return own.new_empty(0, self._vocabulary)
        return self._link.gather(own, self._vocabulary)

    def close(self) -> None:
        """Let go of the others, and free the part."""
        self._link.part()
        self.model.close()
