"""One model that is being served: its verified files, its preparer, its replica, its state in one word."""

import asyncio
from pathlib import Path

from appliance.domain.model import ModelIdentity, ModelState
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.engines.base import EngineSpec, Free
from appliance.errors import CarrelError, ModelNotRunning
from appliance.services.generation.ports import ServedModel
from appliance.services.models.ports import PreparerProcess, ProcessFactory, ReplicaProcess, Weights

RETRY_AFTER_S = 5


class RunningModel:
    """From ``start`` to ``stop``. The files are hashed before any process opens them."""

    def __init__(self, recipe: Recipe, form: RecipeForm, *, created_ms: int) -> None:
        self.recipe = recipe
        self.form = form
        self.id = recipe.model_id(form)
        self.created_ms = created_ms
        self._failure: str | None = None
        self._stopping = False
        self._preparer: PreparerProcess | None = None
        self._replica: ReplicaProcess | None = None
        self._ready_once = False

    @property
    def replicas(self) -> tuple[ReplicaProcess, ...]:
        """Its workers, started or not."""
        return () if self._replica is None else (self._replica,)

    @property
    def state(self) -> ModelState:
        """The state that people are shown."""
        if self._stopping:
            return ModelState.STOPPING
        if self._failure is not None:
            return ModelState.FAILED
        if not self._ready_once or self._replica is None:
            return ModelState.LOADING
        return self._replica.state

    @property
    def reason(self) -> str | None:
        """Why it is not ready, where there is a why."""
        return self._failure or (self._replica.reason if self._replica is not None else None)

    async def start(
        self, *, weights: Weights, folder: Path, spec: EngineSpec, factory: ProcessFactory
    ) -> None:
        """Verify, then start both processes. On failure it stays, in state ``failed``, and the error is
        raised.
        """
        try:
            await asyncio.to_thread(weights.verify, self.form, folder)
            self._preparer = factory.preparer(spec)
            self._replica = factory.replica(spec)
            await asyncio.gather(self._preparer.start(), self._replica.start())
        except CarrelError as error:
            self._failure = error.message
            await self._stop_processes()
            raise
        self._ready_once = True

    async def stop(self) -> None:
        """End both processes."""
        self._stopping = True
        await self._stop_processes()

    def served(self) -> ServedModel:
        """What a request needs of it. Raises ``ModelNotRunning``."""
        if not self._ready_once or self._preparer is None or self._replica is None or self._failed_for_good():
            raise ModelNotRunning(
                f"{self.id} is {self.state}. " + (self.reason or "Try again in a few seconds."),
                retry_after_s=RETRY_AFTER_S,
            )
        facts = self._replica.facts
        return ServedModel(
            identity=self.identity(),
            shapes=self._preparer.shapes,
            context_tokens=min(self.recipe.context_tokens, facts.context_tokens),
            capacity=Free(facts.kv_tokens, facts.max_sequences),
            chats=self.recipe.chat_template is not None,
            defaults=self.recipe.defaults,
            preparer=self._preparer,
            sources=self.replicas,
        )

    def identity(self) -> ModelIdentity:
        """Exactly which bytes answer."""
        build = self._replica.facts.engine_build if self._replica is not None else ""
        return ModelIdentity(self.id, self.recipe.revision, self.form.files[0].sha256, build)

    def _failed_for_good(self) -> bool:
        return self.state in {ModelState.FAILED, ModelState.STOPPING}

    async def _stop_processes(self) -> None:
        processes = [process for process in (self._preparer, self._replica) if process is not None]
        await asyncio.gather(*(process.stop() for process in processes))
