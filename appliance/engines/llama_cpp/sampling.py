"""How the next token of each sequence is picked: the most probable by numpy, all other ways by a sampler
chain of llama.cpp, built once for each request.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from llama_cpp import llama_cpp as native

from appliance.domain.generation import Sampling
from appliance.engines.llama_cpp.library import Pointer

TOP_K_LIMIT: Final = 1024
"""Candidates that the rest of the chain sees where the request sets no top_k. Sorting a vocabulary of 128,000
for top_p alone takes 9 ms a token; the best 1024 take under 0.5 ms and hold nearly all of the probability.
"""

_SEEDS: Final = 2**32 - 1
"""Seeds that are seeds: the library reads the largest 32-bit number as "draw one yourself"."""


class Samplers:
    """The samplers of one context's sequences."""

    def __init__(self, context: Pointer, vocabulary: int) -> None:
        self._context = context
        self._vocabulary = vocabulary
        self._chains: dict[int, Pointer | None] = {}
        """None: greedy."""

    def put(self, sequence: int, sampling: Sampling) -> None:
        """A new sampler in place of the one that the sequence may have."""
        self.drop(sequence)
        self._chains[sequence] = _new_chain(sampling) if sampling.temperature > 0 else None

    def drop(self, sequence: int) -> None:
        """Free the sequence's sampler, if it has one."""
        if chain := self._chains.pop(sequence, None):
            native.llama_sampler_free(chain)

    def close(self) -> None:
        """Free all."""
        for sequence in list(self._chains):
            self.drop(sequence)

    def sample(self, sequences: Sequence[int], indices: Sequence[int]) -> list[tuple[int, int]]:
        """A token for each sequence, whose last token stood at the batch index of the same rank."""
        chains, context, sample = self._chains, self._context, native.llama_sampler_sample
        asked = [chains[sequence] for sequence in sequences]
        greedy = [row for row, chain in enumerate(asked) if chain is None]
        best = iter(self._most_probable(greedy, len(asked)) if greedy else ())
        return [
            (sequence, sample(chain, context, index) if chain else next(best))
            for sequence, chain, index in zip(sequences, asked, indices, strict=True)
        ]

    def _most_probable(self, rows: list[int], count: int) -> list[int]:
        """Of the last pass's ``count`` rows of logits, which stand in the order of its batch."""
        logits = np.ctypeslib.as_array(native.llama_get_logits(self._context), (count, self._vocabulary))
        chosen = logits if len(rows) == count else logits[rows]
        tokens: list[int] = chosen.argmax(axis=1).tolist()
        return tokens


def _new_chain(sampling: Sampling) -> Pointer:
    chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
    for link in _links(sampling):
        native.llama_sampler_chain_add(chain, link)
    return chain


def _links(sampling: Sampling) -> list[Pointer]:
    links = [native.llama_sampler_init_top_k(min(sampling.top_k or TOP_K_LIMIT, TOP_K_LIMIT))]
    if sampling.top_p < 1:
        links.append(native.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0:
        links.append(native.llama_sampler_init_min_p(sampling.min_p, 1))
    links.append(native.llama_sampler_init_temp(sampling.temperature))
    links.append(native.llama_sampler_init_dist(sampling.seed % _SEEDS))
    return links
