"""Starts requests: decide, prepare, reserve, queue. What happens after that is ``run.Run``."""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from itertools import count

from appliance.domain.clock import Clock
from appliance.domain.generation import Accepted, ChatPrompt, GenerationRequest
from appliance.domain.people import Caller
from appliance.domain.usage import ProgressMark
from appliance.errors import BadRequest, CarrelError, NotReady, TryAgain
from appliance.services.generation.doorstep import Doorstep
from appliance.services.generation.planning import SEED_SPACE, Plan, plan
from appliance.services.generation.ports import Ledger, Projects, ServedModel, ServedModels
from appliance.services.generation.run import Run
from appliance.services.generation.turns import Turns
from appliance.services.queue import DispatchQueue, Share


def draw_seed() -> int:
    """A seed for a request that brought none."""
    return secrets.randbelow(SEED_SPACE)


class Generator:
    """The product's first verb: answer this prompt for this caller."""

    def __init__(
        self,
        *,
        models: ServedModels,
        ledger: Ledger,
        projects: Projects,
        queue: DispatchQueue,
        clock: Clock,
        fresh_seed: Callable[[], int] = draw_seed,
        doorstep: Doorstep | None = None,
    ) -> None:
        self._models = models
        self._ledger = ledger
        self._projects = projects
        self._queue = queue
        self._clock = clock
        self._fresh_seed = fresh_seed
        self._doorstep = doorstep or Doorstep()
        self._turns = Turns()
        self._work_ids = count(1)
        self._runs: set[Run] = set()
        self._closing = False

    @property
    def running(self) -> int:
        """Requests that left the queue and are not settled."""
        return sum(run.dispatched for run in self._runs)

    async def start(self, caller: Caller, request: GenerationRequest) -> Run:
        """Prepare and reserve; the returned run waits its turn by itself.

        Raises ``ModelNotFound``, ``ModelNotRunning``, ``BadRequest``, ``ContextLengthExceeded``,
        ``PreparationFailed``, ``QueueFull``, ``PersonLimitReached``, ``BudgetExhausted``,
        ``StorageUnavailable``.
        """
        if self._closing:
            raise NotReady("The box is stopping. Try again in a minute.", retry_after_s=30)
        model = self._models.served(request.model)
        if isinstance(request.prompt, ChatPrompt) and not model.chats:
            raise BadRequest(
                f"{model.identity.id} completes text and does not chat: use /v1/completions.", param="model"
            )
        try:
            with self._queue.preparing(caller):
                return await self._prepare_and_reserve(caller, request, model)
        except TryAgain:
            await self._doorstep.pause()
            raise

    def marks(self) -> list[ProgressMark]:
        """Progress of all runs that have some."""
        return [mark for run in self._runs if (mark := run.mark) is not None]

    def end_runs_of_key(self, key_id: str) -> None:
        """A key was revoked: its running streams end."""
        self._cancel(run for run in self._runs if run.hold.caller.key_id == key_id)

    async def close(self, grace_s: float) -> None:
        """Take nothing new, give running requests ``grace_s`` seconds, then cancel and settle what is
        left.
        """
        self._closing = True
        await self._all_ended(grace_s)
        self._cancel(self._runs)
        await self._all_ended(None)

    async def _prepare_and_reserve(
        self, caller: Caller, request: GenerationRequest, model: ServedModel
    ) -> Run:
        async with self._turns.take(model.identity.id, caller.holder):
            prompt = await model.preparer.prepare(request.prompt)
        project = self._projects.project(caller.project_id)
        planned = plan(
            request,
            caller=caller,
            project=project,
            model=model,
            prompt=prompt,
            work_id=next(self._work_ids),
            fresh_seed=self._fresh_seed(),
            now_ms=self._clock.now_ms(),
        )
        # Reserving is a commit on the disk. A client that leaves during it must not leave a hold behind.
        share = Share(caller, project.weight, request.service_class)
        reserving = asyncio.ensure_future(self._reserve_and_run(planned, model, share))
        try:
            return await asyncio.shield(reserving)
        except asyncio.CancelledError:
            reserving.add_done_callback(_abandon)
            raise

    async def _reserve_and_run(self, planned: Plan, model: ServedModel, share: Share) -> Run:
        await self._ledger.reserve(planned.hold)
        place = self._queue.join(model.identity.id, planned.work, model.sources, share)
        run = Run(
            accepted=Accepted(
                model=model.identity,
                prompt_tokens=planned.hold.prompt_tokens,
                seed=planned.work.sampling.seed,
                created_ms=planned.hold.started_ms,
                service_class=share.service_class,
                queue_position=place.position,
            ),
            hold=planned.hold,
            shapes=model.shapes,
            ledger=self._ledger,
            clock=self._clock,
            place=place,
            on_end=self._runs.discard,
        )
        self._runs.add(run)
        return run

    @staticmethod
    def _cancel(runs: Iterable[Run]) -> None:
        for run in list(runs):
            run.cancel()

    async def _all_ended(self, timeout_s: float | None) -> None:
        waits = [asyncio.ensure_future(run.ended()) for run in self._runs]
        if waits:
            _, late = await asyncio.wait(waits, timeout=timeout_s)
            for wait in late:
                wait.cancel()


def _abandon(reserving: "asyncio.Future[Run]") -> None:
    if reserving.cancelled() or isinstance(reserving.exception(), CarrelError):
        return
    reserving.result().cancel()
