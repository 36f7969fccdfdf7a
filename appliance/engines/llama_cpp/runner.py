"""One llama.cpp context and its KV cache, driven a step at a time.

The KV cache is unified: one pool of cells for all sequences, and a fork shares its source's cells. (In the
split layout a partial copy between sequences aborts the process; forks copy whole sequences, which both
layouts allow.)
"""

from typing import Final

from llama_cpp import llama_cpp as native

from appliance.domain.generation import Sampling
from appliance.engines.base import (
    EngineFacts,
    EngineSpec,
    KvExhausted,
    RunnerBroken,
    StepPlan,
    StepResult,
)
from appliance.engines.llama_cpp.batch import Batch
from appliance.engines.llama_cpp.library import ENGINE_BUILD, Pointer, end_tokens, load_model, piece
from appliance.engines.llama_cpp.sampling import free_sampler, new_sampler
from appliance.errors import DoesNotFit

_DONE: Final = 0
_NO_KV_SLOT: Final = 1
_ALL: Final = -1
"""As a position: no bound."""


class LlamaCppRunner:
    """Runner over one GGUF file."""

    def __init__(self, spec: EngineSpec) -> None:
        self._model = load_model(spec.model_path, gpu_layers=spec.gpu_layers)
        self._context = self._open_context(spec)
        self._memory = native.llama_get_memory(self._context)
        self._vocabulary = native.llama_model_get_vocab(self._model)
        self._end_tokens = end_tokens(self._vocabulary)
        self._batch = Batch(spec.batch_tokens)
        self._samplers: dict[int, Pointer] = {}
        self._pieces: dict[int, bytes] = {}
        self._facts = EngineFacts(
            engine_build=ENGINE_BUILD,
            context_tokens=spec.context_tokens,
            kv_tokens=spec.kv_tokens,
            max_sequences=spec.max_sequences,
            batch_tokens=spec.batch_tokens,
            vocabulary=native.llama_vocab_n_tokens(self._vocabulary),
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
        if old := self._samplers.pop(sequence, None):
            free_sampler(old)
        self._samplers[sequence] = new_sampler(sampling)

    def forward(self, plan: StepPlan) -> StepResult:
        """One ``llama_decode``, then one sample for each slice that asked."""
        indices = self._batch.fill(plan)
        self._raise_unless_done(native.llama_decode(self._context, self._batch.native))
        asked = [one.sequence for one in plan.slices if one.sample]
        sample, context, samplers = native.llama_sampler_sample, self._context, self._samplers
        return StepResult(
            tuple(
                (sequence, sample(samplers[sequence], context, index))
                for sequence, index in zip(asked, indices, strict=True)
            )
        )

    def fork(self, source: int, target: int, tokens: int) -> None:
        """Copy the sequence whole, then cut: the split layout can copy nothing else."""
        native.llama_memory_seq_cp(self._memory, source, target, _ALL, _ALL)
        self.cut(target, tokens)

    def cut(self, sequence: int, tokens: int) -> None:
        """Free the cells behind the first ``tokens``."""
        native.llama_memory_seq_rm(self._memory, sequence, tokens, _ALL)

    def drop(self, sequence: int) -> None:
        """Free the sequence's cells and sampler."""
        native.llama_memory_seq_rm(self._memory, sequence, _ALL, _ALL)
        if sampler := self._samplers.pop(sequence, None):
            free_sampler(sampler)

    def piece(self, token: int) -> bytes:
        """From the vocabulary, once for each token."""
        known = self._pieces.get(token)
        if known is None:
            known = self._pieces[token] = piece(self._vocabulary, token)
        return known

    def close(self) -> None:
        """Free everything native. The runner is of no use after that."""
        for sampler in self._samplers.values():
            free_sampler(sampler)
        self._samplers.clear()
        native.llama_free(self._context)
        native.llama_model_free(self._model)

    def _open_context(self, spec: EngineSpec) -> Pointer:
        params = native.llama_context_default_params()
        params.n_ctx = spec.kv_tokens
        params.n_seq_max = spec.max_sequences
        params.n_batch = params.n_ubatch = spec.batch_tokens
        params.n_threads = params.n_threads_batch = spec.threads
        params.kv_unified = True
        params.flash_attn_type = native.LLAMA_FLASH_ATTN_TYPE_AUTO
        context = native.llama_init_from_model(self._model, params)
        if not context:
            native.llama_model_free(self._model)
            raise DoesNotFit(f"There is no memory for a KV cache of {spec.kv_tokens} tokens; ask for less.")
        return context

    @staticmethod
    def _raise_unless_done(code: int) -> None:
        if code == _NO_KV_SLOT:
            raise KvExhausted("llama.cpp found no free KV cells")
        if code != _DONE:
            # Some of the other codes leave half a batch in the cache.
            raise RunnerBroken(f"llama_decode returned {code}")
