"""How the next token of each sequence is picked out of the logits of a pass.

Of greedy rows it is the largest logit; of the others a few candidates are found where the logits lie, and
drawn from on the host, all rows at once. A sequence draws with dice of its own, from the seed of its request.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from appliance.domain.generation import Sampling
from appliance.engines.logits.candidates import candidates
from appliance.engines.logits.drawing import candidates_wanted, draw
from appliance.engines.logits.masks import allowed_tokens
from appliance.engines.logits.rows import Rows, TokenRow
from appliance.engines.logits.weighting import Weighting
from appliance.engines.torch.candidates import find_candidates, logits_at, most_probable


class Samplers:
    """The samplers of one runner's sequences.

    ``keeps``: the rows of logits that were sampled from are copied, because each sequence has a pass of its
    own and the next one's would take their place.
    """

    def __init__(self, vocabulary: int, *, keeps: bool) -> None:
        self._vocabulary = vocabulary
        self._keeps = keeps
        self._samplings: dict[int, Sampling] = {}
        self._dice: dict[int, np.random.Generator] = {}
        """Of those that are not greedy."""
        self._weightings: dict[int, Weighting] = {}
        self._kept: dict[int, Tensor] = {}
        self._last: tuple[Sequence[int], Tensor] = ((), torch.empty(0))

    def put(self, sequence: int, sampling: Sampling) -> None:
        """A new sampler in place of the one that the sequence may have."""
        self.drop(sequence)
        self._samplings[sequence] = sampling
        if sampling.temperature > 0:
            self._dice[sequence] = np.random.Generator(np.random.PCG64(sampling.seed))
        if weighting := Weighting.of(sampling):
            self._weightings[sequence] = weighting

    def drop(self, sequence: int) -> None:
        """Free the sequence's sampler, if it has one."""
        self._samplings.pop(sequence, None)
        self._dice.pop(sequence, None)
        self._weightings.pop(sequence, None)
        self._kept.pop(sequence, None)

    def sample(self, sequences: Sequence[int], logits: Tensor) -> list[tuple[int, int]]:
        """A token for each sequence. Row ``i`` of ``logits``, ``(len(sequences), vocabulary)`` in float32, is
        that of ``sequences[i]``; it has to stay as it is until the last ``resample``.
        """
        self._last = sequences, logits
        if self._keeps:
            self._kept |= {sequence: row.clone() for sequence, row in zip(sequences, logits, strict=True)}
        if not self._weightings:
            tokens = self._pick(sequences, logits, range(len(sequences)))
            return list(zip(sequences, tokens, strict=True))
        return self._sample_some_weighted(sequences, logits)

    def resample(self, sequence: int, allowed: bytes) -> tuple[int, Rows]:
        """Another token of those that are allowed, and the row of logits it was drawn from."""
        row = self._row(sequence)
        tokens = allowed_tokens(allowed, self._vocabulary)
        weighting = self._weightings.get(sequence)
        weighted = weighting.applied(row) if weighting else row
        best = tokens[candidates(weighted[tokens], self._wanted(sequence))]
        (token,) = self._choose([sequence], [best], [weighted[best]])
        if weighting:
            weighting.draw(token)
        return token, row

    def _sample_some_weighted(self, sequences: Sequence[int], logits: Tensor) -> list[tuple[int, int]]:
        places = [place for place, one in enumerate(sequences) if one not in self._weightings]
        plain = [sequences[place] for place in places]
        tokens = dict(zip(plain, self._pick(plain, logits, places), strict=True))
        places = [place for place, one in enumerate(sequences) if one in self._weightings]
        if places:
            tokens |= self._sample_weighted([sequences[place] for place in places], logits, places)
        return [(sequence, tokens[sequence]) for sequence in sequences]

    def _sample_weighted(
        self, sequences: Sequence[int], logits: Tensor, rows: Sequence[int]
    ) -> dict[int, int]:
        """From the candidates of a row and all tokens that the weighting touches. Each of these may push a
        candidate out, or itself, so there are as many candidates more.
        """
        weightings = [self._weightings[sequence] for sequence in sequences]
        for weighting in weightings:
            weighting.go_on()
        touched = [weighting.touched() for weighting in weightings]
        counts = [self._wanted(one) + len(own) for one, own in zip(sequences, touched, strict=True)]
        best, _ = find_candidates(logits, rows, counts)
        tokens = [np.union1d(own, more) for own, more in zip(best, touched, strict=True)]
        values = [
            weighting.applied_to(own, raw)
            for weighting, own, raw in zip(weightings, tokens, logits_at(logits, rows, tokens), strict=True)
        ]
        drawn = dict(zip(sequences, self._choose(sequences, tokens, values), strict=True))
        for sequence, weighting in zip(sequences, weightings, strict=True):
            weighting.draw(drawn[sequence])
        return drawn

    def _wanted(self, sequence: int) -> int:
        """Of the most probable tokens, how many matter."""
        return candidates_wanted(self._samplings[sequence]) if sequence in self._dice else 1

    def _pick(self, sequences: Sequence[int], logits: Tensor, rows: Sequence[int]) -> list[int]:
        """A token for each of ``sequences``, whose logits are ``rows`` of those given."""
        cold = [row for row, one in zip(rows, sequences, strict=True) if one not in self._dice]
        warm = [row for row, one in zip(rows, sequences, strict=True) if one in self._dice]
        tokens = dict(zip(cold, most_probable(logits, cold), strict=True)) if cold else {}
        if warm:
            drawing = [one for one in sequences if one in self._dice]
            found = find_candidates(logits, warm, [self._wanted(one) for one in drawing])
            tokens |= zip(warm, self._choose(drawing, *found), strict=True)
        return [tokens[row] for row in rows]

    def _choose(
        self, sequences: Sequence[int], tokens: Sequence[TokenRow], logits: Sequence[Rows]
    ) -> list[int]:
        """One of the ``tokens`` of each of ``sequences``, whose logits these are."""
        chosen = [int(own[values.argmax()]) for own, values in zip(tokens, logits, strict=True)]
        warm = [place for place, one in enumerate(sequences) if one in self._dice]
        if warm:
            drawn = draw(
                [tokens[place] for place in warm],
                [logits[place] for place in warm],
                [self._samplings[sequences[place]] for place in warm],
                [self._dice[sequences[place]].random() for place in warm],
            )
            for place, token in zip(warm, drawn, strict=True):
                chosen[place] = token
        return chosen

    def _row(self, sequence: int) -> Rows:
        """That the last token of this sequence was drawn from."""
        if self._keeps:
            return self._kept[sequence].cpu().numpy()
        sequences, logits = self._last
        return logits[sequences.index(sequence)].cpu().numpy()
