"""One llama.cpp context that makes vectors: whole texts in, one pass, one pooled vector of each.

A text is never divided: its vector is pooled from the tokens of one micro-batch, and a model that looks in
both directions reads nothing else. Hence the unified cache, too: the split one cuts a batch of unequal texts
into several, and pools each by itself (measured: components of the vectors wrong by up to 0.25).
"""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final

import numpy as np
from llama_cpp import llama_cpp as native

from appliance.engines.base import EngineFacts, EngineSpec, RunnerBroken, Slice, unheard
from appliance.engines.llama_cpp.batch import Batch
from appliance.engines.llama_cpp.library import ENGINE_BUILD, Pointer, load_model
from appliance.errors import DoesNotFit

_POOLING: Final = {
    "mean": native.LLAMA_POOLING_TYPE_MEAN,
    "cls": native.LLAMA_POOLING_TYPE_CLS,
    "last": native.LLAMA_POOLING_TYPE_LAST,
}
_DONE: Final = 0
_SCORE_BYTES: Final = 4
_MOST_SCORES_BYTES: Final = 64 * 2**20
"""Attention scores of a pass that may lie in memory. Flash attention needs none, but on a processor it is
less exact: measured on a model of 3 M parameters in F16, the components of a mean made alone and of one made
in company differ by up to 1.2e-4 with it and by 2.2e-5 without."""


class LlamaCppEmbedder:
    """Embedder over one GGUF file; the model may be an encoder or generate."""

    def __init__(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> None:
        self._model = load_model(spec, on_progress)
        # Where positions are rows of a table, one behind its end would abort the process.
        context_tokens = min(spec.context_tokens, int(native.llama_model_n_ctx_train(self._model)))
        capacity = max(spec.batch_tokens, context_tokens)
        self._context = self._open_context(spec, capacity)
        # None where the model keeps nothing.
        self._memory = native.llama_get_memory(self._context)
        # Encoders of two-part models have a function of their own; it wants a micro-batch of the whole input.
        self._compute = (
            native.llama_encode if native.llama_model_has_encoder(self._model) else native.llama_decode
        )
        self._batch = Batch(capacity)
        self._size = native.llama_model_n_embd_out(self._model)
        self._facts = EngineFacts(
            engine_build=ENGINE_BUILD,
            context_tokens=context_tokens,
            kv_tokens=spec.kv_tokens,
            max_sequences=spec.max_sequences,
            batch_tokens=capacity,
            vocabulary=native.llama_vocab_n_tokens(native.llama_model_get_vocab(self._model)),
            deterministic=spec.deterministic,
            reuses_prefixes=False,
            token_ms=self._time_one_token(),
            embedding_size=self._size,
        )

    @property
    def facts(self) -> EngineFacts:
        """As the spec asked for. The context is shorter where the model was made for less."""
        return self._facts

    def embed(self, inputs: Sequence[Sequence[int]]) -> Sequence[bytes]:
        """One pass, or one an input where that is what makes each independent of the others."""
        if self._facts.deterministic:
            return [vector for one in inputs for vector in self._pass((one,))]
        return self._pass(inputs)

    def close(self) -> None:
        """Free everything native. The embedder is of no use after that."""
        native.llama_free(self._context)
        native.llama_model_free(self._model)

    def _pass(self, inputs: Sequence[Sequence[int]]) -> list[bytes]:
        if self._memory:
            native.llama_memory_clear(self._memory, False)
        # llama.cpp itself asks for the outputs that its pooling needs.
        self._batch.fill([Slice(number, tokens, 0, sample=False) for number, tokens in enumerate(inputs)])
        code = self._compute(self._context, self._batch.native)
        if code != _DONE:
            raise RunnerBroken(f"llama.cpp returned {code} for a pass over texts")
        return [self._vector(number) for number in range(len(inputs))]

    def _vector(self, sequence: int) -> bytes:
        address = native.llama_get_embeddings_seq(self._context, sequence)
        if not address:
            raise RunnerBroken(f"llama.cpp has no vector of sequence {sequence}")
        values = np.ctypeslib.as_array(address, (self._size,)).astype(np.float64)
        length = float(np.linalg.norm(values))
        return bytes((values / length if length else values).astype("<f4").tobytes())

    def _open_context(self, spec: EngineSpec, capacity: int) -> Pointer:
        params = native.llama_context_default_params()
        params.n_ctx = params.n_batch = params.n_ubatch = capacity
        params.n_seq_max = spec.max_sequences
        params.n_threads = params.n_threads_batch = spec.threads
        params.kv_unified = True
        params.embeddings = True
        params.pooling_type = _POOLING[spec.pooling]
        scores_bytes = _SCORE_BYTES * native.llama_model_n_head(self._model) * capacity**2
        params.flash_attn_type = (
            native.LLAMA_FLASH_ATTN_TYPE_DISABLED
            if scores_bytes <= _MOST_SCORES_BYTES
            else native.LLAMA_FLASH_ATTN_TYPE_AUTO
        )
        context = native.llama_init_from_model(self._model, params)
        if not context:
            native.llama_model_free(self._model)
            raise DoesNotFit(
                f"There is no memory for passes of {capacity} tokens; ask for a shorter context."
            )
        return context

    def _time_one_token(self) -> float:
        """Milliseconds of a pass over one token: of the second, because the first reads the weights in."""
        took_ms = 0.0
        for _ in range(2):
            started_s = perf_counter()
            self._pass(((0,),))
            took_ms = (perf_counter() - started_s) * 1000
        return took_ms
