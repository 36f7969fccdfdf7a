"""Runner over safetensors: bookkeeping and sampling around a ``Computer``."""

from collections.abc import Sequence
from time import perf_counter

import torch
from torch import Tensor

from appliance.domain.generation import Sampling
from appliance.engines.base import (
    EngineFacts,
    EngineSpec,
    Logprob,
    Slice,
    StepPlan,
    StepResult,
    Vocabulary,
)
from appliance.engines.logits.logprobs import log_probabilities, logprobs_of_pass
from appliance.engines.torch.batch import batch_of
from appliance.engines.torch.cells import Cells, Copies
from appliance.engines.torch.computing import Computer
from appliance.engines.torch.sampling import Samplers


class TorchRunner:
    """One model, its sequences and their samplers."""

    def __init__(self, spec: EngineSpec, computer: Computer, cells: Cells, vocabulary: Vocabulary) -> None:
        self._computer = computer
        self._cells = cells
        self._vocabulary = vocabulary
        self._samplers = Samplers(vocabulary.size, keeps=spec.deterministic)
        self._facts = EngineFacts(
            engine_build=_build(spec),
            context_tokens=spec.context_tokens,
            kv_tokens=spec.kv_tokens if cells.slots == 1 else cells.slots * cells.cells_per_slot,
            max_sequences=cells.sequences,
            batch_tokens=spec.batch_tokens,
            vocabulary=vocabulary.size,
            kv_layout="split" if cells.slots > 1 else "unified",
            deterministic=spec.deterministic,
            token_ms=self._time_one_token(),
            weight_bytes=computer.weight_bytes,
            cache_bytes=computer.cache_bytes,
        )

    @property
    def facts(self) -> EngineFacts:
        """What was asked for, and what was measured at load."""
        return self._facts

    @property
    def end_tokens(self) -> frozenset[int]:
        """Of the model's configuration."""
        return self._vocabulary.end_tokens

    def prepare(self, sequence: int, sampling: Sampling) -> None:
        """A new sampler in place of the one that the sequence may have."""
        self._samplers.put(sequence, sampling)

    def forward(self, plan: StepPlan) -> StepResult:
        """One pass, or one a slice where that is what makes each independent of the others."""
        if self._facts.deterministic:
            return _together([self._pass((one,)) for one in plan.slices], plan)
        return _together([self._pass(plan.slices)], plan)

    def resample(self, sequence: int, allowed: bytes, top: int | None = None) -> tuple[int, Logprob | None]:
        """From the logits of the last pass, which are still there."""
        token, row = self._samplers.resample(sequence, allowed)
        if top is None:
            return token, None
        return token, log_probabilities(row[None], [0], [token], top)[0]

    def fork(self, source: int, target: int, tokens: int) -> None:
        """Shared or copied, as the layout has it."""
        self._copy(self._cells.fork(source, target, tokens))

    def swap(self, one: int, other: int) -> None:
        """Their samplers stay."""
        self._copy(self._cells.swap(one, other))

    def cut(self, sequence: int, tokens: int) -> None:
        """Free the cells behind the first ``tokens``."""
        self._cells.cut(sequence, tokens)

    def drop(self, sequence: int) -> None:
        """Free the sequence's cells and sampler."""
        self._cells.cut(sequence, 0)
        self._samplers.drop(sequence)

    def piece(self, token: int) -> bytes:
        """From the vocabulary."""
        return self._vocabulary.piece(token)

    def name(self, token: int) -> bytes:
        """From the vocabulary."""
        return self._vocabulary.name(token)

    def close(self) -> None:
        """Free the model. The runner is of no use after that."""
        self._computer.close()

    def _pass(self, slices: Sequence[Slice]) -> StepResult:
        batch = batch_of(slices, self._cells)
        logits = self._computer.compute(batch.step)
        asked = [piece.sequence for piece in batch.slices if piece.sample]
        sampled = self._samplers.sample(asked, _rows(logits, batch.sampled))
        if any(piece.top is not None or piece.scoring for piece in slices):
            told = logprobs_of_pass(
                logits.cpu().numpy(), batch.slices, sampled, rows=batch.sampled, scored=batch.scored
            )
            return StepResult(tuple(sampled), *told)
        return StepResult(tuple(sampled))

    def _copy(self, copies: Copies) -> None:
        if copies.targets:
            self._computer.copy(copies.sources, copies.targets)

    def _time_one_token(self) -> float:
        """Milliseconds of a pass over one token: of the second, because the first warms up."""
        took_ms = 0.0
        for position in range(2):
            started_s = perf_counter()
            self._computer.compute(batch_of((Slice(0, (0,), position, sample=True),), self._cells).step).cpu()
            took_ms = (perf_counter() - started_s) * 1000
        self._cells.cut(0, 0)
        return took_ms


def _rows(logits: Tensor, rows: Sequence[int]) -> Tensor:
    """Often all of them, in order."""
    return logits if len(rows) == len(logits) else logits[list(rows)]


def _together(results: Sequence[StepResult], plan: StepPlan) -> StepResult:
    """Tokens in the order of the plan."""
    tokens = dict([pair for result in results for pair in result.sampled])
    return StepResult(
        tuple([(one.sequence, tokens[one.sequence]) for one in plan.slices if one.sample]),
        {sequence: told for result in results for sequence, told in result.logprobs.items()},
        {sequence: told for result in results for sequence, told in result.scored.items()},
    )


def _build(spec: EngineSpec) -> str:
    """Library, version and precision: the same weights answer differently in another one."""
    return f"torch-{torch.__version__}-{spec.precision}"
