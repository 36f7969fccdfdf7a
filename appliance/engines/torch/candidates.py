"""The few tokens of each row that matter, found where the logits lie: of a GPU's only these come to the host.

On a processor numpy does it, which is 5 to 20 times as fast there as torch.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from appliance.engines.logits.candidates import block_size, candidates
from appliance.engines.logits.rows import Rows, TokenRow

Found = tuple[list[TokenRow], list[Rows]]
"""Of each row some tokens, in rising order, and their logits."""


def most_probable(logits: Tensor, rows: Sequence[int]) -> list[int]:
    """The token of the largest logit of each of ``rows``; of equal ones the lowest number."""
    if logits.device.type != "cpu":
        return most_probable_on_device(logits, rows)
    values = logits.numpy()
    return [int(values[row].argmax()) for row in rows]


def find_candidates(logits: Tensor, rows: Sequence[int], counts: Sequence[int]) -> Found:
    """Of each of ``rows`` the ``counts`` most probable tokens and some more; see ``logits.candidates``."""
    if logits.device.type != "cpu":
        return find_on_device(logits, rows, max(counts))
    values = logits.numpy()
    tokens = [candidates(values[row], count) for row, count in zip(rows, counts, strict=True)]
    return tokens, [values[row][own] for row, own in zip(rows, tokens, strict=True)]


def logits_at(logits: Tensor, rows: Sequence[int], tokens: Sequence[TokenRow]) -> list[Rows]:
    """Of each of ``rows`` the logits of its ``tokens``."""
    ends = np.cumsum([len(own) for own in tokens])
    owners = torch.from_numpy(np.repeat(rows, [len(own) for own in tokens])).to(logits.device)
    columns = torch.from_numpy(np.concatenate(tokens)).to(logits.device)
    return np.split(logits[owners, columns].cpu().numpy(), ends[:-1])


def most_probable_on_device(logits: Tensor, rows: Sequence[int]) -> list[int]:
    """As ``most_probable``, wherever the logits lie."""
    tokens: list[int] = _chosen(logits, rows).argmax(dim=1).tolist()
    return tokens


def find_on_device(logits: Tensor, rows: Sequence[int], count: int) -> Found:
    """As ``find_candidates``, wherever the logits lie; the same ``count`` for all rows."""
    chosen = _chosen(logits, rows)
    # "Not below" instead of "at least", so that a row with a NaN has candidates, too.
    places = (~(chosen < _bounds(chosen, min(count, chosen.shape[1])))).nonzero()
    values = chosen[places[:, 0], places[:, 1]].cpu().numpy()
    owners, tokens = places.cpu().numpy().T
    ends = np.searchsorted(owners, np.arange(1, len(rows)))
    return np.split(tokens, ends), np.split(values, ends)


def _bounds(logits: Tensor, count: int) -> Tensor:
    """``(rows, 1)``: what at least ``count`` logits of the row reach."""
    size = block_size(logits.shape[1], count)
    blocks = logits.shape[1] // size
    largest = logits[:, : blocks * size].reshape(len(logits), size, blocks).amax(dim=1)
    return torch.topk(largest, count, dim=1).values[:, -1:]


def _chosen(logits: Tensor, rows: Sequence[int]) -> Tensor:
    """Often all of them; they stand in rising order."""
    return logits if len(rows) == len(logits) else logits[torch.tensor(rows, device=logits.device)]
