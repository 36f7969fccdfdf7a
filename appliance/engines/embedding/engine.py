"""Requests for vectors to events, a pass at a time. Nothing is kept between two passes.

What waits inside is bounded by ``facts``: ``max_sequences`` requests with ``kv_tokens`` tokens together.
"""

from time import perf_counter
from typing import Final

from appliance.domain.generation import FinishReason
from appliance.engines.base import (
    Embed,
    Embedder,
    Embedding,
    EngineFacts,
    Event,
    Failed,
    Finished,
    Free,
    StepReport,
    Work,
)
from appliance.engines.embedding.admission import refusal
from appliance.engines.embedding.packing import Pick, Progress, pack
from appliance.engines.scheduler.step_time import StepTime
from appliance.errors import Conflict

MOST_BYTES: Final = 8 * 2**20
"""Of the vectors of one step, so that its frame stays well below the largest one."""
_FLOAT_BYTES: Final = 4


class EmbeddingEngine:
    """``Engine`` over any embedder. Owns the embedder: ``close`` closes it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._facts = embedder.facts
        vector_bytes = _FLOAT_BYTES * max(1, self._facts.embedding_size)
        self._most_inputs = max(1, min(self._facts.max_sequences, MOST_BYTES // vector_bytes))
        self._step_time = StepTime(self._facts.token_ms)
        self._requests: dict[int, Progress] = {}
        self._refused: list[Failed] = []
        self._cancelled: set[int] = set()
        self._turns = 0

    @property
    def facts(self) -> EngineFacts:
        """The embedder's."""
        return self._facts

    @property
    def idle(self) -> bool:
        """True while ``step`` would have nothing to do."""
        return not (self._requests or self._refused)

    @property
    def expected_step_ms(self) -> float:
        """Of the pass that runs now, or ran last."""
        return self._step_time.expected_ms

    @property
    def free(self) -> Free:
        """What may be submitted now. A request holds all its tokens until it ends."""
        taken = sum([one.tokens for one in self._requests.values()])
        return Free(self._facts.kv_tokens - taken, self._facts.max_sequences - len(self._requests))

    def submit(self, work: Work) -> None:
        """Admit, or keep the refusal for the next step. Raises ``Conflict`` for an id that runs already."""
        if work.id in self._requests:
            raise Conflict(f"Work {work.id} is running already.")
        if failed := refusal(work, self._facts, self.free):
            self._refused.append(failed)
        elif isinstance(work, Embed):
            self._requests[work.id] = Progress(work, work.kv_tokens)

    def cancel(self, work_id: int) -> None:
        """Mark for the next step."""
        if work_id in self._requests:
            self._cancelled.add(work_id)

    def step(self) -> StepReport:
        """Answer what was refused or cancelled, then one pass over inputs of what runs."""
        events: list[Event] = [*self._refused]
        self._refused.clear()
        events += [self._finish(self._requests[one], FinishReason.CANCELLED) for one in self._cancelled]
        self._cancelled.clear()
        if self._requests:
            self._embed(events)
        return StepReport(tuple(events), self.free)

    def close(self) -> None:
        """Close the embedder; what runs is lost."""
        self._embedder.close()

    def _embed(self, events: list[Event]) -> None:
        picks = pack(
            self._requests.values(), most_tokens=self._facts.batch_tokens, most_inputs=self._most_inputs
        )
        inputs = [pick.tokens for pick in picks]
        tokens = self._step_time.expect(sum([len(one) for one in inputs]))
        started_s = perf_counter()
        vectors = self._embedder.embed(inputs)
        took_ms = (perf_counter() - started_s) * 1000
        self._step_time.end(took_ms)
        for pick, vector in zip(picks, vectors, strict=True):
            self._count(pick, took_ms / tokens)
            events.append(Embedding(pick.of.work.id, pick.index, vector))
            if pick.of.finished:
                events.append(self._finish(pick.of, FinishReason.STOP))

    def _count(self, pick: Pick, ms_per_token: float) -> None:
        self._turns += 1
        pick.of.turn = self._turns
        pick.of.done += 1
        pick.of.compute_ms += len(pick.tokens) * ms_per_token

    def _finish(self, request: Progress, reason: FinishReason) -> Finished:
        del self._requests[request.work.id]
        return Finished(
            request.work.id,
            0,
            reason,
            text="",
            prompt_tokens=request.tokens_done,
            cached_tokens=0,
            completion_tokens=0,
            compute_ms=request.compute_ms,
        )
