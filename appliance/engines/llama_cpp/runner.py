"""One llama.cpp context and its KV cache, driven a step at a time. How the cache is laid out is said in
``layout``.

In the split layout a copy between sequences is carried out by the next ``llama_decode``, before it computes,
in the order in which copies were asked for; what is cut or dropped in between changes only which cells count.
A partial copy aborts the process there, so whole sequences are copied and then cut.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from time import perf_counter
from typing import Final

import numpy as np
from llama_cpp import llama_cpp as native

from appliance.domain.generation import Sampling
from appliance.engines.base import (
    EngineFacts,
    EngineSpec,
    KvExhausted,
    Logprob,
    RunnerBroken,
    Slice,
    StepPlan,
    StepResult,
    unheard,
)
from appliance.engines.llama_cpp.batch import Batch
from appliance.engines.llama_cpp.copying import Copier
from appliance.engines.llama_cpp.layout import Layout, choose_layout
from appliance.engines.llama_cpp.library import (
    ENGINE_BUILD,
    Pointer,
    end_tokens,
    has_whole_caches,
    load_model,
    piece,
)
from appliance.engines.llama_cpp.logits import Logits, Outputs
from appliance.engines.llama_cpp.sampling import Samplers
from appliance.engines.logits.logprobs import log_probabilities, logprobs_of_pass
from appliance.errors import DoesNotFit

_DONE: Final = 0
_NO_KV_SLOT: Final = 1
_ALL: Final = -1
"""As a position: no bound."""


class LlamaCppRunner:
    """Runner over one GGUF file."""

    def __init__(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> None:
        self._model = load_model(spec, on_progress)
        layout = choose_layout(spec)
        self._context = self._open_context(spec, layout)
        self._memory = native.llama_get_memory(self._context)
        self._vocabulary = native.llama_model_get_vocab(self._model)
        self._end_tokens = end_tokens(self._vocabulary)
        self._batch = Batch(spec.batch_tokens)
        self._copier = Copier(self._context, layout, spec)
        vocabulary = native.llama_vocab_n_tokens(self._vocabulary)
        self._logits = Logits(self._context, vocabulary)
        self._samplers = Samplers(self._context, self._logits, keeps=spec.deterministic)
        self._pieces: dict[int, bytes] = {}
        self._names: dict[int, bytes] = {}
        self._facts = EngineFacts(
            engine_build=ENGINE_BUILD,
            context_tokens=spec.context_tokens,
            kv_tokens=spec.kv_tokens,
            max_sequences=layout.sequences,
            batch_tokens=spec.batch_tokens,
            vocabulary=vocabulary,
            kv_layout=layout.kind,
            deterministic=spec.deterministic,
            reuses_prefixes=has_whole_caches(self._model),
            token_ms=self._time_one_token(),
        )

    @property
    def facts(self) -> EngineFacts:
        """As the spec asked for; llama.cpp may have rounded its KV cache up."""
        return self._facts

    @property
    def end_tokens(self) -> frozenset[int]:
        """All end-of-generation tokens of the file."""
        return self._end_tokens

    def prepare(self, sequence: int, sampling: Sampling) -> None:
        """A new sampler in place of the one that the sequence may have."""
        self._samplers.put(sequence, sampling)

    def forward(self, plan: StepPlan) -> StepResult:
        """One ``llama_decode``, or one a slice where that is what makes each independent of the others."""
        if self._facts.deterministic:
            return _together([self._pass((one,)) for one in plan.slices])
        if self._facts.kv_layout == "split":
            # Only sequences that follow each other in the batch are computed together.
            result = self._pass(sorted(plan.slices, key=attrgetter("sequence")))
            tokens = dict(result.sampled)
            sampled = [(one.sequence, tokens[one.sequence]) for one in plan.slices if one.sample]
            return StepResult(tuple(sampled), result.logprobs, result.scored)
        return self._pass(plan.slices)

    def resample(self, sequence: int, allowed: bytes, top: int | None = None) -> tuple[int, Logprob | None]:
        """From the logits of the last pass, which are still there."""
        token, row = self._samplers.resample(sequence, allowed)
        if top is None:
            return token, None
        return token, log_probabilities(row[np.newaxis], [0], [token], top)[0]

    def fork(self, source: int, target: int, tokens: int) -> None:
        """Copy the sequence whole, then cut: the split layout can copy nothing else."""
        self._copier.copy(source, target)
        self.cut(target, tokens)

    def swap(self, one: int, other: int) -> None:
        """Through the computer's own memory: there may be no third sequence to go through."""
        self._copier.swap(one, other)

    def cut(self, sequence: int, tokens: int) -> None:
        """Free the cells behind the first ``tokens``."""
        native.llama_memory_seq_rm(self._memory, sequence, tokens, _ALL)

    def drop(self, sequence: int) -> None:
        """Free the sequence's cells and sampler."""
        native.llama_memory_seq_rm(self._memory, sequence, _ALL, _ALL)
        self._samplers.drop(sequence)

    def piece(self, token: int) -> bytes:
        """From the vocabulary, once for each token."""
        known = self._pieces.get(token)
        if known is None:
            known = self._pieces[token] = piece(self._vocabulary, token)
        return known

    def name(self, token: int) -> bytes:
        """From the vocabulary, once for each token."""
        known = self._names.get(token)
        if known is None:
            known = self._names[token] = piece(self._vocabulary, token, special=True)
        return known

    def close(self) -> None:
        """Free everything native. The runner is of no use after that."""
        self._samplers.close()
        native.llama_free(self._context)
        native.llama_model_free(self._model)

    def _pass(self, slices: Sequence[Slice]) -> StepResult:
        outputs = self._decode(slices)
        sampled = self._samplers.sample([one.sequence for one in slices if one.sample], outputs)
        if any(one.top is not None or one.scoring for one in slices):
            logits = self._logits.read(outputs.count)
            told = logprobs_of_pass(logits, slices, sampled, rows=outputs.rows, scored=outputs.scored)
            return StepResult(tuple(sampled), *told)
        return StepResult(tuple(sampled))

    def _decode(self, slices: Sequence[Slice]) -> Outputs:
        outputs = self._batch.fill(slices)
        code = native.llama_decode(self._context, self._batch.native)
        if code == _NO_KV_SLOT:
            raise KvExhausted("llama.cpp found no free KV cells")
        if code != _DONE:
            # Some of the other codes leave half a batch in the cache.
            raise RunnerBroken(f"llama_decode returned {code}")
        return outputs

    def _open_context(self, spec: EngineSpec, layout: Layout) -> Pointer:
        params = native.llama_context_default_params()
        params.n_ctx = layout.cells
        params.n_seq_max = layout.sequences
        params.n_batch = params.n_ubatch = spec.batch_tokens
        params.n_threads = params.n_threads_batch = spec.threads
        params.kv_unified = layout.kind == "unified"
        params.flash_attn_type = native.LLAMA_FLASH_ATTN_TYPE_AUTO
        context = native.llama_init_from_model(self._model, params)
        if not context:
            native.llama_model_free(self._model)
            raise DoesNotFit(f"There is no memory for a KV cache of {spec.kv_tokens} tokens; ask for less.")
        return context

    def _time_one_token(self) -> float:
        """Milliseconds of a pass over one token: of the second, because the first reads the weights in."""
        took_ms = 0.0
        for position in range(2):
            started_s = perf_counter()
            self._decode((Slice(0, (0,), position, sample=False),))
            native.llama_synchronize(self._context)
            took_ms = (perf_counter() - started_s) * 1000
        native.llama_memory_clear(self._memory, False)
        return took_ms


def _together(results: Sequence[StepResult]) -> StepResult:
    return StepResult(
        tuple([pair for result in results for pair in result.sampled]),
        {sequence: told for result in results for sequence, told in result.logprobs.items()},
        {sequence: told for result in results for sequence, told in result.scored.items()},
    )
