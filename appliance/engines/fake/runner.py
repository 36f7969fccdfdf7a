"""The fake forward pass: strict about its caller, deterministic in its answers.

The next token is a pure function of the tokens that a sequence holds, and of its seed where its temperature
is above 0: how the tokens were cut into slices and who else is in the batch changes nothing. KV cells are
counted as a unified cache counts them: a fork shares its source's cells until both are dropped.
"""

import os
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from time import sleep
from zlib import crc32

from appliance.domain.generation import Sampling
from appliance.engines.base import (
    EngineFacts,
    EngineSpec,
    KvExhausted,
    Logprob,
    RunnerBroken,
    Scoring,
    Slice,
    StepPlan,
    StepResult,
)
from appliance.engines.fake.distribution import log_probability, make_logits
from appliance.engines.fake.options import FakeOptions
from appliance.engines.fake.sampler import FakeSampler, babble
from appliance.engines.fake.vocabulary import END_TOKENS, VOCABULARY_TOKENS, bytes_of, name_of


class ContractBreach(Exception):
    """The caller asked for something a runner need not be able to do: a defect in the scheduler."""


@dataclass(slots=True)
class _Held:
    """One open sequence."""

    sampler: FakeSampler | None = None
    cells: list[int] = field(default_factory=list)
    checksums: list[int] = field(default_factory=lambda: [0])
    """Of the first n tokens, for every n."""


class FakeRunner:
    """Runner without a model. Raises ``ContractBreach`` where its caller breaks the contract."""

    def __init__(self, spec: EngineSpec, options: FakeOptions) -> None:
        self._options = options
        self._facts = EngineFacts(
            engine_build="fake-1",
            context_tokens=spec.context_tokens,
            kv_tokens=spec.kv_tokens,
            max_sequences=spec.max_sequences,
            batch_tokens=spec.batch_tokens,
            vocabulary=VOCABULARY_TOKENS,
            kv_layout="split" if spec.deterministic or spec.kv_layout == "split" else "unified",
            deterministic=spec.deterministic,
            reuses_prefixes=options.reuses_prefixes,
            token_ms=options.step_delay_ms,
        )
        self._kv_tokens = spec.kv_tokens if options.real_kv_tokens is None else options.real_kv_tokens
        self._open: dict[int, _Held] = {}
        self._holders: Counter[int] = Counter()
        self._next_cell = 0
        self._sampled = 0
        self._sampled_last: frozenset[int] = frozenset()

    @property
    def facts(self) -> EngineFacts:
        """What the spec asked for."""
        return self._facts

    @property
    def end_tokens(self) -> frozenset[int]:
        """End of text and end of turn."""
        return END_TOKENS

    @property
    def used_kv_tokens(self) -> int:
        """KV cells held now; not part of the contract, for tests."""
        return len(self._holders)

    def prepare(self, sequence: int, sampling: Sampling) -> None:
        """A new sampler; the sequence keeps its cells, or is opened with none."""
        self._check_number(sequence)
        self._open.setdefault(sequence, _Held()).sampler = FakeSampler(self._options, sampling)

    def forward(self, plan: StepPlan) -> StepResult:
        """Check the plan, hold its tokens, sample where asked."""
        self._check(plan)
        tokens = sum(len(piece.tokens) for piece in plan.slices)
        if len(self._holders) + tokens > self._kv_tokens:
            raise KvExhausted(
                f"{tokens} more KV cells were asked for, {self._kv_tokens - len(self._holders)} are free"
            )
        self._misbehave()
        sleep(self._options.step_delay_ms / 1000)
        for piece in plan.slices:
            self._hold(self._open[piece.sequence], piece.tokens)
        sampled = tuple((piece.sequence, self._sample(piece)) for piece in plan.slices if piece.sample)
        self._sampled_last = frozenset(sequence for sequence, _ in sampled)
        return StepResult(sampled, *self._told(plan, dict(sampled)))

    def resample(self, sequence: int, allowed: bytes, top: int | None = None) -> tuple[int, Logprob | None]:
        """From the same made-up distribution."""
        if sequence not in self._sampled_last:
            raise ContractBreach(f"the last pass sampled nothing for sequence {sequence}")
        tokens = [token for token in range(min(VOCABULARY_TOKENS, 8 * len(allowed))) if _has(allowed, token)]
        if not tokens:
            raise ContractBreach("no token is allowed")
        sampler = self._sampler(sequence)
        token = sampler.resample(tokens)
        return token, None if top is None else sampler.logprob(token, top)

    def fork(self, source: int, target: int, tokens: int) -> None:
        """Share the source's first cells with a sequence that has none."""
        self._check_number(target)
        held, new = self._opened(source), self._open.setdefault(target, _Held())
        if new.cells:
            raise ContractBreach(f"sequence {target} is not empty")
        if not 0 <= tokens <= len(held.cells):
            raise ContractBreach(f"sequence {source} does not hold {tokens} tokens")
        new.cells = held.cells[:tokens]
        new.checksums = held.checksums[: tokens + 1]
        self._holders.update(new.cells)

    def swap(self, one: int, other: int) -> None:
        """Each has the other's cells from now on."""
        first, second = self._opened(one), self._opened(other)
        first.cells, second.cells = second.cells, first.cells
        first.checksums, second.checksums = second.checksums, first.checksums

    def cut(self, sequence: int, tokens: int) -> None:
        """Free the cells behind the first ``tokens`` that no other sequence holds."""
        held = self._opened(sequence)
        if not 0 <= tokens <= len(held.cells):
            raise ContractBreach(f"sequence {sequence} does not hold {tokens} tokens")
        self._free(held.cells[tokens:])
        del held.cells[tokens:], held.checksums[tokens + 1 :]

    def drop(self, sequence: int) -> None:
        """Free the cells that no other sequence holds."""
        held = self._open.pop(sequence, None)
        self._free(held.cells if held else ())

    def _free(self, cells: Sequence[int]) -> None:
        for cell in cells:
            self._holders[cell] -= 1
            if not self._holders[cell]:
                del self._holders[cell]

    def piece(self, token: int) -> bytes:
        """The byte of a byte token."""
        return bytes_of(token)

    def name(self, token: int) -> bytes:
        """The byte of a byte token, the text of a control token."""
        return name_of(token)

    def close(self) -> None:
        """Forget all sequences."""
        self._open.clear()
        self._holders.clear()

    def _check_number(self, sequence: int) -> None:
        if not 0 <= sequence < self._facts.max_sequences:
            raise ContractBreach(f"sequence {sequence} is not below {self._facts.max_sequences}")

    def _opened(self, sequence: int) -> _Held:
        if sequence not in self._open:
            raise ContractBreach(f"sequence {sequence} is not open")
        return self._open[sequence]

    def _check(self, plan: StepPlan) -> None:
        sequences = [piece.sequence for piece in plan.slices]
        if len(set(sequences)) < len(sequences):
            raise ContractBreach("two slices of one sequence")
        if not 0 < sum(len(piece.tokens) for piece in plan.slices) <= self._facts.batch_tokens:
            raise ContractBreach("an empty plan, or one over batch_tokens")
        for piece in plan.slices:
            self._check_slice(piece)

    def _check_slice(self, piece: Slice) -> None:
        held = self._opened(piece.sequence)
        if not piece.tokens:
            raise ContractBreach(f"an empty slice of sequence {piece.sequence}")
        if piece.position != len(held.cells):
            raise ContractBreach(
                f"sequence {piece.sequence} goes on at {len(held.cells)}, not at {piece.position}"
            )
        if piece.position + len(piece.tokens) > self._facts.context_tokens:
            raise ContractBreach(f"sequence {piece.sequence} would be longer than the context")
        if not all(0 <= token < VOCABULARY_TOKENS for token in piece.tokens):
            raise ContractBreach("a token that is not in the vocabulary")
        if piece.scoring:
            self._check_scoring(piece.scoring, len(piece.tokens))

    @staticmethod
    def _check_scoring(scoring: Scoring, tokens: int) -> None:
        if not 0 <= scoring.first < scoring.first + len(scoring.targets) <= tokens:
            raise ContractBreach("a place is scored that is not in its slice, or none is")
        if not all(0 <= token < VOCABULARY_TOKENS for token in scoring.targets):
            raise ContractBreach("a target that is not in the vocabulary")

    def _misbehave(self) -> None:
        options = self._options
        if options.fail_after_tokens is not None and self._sampled >= options.fail_after_tokens:
            raise RunnerBroken("the fake engine was told to fail")
        if options.die_after_tokens is not None and self._sampled >= options.die_after_tokens:
            os.kill(os.getpid(), signal.SIGKILL)
        if options.hang_after_tokens is not None and self._sampled >= options.hang_after_tokens:
            Event().wait()
        if options.eat_memory_after_tokens is not None and self._sampled >= options.eat_memory_after_tokens:
            _eat_memory()

    def _hold(self, held: _Held, tokens: Sequence[int]) -> None:
        cells = range(self._next_cell, self._next_cell + len(tokens))
        self._next_cell += len(tokens)
        self._holders.update(cells)
        held.cells.extend(cells)
        for token in tokens:
            held.checksums.append(crc32(token.to_bytes(4, "little"), held.checksums[-1]))

    def _sampler(self, sequence: int) -> FakeSampler:
        sampler = self._opened(sequence).sampler
        if sampler is None:
            raise ContractBreach("a sequence without a sampler")
        return sampler

    def _sample(self, piece: Slice) -> int:
        self._sampled += 1
        return self._sampler(piece.sequence).sample(self._open[piece.sequence].checksums[-1])

    def _told(
        self, plan: StepPlan, sampled: dict[int, int]
    ) -> tuple[dict[int, Logprob], dict[int, list[Logprob]]]:
        logprobs, scored = {}, {}
        for piece in plan.slices:
            sequence = piece.sequence
            if piece.sample and piece.top is not None:
                logprobs[sequence] = self._sampler(sequence).logprob(sampled[sequence], piece.top)
            if piece.scoring:
                scored[sequence] = self._scored(piece, piece.scoring)
        return logprobs, scored

    def _scored(self, piece: Slice, scoring: Scoring) -> list[Logprob]:
        """Each place by the checksum of the tokens up to it."""
        first = piece.position + scoring.first + 1
        checksums = self._open[piece.sequence].checksums[first : first + len(scoring.targets)]
        return [
            log_probability(make_logits(checksum, babble(checksum), certain=False), target, scoring.top)
            for checksum, target in zip(checksums, scoring.targets, strict=True)
        ]


def _has(allowed: bytes, token: int) -> bool:
    return bool(allowed[token // 8] >> token % 8 & 1)


def _eat_memory() -> None:
    """Slowly enough for a gateway that watches; no more than a machine with tests on it has."""
    eaten = []
    for _ in range(64):
        eaten.append(b"x" * 2**24)
        sleep(0.01)
    Event().wait()
