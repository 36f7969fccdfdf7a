"""Joins what counts compute, and what projects owe for it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from appliance.catalog.live import LiveCatalog
from appliance.domain.clock import Clock
from appliance.domain.results import Result
from appliance.services.access.agreements import AgreementBook
from appliance.services.duties.allocating import Allocating
from appliance.services.duties.compute import ComputeBook
from appliance.services.duties.conduct import SignedConduct
from appliance.services.duties.duties import Duties
from appliance.services.duties.gate import DutiesGate
from appliance.services.duties.looking import DutyView
from appliance.services.duties.recording import DutyRecording
from appliance.services.duties.register import DutyRegister
from appliance.services.duties.training import DutyTraining
from appliance.services.people.directory import Directory
from appliance.store.store import Store


@dataclass(frozen=True, slots=True)
class Owing:
    """``gate`` is a gate, ``compute`` a watcher."""

    duties: Duties
    allocating: Allocating
    compute: ComputeBook
    gate: DutiesGate
    view: DutyView
    recording: DutyRecording
    training: DutyTraining
    clock: Clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {**self.view.handlers(), **self.recording.handlers(), **self.training.handlers()}

    async def start(self, store: Store) -> None:
        """Sum what was used, once the ledger has settled what a crash left."""
        await self.compute.load(store.year_use, self.clock.now_ms())


async def owing(
    store: Store, catalog: LiveCatalog, directory: Directory, agreements: AgreementBook, clock: Clock
) -> Owing:
    """What was done about duties, read from the disk."""
    register = DutyRegister(store.duties)
    await register.load()
    compute = ComputeBook(directory, catalog)
    conduct = SignedConduct(agreements, directory)
    duties = Duties(directory, compute=compute, register=register, conduct=conduct, clock=clock)
    view = DutyView(duties, register, directory, store.budgets, clock)
    recording = DutyRecording(register, directory, view, clock)
    return Owing(
        duties=duties,
        allocating=Allocating(duties, store.budgets),
        compute=compute,
        gate=DutiesGate(duties),
        view=view,
        recording=recording,
        training=DutyTraining(register, recording, view, catalog, clock),
        clock=clock,
    )
