"""How the next token of each sequence is picked: the most probable by numpy, all other ways by a sampler
chain of llama.cpp, built once for each request. Where a request adds something to the logits, or allows some
tokens only, the chain is given candidates of our own.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from llama_cpp import llama_cpp as native

from appliance.domain.generation import Sampling
from appliance.engines.llama_cpp.candidates import drawn
from appliance.engines.llama_cpp.library import Pointer
from appliance.engines.llama_cpp.logits import Logits, Outputs
from appliance.engines.logits.drawing import candidates_wanted
from appliance.engines.logits.masks import allowed_tokens
from appliance.engines.logits.rows import Rows
from appliance.engines.logits.weighting import Weighting

_SEEDS: Final = 2**32 - 1
"""Seeds that are seeds: the library reads the largest 32-bit number as "draw one yourself"."""


class Samplers:
    """The samplers of one context's sequences.

    ``keeps``: the rows of logits that were sampled from are copied, because each sequence has a pass of its
    own and the next one's would take their place.
    """

    def __init__(self, context: Pointer, logits: Logits, *, keeps: bool) -> None:
        self._context = context
        self._logits = logits
        self._keeps = keeps
        self._chains: dict[int, Pointer | None] = {}
        """None: greedy."""
        self._weightings: dict[int, Weighting] = {}
        self._all_tokens = np.arange(logits.vocabulary)
        self._kept: dict[int, Rows] = {}
        self._last: tuple[Sequence[int], Outputs] = ((), Outputs([], [], [], 0))

    def put(self, sequence: int, sampling: Sampling) -> None:
        """A new sampler in place of the one that the sequence may have."""
        self.drop(sequence)
        self._chains[sequence] = _new_chain(sampling) if sampling.temperature > 0 else None
        if weighting := Weighting.of(sampling):
            self._weightings[sequence] = weighting

    def drop(self, sequence: int) -> None:
        """Free the sequence's sampler, if it has one."""
        self._weightings.pop(sequence, None)
        self._kept.pop(sequence, None)
        if chain := self._chains.pop(sequence, None):
            native.llama_sampler_free(chain)

    def close(self) -> None:
        """Free all."""
        for sequence in list(self._chains):
            self.drop(sequence)

    def sample(self, sequences: Sequence[int], outputs: Outputs) -> list[tuple[int, int]]:
        """A token for each sequence, in the order of ``outputs``."""
        self._last = sequences, outputs
        if self._keeps:
            self._keep(sequences, outputs)
        if self._weightings:
            return self._sample_some_weighted(sequences, outputs)
        return self._sample_plain(sequences, outputs)

    def resample(self, sequence: int, allowed: bytes) -> tuple[int, Rows]:
        """Another token of those that are allowed, and the row of logits it was drawn from."""
        row = self._row(sequence)
        tokens = allowed_tokens(allowed, self._logits.vocabulary)
        weighting = self._weightings.get(sequence)
        weighted = weighting.applied(row) if weighting else row
        token = drawn(self._chains[sequence], tokens, weighted[tokens])
        if weighting:
            weighting.draw(token)
        return token, row

    def _sample_plain(self, sequences: Sequence[int], outputs: Outputs) -> list[tuple[int, int]]:
        chains, context, sample = self._chains, self._context, native.llama_sampler_sample
        asked = [chains[sequence] for sequence in sequences]
        greedy = [row for row, chain in zip(outputs.rows, asked, strict=True) if chain is None]
        best = iter(self._most_probable(greedy, outputs.count) if greedy else ())
        return [
            (sequence, sample(chain, context, index) if chain else next(best))
            for sequence, chain, index in zip(sequences, asked, outputs.indices, strict=True)
        ]

    def _sample_some_weighted(self, sequences: Sequence[int], outputs: Outputs) -> list[tuple[int, int]]:
        plain = [place for place, sequence in enumerate(sequences) if sequence not in self._weightings]
        tokens = dict(self._sample_plain([sequences[place] for place in plain], outputs.only(plain)))
        logits = self._logits.read(outputs.count)
        for sequence, row in zip(sequences, outputs.rows, strict=True):
            if weighting := self._weightings.get(sequence):
                weighting.go_on()
                tokens[sequence] = drawn(
                    self._chains[sequence], self._all_tokens, weighting.applied(logits[row])
                )
                weighting.draw(tokens[sequence])
        return [(sequence, tokens[sequence]) for sequence in sequences]

    def _most_probable(self, rows: list[int], count: int) -> list[int]:
        """Of ``rows``, which stand in the order of the batch, out of all ``count`` of the last pass."""
        logits = self._logits.read(count)
        chosen = logits if len(rows) == count else logits[rows]
        tokens: list[int] = chosen.argmax(axis=1).tolist()
        return tokens

    def _keep(self, sequences: Sequence[int], outputs: Outputs) -> None:
        logits = self._logits.read(outputs.count)
        for sequence, row in zip(sequences, outputs.rows, strict=True):
            self._kept[sequence] = logits[row].copy()

    def _row(self, sequence: int) -> Rows:
        """That the last token of this sequence was drawn from."""
        if self._keeps:
            return self._kept[sequence]
        sequences, outputs = self._last
        row: Rows = self._logits.read(outputs.count)[outputs.rows[sequences.index(sequence)]]
        return row


def _new_chain(sampling: Sampling) -> Pointer:
    chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
    for link in _links(sampling):
        native.llama_sampler_chain_add(chain, link)
    return chain


def _links(sampling: Sampling) -> list[Pointer]:
    links = [native.llama_sampler_init_top_k(candidates_wanted(sampling))]
    if sampling.top_p < 1:
        links.append(native.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0:
        links.append(native.llama_sampler_init_min_p(sampling.min_p, 1))
    links.append(native.llama_sampler_init_temp(sampling.temperature))
    links.append(native.llama_sampler_init_dist(sampling.seed % _SEEDS))
    return links
