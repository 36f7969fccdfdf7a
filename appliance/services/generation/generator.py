"""Starts requests: decide, prepare, reserve, queue. What happens after that is ``run.Run``."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count

from appliance.domain.clock import Clock
from appliance.domain.generation import Accepted, AnyRequest, EmbeddingRequest, ServiceClass
from appliance.domain.people import Caller, Project
from appliance.domain.prompts import AnswerFormat, PreparedPrompt, Prompt
from appliance.domain.usage import Hold
from appliance.errors import (
    BudgetExhausted,
    CarrelError,
    NotPermitted,
    NotReady,
    PersonLimitReached,
    RateLimited,
    TryAgain,
)
from appliance.services.admission.admission import Admitted
from appliance.services.allowance import Allowance, Taken
from appliance.services.generation.doorstep import Doorstep
from appliance.services.generation.listening import Listener
from appliance.services.generation.planning import Plan, draw_seed, plan, thoughts_around
from appliance.services.generation.planning_embeddings import plan_embeddings, prepare_inputs
from appliance.services.generation.planning_remote import plan_remote
from appliance.services.generation.ports import Admission, Ledger, Projects, ServedModel, ServedModels
from appliance.services.generation.run import Run
from appliance.services.generation.runs import Runs
from appliance.services.generation.suitability import check_suitable
from appliance.services.generation.timing import Meter, NoMeter, Timing
from appliance.services.generation.turns import Turns
from appliance.services.queue import DispatchQueue, Share


class Generator:
    """The product's first verb: answer this prompt for this caller. ``runs`` are those it started."""

    def __init__(
        self,
        *,
        models: ServedModels,
        admission: Admission,
        ledger: Ledger,
        projects: Projects,
        queue: DispatchQueue,
        clock: Clock,
        fresh_seed: Callable[[], int] = draw_seed,
        doorstep: Doorstep | None = None,
        turns: Turns | None = None,
        allowance: Allowance | None = None,
        meter: Meter = NoMeter(),  # noqa: B008 - has no state
    ) -> None:
        self._models = models
        self._admission = admission
        self._ledger = ledger
        self._projects = projects
        self._queue = queue
        self._clock = clock
        self._fresh_seed = fresh_seed
        self._doorstep = doorstep or Doorstep()
        self._allowance = allowance or Allowance(clock=clock)
        self._meter = meter
        self._turns = turns or Turns()
        self._work_ids = count(1)
        self.runs = Runs()
        self._closing = False

    async def start(self, caller: Caller, request: AnyRequest, listener: Listener | None = None) -> Run:
        """Prepare and reserve; the returned run waits its turn by itself. A ``listener`` hears of it in place
        of who iterates it.

        Raises ``ModelNotFound``, ``NotLicensed``, ``ModelNotRunning``, ``BadRequest``,
        ``NotPermitted``, ``ContextLengthExceeded``, ``PreparationFailed``, ``RateLimited``, ``QueueFull``,
        ``PersonLimitReached``, ``BudgetExhausted``, ``StorageUnavailable``.
        """
        if self._closing:
            raise NotReady("The box is stopping. Try again in a minute.", retry_after_s=30)
        try:
            admitted = self._admission.admit(caller, request)
            model = self._models.served(admitted.request.model)
            check_suitable(admitted.request, model)
            return await self._limited(caller, admitted, model, listener)
        except TryAgain:
            await self._doorstep.pause(caller.holder)
            raise

    async def close(self, grace_s: float) -> None:
        """Take nothing new, give running requests ``grace_s`` seconds, then cancel and settle what is
        left.
        """
        self._closing = True
        await self.runs.drain(grace_s)

    async def _limited(
        self, caller: Caller, admitted: Admitted, model: ServedModel, listener: Listener | None
    ) -> Run:
        """Within what the caller may have now."""
        kind = admitted.request.service_class
        try:
            self._allowance.count(caller, model.identity.id, waits=kind is not ServiceClass.OVERNIGHT)
            with self._queue.preparing(caller, kind):
                return await self._prepare_and_reserve(caller, admitted, model, listener)
        except (NotPermitted, RateLimited, PersonLimitReached, BudgetExhausted) as error:
            admitted.refused(error)
            raise

    async def _prepare_and_reserve(
        self, caller: Caller, admitted: Admitted, model: ServedModel, listener: Listener | None
    ) -> Run:
        timing, request = Timing(self._clock), admitted.request
        project = self._projects.project(caller.project_id)
        planned = await self._plan(caller, project, request, model)
        timing.prepared()
        # Reserving is a commit on the disk. A client that leaves during it must not leave a hold behind.
        share = Share(caller, project.weight, request.service_class)
        parts = _Parts(admitted, share, timing, listener)
        reserving = asyncio.ensure_future(self._reserve_and_run(planned, model, parts))
        try:
            return await asyncio.shield(reserving)
        except asyncio.CancelledError:
            reserving.add_done_callback(_abandon)
            raise

    async def _plan(self, caller: Caller, project: Project, request: AnyRequest, model: ServedModel) -> Plan:
        prepare = partial(self._prepare, caller, request.service_class, model)
        if isinstance(request, EmbeddingRequest):
            return plan_embeddings(
                request,
                caller=caller,
                model=model,
                inputs=await prepare_inputs(request, prepare),
                work_id=next(self._work_ids),
                now_ms=self._clock.now_ms(),
            )
        if model.remote is not None:
            return plan_remote(
                request,
                model.remote,
                caller=caller,
                model=model,
                prompt=await prepare(request.prompt),
                work_id=next(self._work_ids),
                fresh_seed=self._fresh_seed(),
                now_ms=self._clock.now_ms(),
            )
        return plan(
            request,
            caller=caller,
            project=project,
            model=model,
            prompt=await prepare(request.prompt, request.answer_format),
            work_id=next(self._work_ids),
            fresh_seed=self._fresh_seed(),
            now_ms=self._clock.now_ms(),
        )

    async def _prepare(
        self,
        caller: Caller,
        service_class: ServiceClass,
        model: ServedModel,
        prompt: Prompt,
        answer_format: AnswerFormat | None = None,
    ) -> PreparedPrompt:
        """In turns, one prompt at a time."""
        overnight = service_class is ServiceClass.OVERNIGHT
        async with self._turns.take(model.identity.id, caller.holder, last=overnight):
            return await model.preparer.prepare(prompt, answer_format)

    async def _reserve_and_run(self, planned: Plan, model: ServedModel, parts: "_Parts") -> Run:
        taken = await self._reserve(planned.hold)
        parts.timing.joined()
        place = self._queue.join(model.identity.id, planned.work, model.sources, parts.share)
        run = Run(
            accepted=Accepted(
                model=model.identity,
                prompt_tokens=planned.hold.prompt_tokens,
                seed=planned.seed,
                created_ms=planned.hold.started_ms,
                service_class=parts.share.service_class,
                queue_position=place.position,
                prompt=planned.work.prompt,
                thinking=thoughts_around(model, planned),
                leaves_box=model.remote.host if model.remote else "",
                notices=parts.admitted.notices,
            ),
            hold=planned.hold,
            cost=planned.cost,
            ledger=self._ledger,
            clock=self._clock,
            place=place,
            timing=parts.timing,
            on_end=partial(self._end, taken),
            listener=parts.listener,
            watch=parts.admitted.watch,
        )
        self.runs.add(run)
        self._check_again(run)
        return run

    def _check_again(self, run: Run) -> None:
        """A permission may have been taken back while the prompt was prepared."""
        try:
            self._admission.check(run.hold.caller, run.accepted.model.id)
        except CarrelError as error:
            run.refuse(error)

    async def _reserve(self, hold: Hold) -> Taken:
        """From what the person may have per minute, and from what the project may spend."""
        # Everybody's rates are for who waits; a line of a batch takes what is left.
        tokens = hold.prompt_tokens + hold.max_completion_tokens
        taken = self._allowance.take(hold.caller, hold.model.id, tokens, waits=not hold.resumable)
        try:
            await self._ledger.reserve(hold)
        except CarrelError:
            taken.settle(0)
            raise
        return taken

    def _end(self, taken: Taken, run: Run) -> None:
        record = run.record
        used_tokens = record.meters.prompt_tokens + record.meters.completion_tokens
        taken.settle(used_tokens)
        self._meter.ended(record)
        self.runs.discard(run)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What comes with a request beside its plan."""

    admitted: Admitted
    share: Share
    timing: Timing
    listener: Listener | None


def _abandon(reserving: "asyncio.Future[Run]") -> None:
    if reserving.cancelled() or isinstance(reserving.exception(), CarrelError):
        return
    reserving.result().cancel()
