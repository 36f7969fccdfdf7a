"""Attention over our own KV cache, put into transformers' modules through its attention interface.

All tokens of a pass lie in one row, whatever sequence they belong to, so that every matrix is multiplied
once for all of them; here they part: new keys and values are written to their cells, and each group of
sequences attends to its own. Heads that share keys and values are laid out as further queries of one head,
so that nothing is repeated.
"""

from collections.abc import Sequence
from typing import Final, Protocol, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

from appliance.engines.torch.computing import Group, Pass

NAME: Final = "carrel"


class KvStorage:
    """Keys and values of all layers: a tensor ``(slots, heads, cells of a slot, size of a head)`` each."""

    def __init__(
        self,
        *,
        layers: int,
        slots: int,
        cells_per_slot: int,
        heads: int,
        head_size: int,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        shape = (slots, heads, cells_per_slot, head_size)
        self.cells_per_slot = cells_per_slot
        # Written to, so that the memory is not found missing in the middle of a stream.
        self.keys = [torch.zeros(shape, dtype=dtype, device=device) for _ in range(layers)]
        self.values = [torch.zeros(shape, dtype=dtype, device=device) for _ in range(layers)]

    @property
    def size_bytes(self) -> int:
        """Of all layers."""
        return sum(one.nbytes for one in (*self.keys, *self.values))

    def copy(self, sources: Sequence[int], targets: Sequence[int]) -> None:
        """What the cells ``sources`` hold goes to ``targets``, all at once."""
        here, there = self.places(sources), self.places(targets)
        for layer in (*self.keys, *self.values):
            layer[there[0], :, there[1]] = layer[here[0], :, here[1]]

    def places(self, cells: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Slots and places within them."""
        numbers = torch.from_numpy(np.asarray(cells, np.int64)).to(self.keys[0].device)
        return numbers // self.cells_per_slot, numbers % self.cells_per_slot


class Attention:
    """What the layers of one model share, and what is the same for all of them in a pass.

    ``slopes`` are those of ALiBi, one a head of this process, where the model has no other positions.
    """

    def __init__(self, storage: KvStorage, slopes: Tensor | None = None) -> None:
        self._storage = storage
        self._slopes = slopes
        self._looks: list[_Look] = []
        self._slots = self._places = torch.empty(0, dtype=torch.int64)

    def begin(self, step: Pass) -> None:
        """Before the first layer."""
        self._slots, self._places = self._storage.places(step.cells)
        self._looks = [_Look(group, self._storage, self._slopes) for group in step.groups]

    def attend(
        self, layer: int, queries: Tensor, keys: Tensor, values: Tensor, *, scaling: float, window: int = 0
    ) -> Tensor:
        """Keep the new keys and values, and mix values for each row.

        ``queries`` are ``(1, heads, rows, size)``, ``keys`` and ``values`` the same with their own number of
        heads; the answer is ``(1, rows, heads, size)``. ``window`` 0: all positions are seen.
        """
        kept_keys, kept_values = self._storage.keys[layer], self._storage.values[layer]
        kept_keys[self._slots, :, self._places] = _finite(keys[0].transpose(0, 1))
        kept_values[self._slots, :, self._places] = _finite(values[0].transpose(0, 1))
        mixed = [look.mix(queries[0], kept_keys, kept_values, scaling, window) for look in self._looks]
        return (mixed[0] if len(mixed) == 1 else torch.cat(mixed)).unsqueeze(0)


class _Look:
    """One group of a pass: which rows, which cells, and who sees what."""

    def __init__(self, group: Group, storage: KvStorage, slopes: Tensor | None) -> None:
        self._group = group
        self._count = len(group.starts)
        self._rows = slice(group.first_row, group.first_row + self._count * group.queries)
        self._slots = slice(group.first_slot, group.first_slot + self._count)
        self._device = storage.keys[0].device
        self._slopes = slopes
        self._masks: dict[tuple[int, torch.dtype], Tensor | None] = {}
        self._cells = self._gathered() if group.cells else None

    def mix(self, queries: Tensor, keys: Tensor, values: Tensor, scaling: float, window: int) -> Tensor:
        """``(rows of the group, heads, size)``."""
        heads, size, shared = queries.shape[0], queries.shape[2], keys.shape[1]
        count, length = self._count, self._group.queries
        asked = queries[:, self._rows].reshape(shared, heads // shared, count, length, size)
        asked = asked.permute(2, 0, 1, 3, 4).reshape(count, shared, heads // shared * length, size)
        mask = self._mask(window, queries.dtype, heads // shared)
        mixed = scaled_dot_product_attention(
            asked, self._read(keys), self._read(values), attn_mask=mask, scale=scaling
        )
        mixed = mixed.view(count, shared, heads // shared, length, size).permute(0, 3, 1, 2, 4)
        return mixed.reshape(count * length, heads, size)

    def _read(self, kept: Tensor) -> Tensor:
        """``(sequences, heads, keys, size)``."""
        if self._cells is None:
            return kept[self._slots, :, : self._group.keys]
        found = kept[0].index_select(1, self._cells)
        return found.view(kept.shape[1], self._count, self._group.keys, kept.shape[3]).transpose(0, 1)

    def _mask(self, window: int, dtype: torch.dtype, times: int) -> Tensor | None:
        """Made once for all layers alike."""
        key = window, dtype
        if key not in self._masks:
            self._masks[key] = self._make_mask(window, dtype, times)
        return self._masks[key]

    def _make_mask(self, window: int, dtype: torch.dtype, times: int) -> Tensor | None:
        group = self._group
        if group.queries == 1 and not window and self._slopes is None and len(set(group.starts)) == 1:
            return None
        starts = torch.tensor(group.starts, device=self._device)[:, None]
        stands = (starts + torch.arange(group.queries, device=self._device))[:, None, :, None]
        keys = torch.arange(group.keys, device=self._device)
        hidden = keys > stands
        if window:
            hidden |= keys <= stands - window
        mask = torch.zeros(hidden.shape, dtype=dtype, device=self._device)
        if self._slopes is not None:
            # In the dtype of the model, as it was trained (Press et al., ICLR 2022; transformers' BLOOM).
            mask = mask + (self._slopes[None, :, None, None] * keys).to(dtype)
        mask = mask.masked_fill(hidden, float("-inf"))
        return mask.repeat(1, 1, times, 1)

    def _gathered(self) -> Tensor:
        """Cells of all sequences, one after another, each filled up to the longest with its own first."""
        cells = np.zeros((self._count, self._group.keys), np.int64)
        for row, held in zip(cells, self._group.cells, strict=True):
            own = np.frombuffer(held, np.int32)
            row[: len(own)] = own
            row[len(own) :] = own[0]
        return torch.from_numpy(cells.reshape(-1)).to(self._device)


def _finite(new: Tensor) -> Tensor:
    """What overflowed would spoil sequences that only pass by it: a masked NaN is still one."""
    return new.nan_to_num() if new.dtype is torch.float16 else new


class _Layer(Protocol):
    """An attention module of transformers after ``attach``."""

    layer_idx: int
    carrel_attention: Attention


def attach(model: nn.Module, attention: Attention) -> None:
    """Let every attention module of the model use it."""
    for module in model.modules():
        if hasattr(module, "layer_idx"):
            module.__dict__["carrel_attention"] = attention


def _interface(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,  # noqa: ARG001 - of transformers' interface; ours knows its own
    *,
    scaling: float,
    sliding_window: int | None = None,
    **_: object,
) -> tuple[Tensor, None]:
    layer = cast("_Layer", module)
    mixed = layer.carrel_attention.attend(
        layer.layer_idx, query, key, value, scaling=scaling, window=sliding_window or 0
    )
    return mixed, None


AttentionInterface.register(NAME, _interface)
