"""The fake vectors: strict about its caller, a pure function of an input's tokens."""

import struct
from collections.abc import Sequence
from math import sqrt
from time import sleep
from typing import Final
from zlib import crc32

from appliance.engines.base import EngineFacts, EngineSpec
from appliance.engines.fake.options import FakeOptions
from appliance.engines.fake.runner import ContractBreach
from appliance.engines.fake.vocabulary import VOCABULARY_TOKENS

EMBEDDING_SIZE: Final = 16


class FakeEmbedder:
    """Embedder without a model. Raises ``ContractBreach`` where its caller breaks the contract."""

    def __init__(self, spec: EngineSpec, options: FakeOptions) -> None:
        self._options = options
        self._facts = EngineFacts(
            engine_build="fake-1",
            context_tokens=spec.context_tokens,
            kv_tokens=spec.kv_tokens,
            max_sequences=spec.max_sequences,
            batch_tokens=max(spec.batch_tokens, spec.context_tokens),
            vocabulary=VOCABULARY_TOKENS,
            deterministic=spec.deterministic,
            reuses_prefixes=False,
            token_ms=options.step_delay_ms,
            embedding_size=EMBEDDING_SIZE,
        )

    @property
    def facts(self) -> EngineFacts:
        """What the spec asked for."""
        return self._facts

    def embed(self, inputs: Sequence[Sequence[int]]) -> Sequence[bytes]:
        """Check the inputs; a vector of each."""
        self._check(inputs)
        sleep(self._options.step_delay_ms / 1000)
        return [_vector(tokens) for tokens in inputs]

    def close(self) -> None:
        """Nothing is held."""

    def _check(self, inputs: Sequence[Sequence[int]]) -> None:
        if not 0 < len(inputs) <= self._facts.max_sequences:
            raise ContractBreach(f"{len(inputs)} inputs in one pass")
        if sum(len(one) for one in inputs) > self._facts.batch_tokens:
            raise ContractBreach("more tokens than batch_tokens")
        for tokens in inputs:
            if not 0 < len(tokens) <= self._facts.context_tokens:
                raise ContractBreach(f"an input of {len(tokens)} tokens")
            if not all(0 <= token < VOCABULARY_TOKENS for token in tokens):
                raise ContractBreach("a token that is not in the vocabulary")


def _vector(tokens: Sequence[int]) -> bytes:
    text = b"".join(token.to_bytes(4, "little") for token in tokens)
    values = [crc32(text, place) / 2**32 - 0.5 for place in range(EMBEDDING_SIZE)]
    length = sqrt(sum(value * value for value in values))
    return struct.pack(f"<{EMBEDDING_SIZE}f", *(value / length for value in values))
