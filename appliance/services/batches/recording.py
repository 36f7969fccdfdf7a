"""Keeps the answer of a line: hears its run, and hands what is to be stored to its settlement."""

from dataclasses import dataclass
from typing import Final

from appliance.domain.batches import LineAnswer
from appliance.domain.generation import GenerationEvent, Settled, Waiting
from appliance.domain.usage import Outcome
from appliance.errors import CarrelError, Conflict, NotReady, ReplicaFailed, TryAgain
from appliance.services.batches.ports import Endpoints, UnderstoodLine
from appliance.services.generation.listening import Charge, Release, RunEnd, Verdict

ANSWERED: Final = 200


@dataclass(frozen=True, slots=True)
class LineName:
    """Which line it is."""

    batch_id: str
    number: int
    custom_id: str

    @property
    def request_id(self) -> str:
        """The same at every try: the ledger takes an id once, so a line is never charged twice."""
        return f"req_{self.batch_id.removeprefix('batch_')}-{self.number}"


def comes_back(error: CarrelError, *, last_try: bool) -> bool:
    """Whether the line should be tried again later: the box's trouble, not the line's."""
    if isinstance(error, ReplicaFailed):
        # It may be the line that ends the process, again and again.
        return not last_try
    return isinstance(error, TryAgain | NotReady | Conflict)


class Recorder:
    """The ``Listener`` of one try. ``over`` and ``kept`` say afterwards whether it was told its end, and
    whether the line has its own on the disk.
    """

    def __init__(self, name: LineName, line: UnderstoodLine, endpoints: Endpoints, *, last_try: bool) -> None:
        self._name = name
        self._line = line
        self._endpoints = endpoints
        self._last_try = last_try
        self._events: list[GenerationEvent] = []
        self._keeping = False
        self._ended_by: CarrelError | None = None
        self.over = False
        self.kept = False
        self.error: CarrelError | None = None

    def hear(self, event: GenerationEvent) -> bool:
        """Keep all that belongs to the answer, which is no longer than its request allows."""
        if not isinstance(event, Waiting):
            self._events.append(event)
        return True

    def decide(self, end: RunEnd) -> Verdict:
        """An answer is charged and kept; what was interrupted is computed again, and costs nothing."""
        self._ended_by = end.error
        if end.outcome is Outcome.CANCELLED:
            return Release()
        if end.error is not None:
            return self._failed(end.error)
        try:
            body = self._line.whole(end.accepted, [*self._events, Settled(end.usage)])
        except CarrelError as error:
            return self._failed(error)
        return self._keep(answer_of(self._name, ANSWERED, body))

    def end(self, end: Settled | CarrelError) -> None:
        """What was decided is on the disk, or is not."""
        self.over = True
        if isinstance(end, CarrelError):
            self.error = end
        # Any other error than the run's own says that it could not be stored.
        self.kept = self._keeping and (isinstance(end, Settled) or end is self._ended_by)

    def _failed(self, error: CarrelError) -> Verdict:
        if comes_back(error, last_try=self._last_try):
            return Release()
        return self._keep(refusal_of(self._name, error, self._endpoints))

    def _keep(self, answer: LineAnswer) -> Verdict:
        self._keeping = True
        return Charge(answer)


def answer_of(name: LineName, status: int, body: bytes) -> LineAnswer:
    """The end of a line."""
    return LineAnswer(name.batch_id, name.number, name.custom_id, name.request_id, status, body)


def refusal_of(name: LineName, error: CarrelError, endpoints: Endpoints) -> LineAnswer:
    """The end of a line that cannot be answered."""
    return answer_of(name, error.status, endpoints.refusal(error, name.request_id))
