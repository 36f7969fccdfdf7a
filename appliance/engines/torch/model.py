"""A whole model and its KV cache in one process: the ``Computer`` of a replica that is not split."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from appliance.engines.base import EngineSpec, unheard
from appliance.engines.hf_folder.folder import ModelFolder
from appliance.engines.torch.attention import Attention, KvStorage, attach
from appliance.engines.torch.bloom import alibi_slopes, use_cached_attention
from appliance.engines.torch.cells import Cells
from appliance.engines.torch.computing import Pass
from appliance.engines.torch.loading import Splitter, load, weight_bytes, whole
from appliance.engines.torch.precision import Numbers
from appliance.errors import DoesNotFit


class TorchModel:
    """Weights and cache on one device.

    With several ``ranks`` this is the part of ``rank``, as ``split`` cuts it: heads and their cache are
    divided equally.
    """

    def __init__(
        self,
        folder: ModelFolder,
        spec: EngineSpec,
        cells: Cells,
        device: torch.device,
        on_progress: Callable[[float], None] = unheard,
        *,
        split: Splitter = whole,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        torch.set_num_threads(spec.threads)
        architecture = folder.architecture
        numbers = Numbers.of(spec.precision, device)
        self._device = device
        try:
            self._model = load(folder, numbers, device, on_progress, split=split)
            self._storage = KvStorage(
                layers=architecture.layers,
                slots=cells.slots,
                cells_per_slot=cells.cells_per_slot,
                heads=architecture.kv_heads // ranks,
                head_size=architecture.head_size,
                dtype=numbers.compute,
                device=device,
            )
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise DoesNotFit(
                f"There is no memory for this model with a KV cache of {spec.kv_tokens} tokens; ask for less."
            ) from error
        slopes = None
        if architecture.family == "bloom":
            use_cached_attention(self._model)
            own = architecture.heads // ranks
            slopes = alibi_slopes(architecture.heads, device)[rank * own : (rank + 1) * own]
        self._attention = Attention(self._storage, slopes)
        attach(self._model, self._attention)

    @property
    def weight_bytes(self) -> int:
        """Measured on the tensors."""
        return weight_bytes(self._model)

    @property
    def cache_bytes(self) -> int:
        """Measured on the tensors."""
        return self._storage.size_bytes

    @torch.inference_mode()
    def compute(self, step: Pass) -> Tensor:
        """See ``Computer``."""
        self._attention.begin(step)
        logits: Tensor = self._model(
            input_ids=self._row(step.tokens),
            position_ids=self._row(step.positions),
            use_cache=False,
            logits_to_keep=torch.tensor(step.outputs, dtype=torch.int64, device=self._device),
        ).logits
        return logits[0].float()

    @torch.inference_mode()
    def copy(self, sources: Sequence[int], targets: Sequence[int]) -> None:
        """See ``Computer``."""
        self._storage.copy(sources, targets)

    def close(self) -> None:
        """What torch keeps for itself goes with the process."""
        del self._model, self._storage, self._attention

    def _row(self, numbers: Sequence[int]) -> Tensor:
        return torch.tensor([numbers], dtype=torch.int64, device=self._device)
