"""The work on one batch, from wherever it stands to its end."""

from functools import partial
from typing import Final

from appliance.domain.batches import Batch, BatchFault, BatchStatus
from appliance.errors import CarrelError, NotFound
from appliance.services.batches import life
from appliance.services.batches.checking import Checker
from appliance.services.batches.computing import Computing
from appliance.services.batches.lines import lines_of
from appliance.services.batches.outputs import write_files
from appliance.services.batches.pauses import Pauses
from appliance.services.batches.ports import Step
from appliance.services.batches.stopping import LETS_LINES_END, Reason, Stop
from appliance.services.batches.tools import Tools

_ENDINGS: Final = {
    None: BatchStatus.COMPLETED,
    Reason.PAUSED: BatchStatus.COMPLETED,  # its last lines came to their end meanwhile
    Reason.CANCELLED: BatchStatus.CANCELLED,
    Reason.EXPIRED: BatchStatus.EXPIRED,
    Reason.KEY_ENDED: BatchStatus.FAILED,
}
_KEY_ENDED: Final = BatchFault(
    "invalid_api_key",
    "The key that sent the batch was revoked or has expired. Send the rest with another key.",
)


class BatchWork:
    """A task of its own. Every step is on the disk before the next one, so that a crash loses no more than
    what was being computed.
    """

    def __init__(self, batch: Batch, tools: Tools) -> None:
        self.batch = batch
        self._tools = tools
        self._stop = Stop()
        self._computing: Computing | None = None
        self.stopped_ms: int | None = None
        if batch.status is BatchStatus.CANCELLING:
            self._stop.tell(Reason.CANCELLED)
        elif batch.paused_ms is not None:
            self._stop.tell(Reason.PAUSED)

    async def run(self) -> None:
        """Until the batch is over, or the box stops. What the disk refuses is tried again."""
        pauses = Pauses(self._tools.sleep)
        while not self.batch.over and self._stop.reason is not Reason.BOX_STOPS:
            try:
                await self._advance()
                pauses.went_well()
            except CarrelError as error:
                self._tools.log.warning("batch_waits", batch=self.batch.id, code=error.code)
                pauses.refused(error)
                await self._stop.or_done(pauses.wait(), for_box_only=True)

    def stop(self, reason: Reason, now_ms: int) -> None:
        """Compute no more of it."""
        self._stop.tell(reason)
        self.stopped_ms = self.stopped_ms or now_ms
        if self._computing is not None:
            self._computing.end_runs(waiting_only=reason in LETS_LINES_END)

    def pause(self, paused: Batch) -> None:
        """Begin no more lines until ``resume``; those that are computed come to their end."""
        self.batch = paused
        self._stop.tell(Reason.PAUSED)
        if self._computing is not None:
            self._computing.end_runs(waiting_only=True)

    def resume(self, resumed: Batch) -> None:
        """Go on where it stands."""
        self.batch = resumed
        self._stop.resume()

    def end_runs(self) -> None:
        """Those too that a stop has left to come to their end."""
        if self._computing is not None:
            self._computing.end_runs(waiting_only=False)

    async def _advance(self) -> None:
        match self.batch.status:
            case BatchStatus.VALIDATING:
                await self._validate()
            case BatchStatus.IN_PROGRESS:
                await self._stop.not_paused()
                await self._compute()
            case _:
                await self._finish()

    async def _validate(self) -> None:
        checker = Checker(self.batch.endpoint, partial(self._tools.origins.check, self.batch.caller))
        try:
            await self._check_lines(checker)
        except NotFound:
            checker.faults.append(BatchFault("file_not_found", "The input file is gone."))
        if self._stop.reason is Reason.BOX_STOPS:
            return
        now_ms = self._tools.clock.now_ms()
        if checker.faults:
            await self._change(lambda batch: life.refused(batch, checker.faults, now_ms=now_ms))
        else:
            await self._change(lambda batch: life.begun(batch, total=checker.total, now_ms=now_ms))

    async def _check_lines(self, checker: Checker) -> None:
        tools = self._tools
        async for line in lines_of(tools.shelf, self.batch.input_file_id, tools.most_line_bytes):
            checker.look(line)
            if checker.enough or self._stop.reason is Reason.BOX_STOPS:
                return
        checker.end()

    async def _compute(self) -> None:
        self._computing = Computing(self.batch, self._tools, self._stop)
        try:
            whole = await self._computing.run()
        finally:
            self._computing = None
        reason = self._stop.reason
        if reason is Reason.BOX_STOPS or (reason is Reason.PAUSED and not whole):
            return
        faults = (_KEY_ENDED,) if reason is Reason.KEY_ENDED else ()
        ending, now_ms = _ENDINGS[reason], self._tools.clock.now_ms()
        await self._change(lambda batch: life.finalizing(batch, ending=ending, now_ms=now_ms, faults=faults))

    async def _finish(self) -> None:
        output, errors = await write_files(self.batch, self._tools)
        now_ms = self._tools.clock.now_ms()

        def step(batch: Batch) -> Batch:
            return life.ended(
                batch,
                output=output.id if output else None,
                errors=errors.id if errors else None,
                now_ms=now_ms,
            )

        files = [one for one in (output, errors) if one is not None]
        self.batch = await self._tools.batches.finish(self.batch.id, step, files)
        self._tools.log.info("batch_over", batch=self.batch.id, status=self.batch.status.value)

    async def _change(self, step: Step) -> None:
        self.batch = await self._tools.batches.change(self.batch.id, step)
