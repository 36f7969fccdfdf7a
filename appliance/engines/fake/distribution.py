"""What the fake model holds for probable: made up, but always the same after the same tokens.

Most of what it may say are the letters that it babbles, and the most probable is the one that it says at
temperature 0.
"""

from collections.abc import Sequence
from hashlib import shake_128
from math import exp, log
from typing import Final

from appliance.engines.base import Logprob
from appliance.engines.fake.vocabulary import VOCABULARY_TOKENS

BABBLE: Final = b"etaoin shrdlu cmfwyp vbgkjqxz "
_LETTER: Final = 3.0
_FAVORITE: Final = 6.0
_CERTAIN: Final = 12.0
"""Above all others, which are below 2, or 5 for letters."""


def make_logits(checksum: int, favorite: int, *, certain: bool) -> list[float]:
    """Of every token, after tokens with this checksum."""
    noise = shake_128(checksum.to_bytes(4, "little")).digest(VOCABULARY_TOKENS)
    logits = [byte / 128 for byte in noise]
    for letter in set(BABBLE):
        logits[letter] += _LETTER
    logits[favorite] = _CERTAIN if certain else _FAVORITE
    return logits


def log_probability(logits: Sequence[float], token: int, top: int) -> Logprob:
    """Of a token, and of the ``top`` most probable ones."""
    total = log(sum([exp(logit) for logit in logits]))
    best = sorted(range(len(logits)), key=lambda other: (-logits[other], other))[:top] if top else []
    return Logprob(token, logits[token] - total, tuple((other, logits[other] - total) for other in best))
