"""One model that is being served: its verified files, its preparer, its replicas, its state in one word."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from appliance.domain.clock import Clock
from appliance.domain.model import ModelIdentity, ModelState
from appliance.domain.prompts import AnswerFormat, PreparedPrompt, Prompt
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.running import RunWishes
from appliance.domain.shapes import ModelShapes
from appliance.engines.base import EngineFacts, EngineSpec, Free
from appliance.errors import CarrelError, ModelLoading, ModelNotRunning
from appliance.services.generation.ports import ServedModel, TokenSource
from appliance.services.models.ports import PreparerProcess, ProcessFactory, ReplicaProcess, Weights
from appliance.services.models.progress import eta_s, part_done, percent_of, retry_after_s
from appliance.services.models.sources import Ended, Sources
from appliance.services.models.specification import ReplicaOrder, context_of

RETRY_AFTER_S = 5

Place = Callable[[ModelShapes], Awaitable[tuple[ReplicaOrder, ...]]]
"""Finds a place for every replica, or raises ``DoesNotFit``."""


class RunningModel:
    """From ``start`` to ``stop``. The files are hashed before any process opens them.

    ``lent``: it was started for one task of the box itself and serves nobody else.
    """

    def __init__(
        self, recipe: Recipe, form: RecipeForm, wishes: RunWishes, clock: Clock, *, lent: bool = False
    ) -> None:
        self.recipe = recipe
        self.form = form
        self.wishes = wishes
        self.lent = lent
        self.id = recipe.model_id(form)
        self.created_ms = clock.now_ms()
        self.last_used_s = clock.monotonic_s()
        self.orders: tuple[ReplicaOrder, ...] = ()
        self.replicas: tuple[ReplicaProcess, ...] = ()
        self._clock = clock
        self._started_s = clock.monotonic_s()
        self._hashed = 0.0
        self._failure: str | None = None
        self._stopping = False
        self._preparer: PreparerProcess | None = None
        self._preparing = 0
        self._facts: EngineFacts | None = None
        self._sources = Sources(self._present_sources)
        self._ended = Ended(f"{self.id} does not run any more. Choose another model.")
        self._ending = asyncio.Lock()

    @property
    def state(self) -> ModelState:
        """The state that people are shown: that of its best replica."""
        if self._stopping:
            return ModelState.STOPPING
        if self._failure is not None:
            return ModelState.FAILED
        if self._facts is None:
            return ModelState.LOADING
        states = {replica.state for replica in self.replicas}
        if ModelState.READY in states:
            return ModelState.READY
        return ModelState.FAILED if states == {ModelState.FAILED} else ModelState.RESTARTING

    @property
    def reason(self) -> str | None:
        """Why it is not ready, or not with all its replicas, where there is a why."""
        if self._failure is not None:
            return self._failure
        if self.lent:
            return "It runs for a measurement and serves nobody."
        reasons = [replica.reason for replica in self.replicas if replica.reason]
        if not reasons:
            return None
        if len(self.replicas) == 1:
            return reasons[0]
        return f"{len(reasons)} of {len(self.replicas)} replicas do not answer. {reasons[0]}"

    @property
    def part_done(self) -> float:
        """How far it has come on its way to ready, 0 to 1."""
        return part_done(self._hashed, [replica.loading_part for replica in self.replicas])

    @property
    def percent(self) -> int | None:
        """The same for people; None for a model that does not load."""
        return percent_of(self.part_done) if self.state is ModelState.LOADING else None

    @property
    def eta_s(self) -> int | None:
        """Seconds until it is ready, where that can be told."""
        if self.state is not ModelState.LOADING:
            return None
        return eta_s(self.part_done, self._clock.monotonic_s() - self._started_s)

    @property
    def working(self) -> bool:
        """A request is being prepared or computed."""
        return self._preparing > 0 or any(replica.running for replica in self.replicas)

    @property
    def context_tokens(self) -> int:
        """Prompt plus answer of one request."""
        return context_of(self.recipe, self.wishes)

    @property
    def identity(self) -> ModelIdentity | None:
        """Which bytes answer; None until it was ready for the first time."""
        return None if self._facts is None else self._identity_of(self._facts)

    @property
    def shapes(self) -> ModelShapes | None:
        """What its tokens cost; None until it was ready for the first time, and of one hosted elsewhere."""
        if self._facts is None or self._preparer is None or self.recipe.upstream is not None:
            return None
        return self._preparer.shapes

    def stays(self, wishes: RunWishes) -> bool:
        """Whether it is left as it is when it is run with these wishes."""
        if self.lent or self.state is ModelState.FAILED:
            return False
        return wishes in {RunWishes(), self.wishes}

    async def start(
        self, *, weights: Weights, folder: Path, spec: EngineSpec, factory: ProcessFactory, place: Place
    ) -> None:
        """Verify, start the preparer, find places, start the replicas; return when none of them loads.

        One replica that answers is enough. On failure the model stays, in state ``failed``, and the error
        is raised: ``IntegrityFailed``, ``DoesNotFit``, ``ReplicaFailed``.
        """
        try:
            await asyncio.to_thread(weights.verify, self.form, folder, self._note_hashed)
            self._preparer = factory.preparer(spec)
            await self._preparer.start()
            self.orders = await place(self._preparer.shapes)
            self._end_if_stopping()
            self.replicas = tuple(factory.replica(order) for order in self.orders)
            await self._start_replicas()
        except CarrelError as error:
            self._failure = error.message
            await self._stop_processes()
            raise

    async def stop(self) -> None:
        """End all processes. A model that loads gives up at its next step."""
        self._stopping = True
        await self._stop_processes()

    def served(self) -> ServedModel:
        """What a request needs of it. Raises ``ModelLoading``, ``ModelNotRunning``."""
        if self.state is ModelState.LOADING:
            raise self._loading()
        if self._facts is None or self._preparer is None or self._over():
            raise ModelNotRunning(
                f"{self.id} is {self.state}. " + (self.reason or "Try again in a few seconds."),
                retry_after_s=RETRY_AFTER_S,
            )
        self.last_used_s = self._clock.monotonic_s()
        return ServedModel(
            identity=self._identity_of(self._facts),
            shapes=self._preparer.shapes,
            context_tokens=min(self.context_tokens, self._facts.context_tokens),
            capacity=Free(self._facts.kv_tokens, self._facts.max_sequences),
            chats=self.recipe.chats,
            defaults=self.recipe.defaults,
            preparer=self,
            sources=self._sources,
            embedding_size=self._facts.embedding_size if self.recipe.pooling else 0,
            thinking=self.recipe.thinking,
            remote=self.recipe.upstream,
        )

    async def prepare(self, prompt: Prompt, answer_format: AnswerFormat | None = None) -> PreparedPrompt:
        """See ``generation.ports.PromptPreparer``: the preparer's, counted."""
        with self._preparing_one() as preparer:
            return await preparer.prepare(prompt, answer_format)

    async def detokenize(self, tokens: Sequence[int]) -> str:
        """See ``generation.ports.PromptPreparer``."""
        with self._preparing_one() as preparer:
            return await preparer.detokenize(tokens)

    @contextmanager
    def _preparing_one(self) -> Iterator[PreparerProcess]:
        if self._preparer is None:
            raise ModelNotRunning(f"{self.id} is {self.state}.", retry_after_s=RETRY_AFTER_S)
        self._preparing += 1
        try:
            yield self._preparer
        finally:
            self._preparing -= 1

    def _identity_of(self, facts: EngineFacts) -> ModelIdentity:
        """Of a model elsewhere nobody knows the bytes."""
        sha256 = "" if self.recipe.upstream else self.form.sha256
        return ModelIdentity(self.id, self.recipe.revision, sha256, facts.engine_build)

    def _loading(self) -> ModelLoading:
        percent, eta = self.percent or 0, self.eta_s
        return ModelLoading(
            f"{self.id} is loading, {percent} % done. Try again in a few seconds.",
            percent=percent,
            eta_s=eta,
            retry_after_s=retry_after_s(eta),
        )

    def _over(self) -> bool:
        return self.state in {ModelState.FAILED, ModelState.STOPPING}

    def _present_sources(self) -> Sequence[TokenSource]:
        return (self._ended,) if self._over() else self.replicas

    def _note_hashed(self, part: float) -> None:
        """Called on the thread that hashes."""
        self._end_if_stopping()
        self._hashed = part

    def _end_if_stopping(self) -> None:
        if self._stopping:
            raise ModelNotRunning(f"{self.id} was stopped while it was loading.")

    async def _start_replicas(self) -> None:
        ends = await asyncio.gather(
            *(self._start_replica(replica) for replica in self.replicas), return_exceptions=True
        )
        errors = [end for end in ends if end is not None]
        grave = [error for error in errors if not isinstance(error, CarrelError)]
        if grave or len(errors) == len(ends):
            raise (grave or errors)[0]

    async def _start_replica(self, replica: ReplicaProcess) -> None:
        await replica.start()
        self._facts = self._facts or replica.facts

    async def _stop_processes(self) -> None:
        async with self._ending:
            preparers = [] if self._preparer is None else [self._preparer]
            ends = [*(one.stop() for one in preparers), *(one.stop() for one in self.replicas)]
            await asyncio.gather(*ends)
