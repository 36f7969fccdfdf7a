"""What batches need of the box."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.batches import Batch, LineAnswer
from appliance.domain.files import StoredFile
from appliance.domain.generation import Accepted, AnyRequest, GenerationEvent
from appliance.domain.people import Caller, Owner
from appliance.errors import CarrelError
from appliance.services.generation.listening import Listener

Step = Callable[[Batch], Batch]
"""A change of one batch; raises what refuses it."""


@dataclass(frozen=True, slots=True)
class UnderstoodLine:
    """A line's request, and how its events become the body of its answer. ``whole`` raises ``CarrelError``
    for events that are no answer.
    """

    request: AnyRequest
    whole: Callable[[Accepted, Sequence[GenerationEvent]], bytes]


class Endpoints(Protocol):
    """The endpoints that a batch can ask, in the shapes that they have over HTTP."""

    @property
    def paths(self) -> Collection[str]:
        """Such as ``/v1/chat/completions``."""
        ...

    def read(self, path: str, body: bytes, *, request_id: str) -> UnderstoodLine:
        """Understand a body. Raises ``BadRequest``."""
        ...

    def refusal(self, error: CarrelError, request_id: str) -> bytes:
        """The body that tells of an error."""
        ...


class LineRun(Protocol):
    """A line on its way to its answer."""

    @property
    def dispatched(self) -> bool:
        """Whether it left the queue."""
        ...

    def cancel(self) -> None:
        """End it."""
        ...

    async def ended(self) -> None:
        """Wait until it is settled, released, or could not be."""
        ...


class Generations(Protocol):
    """The box's ability to answer."""

    async def start(self, caller: Caller, request: AnyRequest, listener: Listener) -> LineRun:
        """Raises any ``CarrelError``; cancelled, it leaves nothing."""
        ...


class Holds(Protocol):
    """The part of the ledger that a line needs beside its run."""

    async def release(self, request_id: str) -> None:
        """Give back a resumable hold as if it had never been."""
        ...


class Origins(Protocol):
    """Who knows from where models may be asked."""

    def check(self, caller: Caller, model: str) -> None:
        """Whether a batch that asks ``model`` may come from the caller's address. Its lines come from
        nowhere, so that they are not looked at again. Raises ``NotPermitted``.
        """
        ...


class Anywhere:
    """Models may be asked from everywhere."""

    def check(self, _caller: Caller, _model: str) -> None:
        """Nothing is said against it."""


ANYWHERE: Final = Anywhere()


class WorkingKeys(Protocol):
    """Who knows the keys."""

    def works(self, key_id: str) -> bool:
        """Whether a key of this id would be recognized now."""
        ...


class Batches(Protocol):
    """Where batches are remembered, with the answers of their lines until these are in files."""

    async def add(self, batch: Batch) -> None:
        """Remember a new batch."""
        ...

    async def get(self, owner: Owner, batch_id: str) -> Batch:
        """Raises ``NotFound``."""
        ...

    async def page(self, owner: Owner, *, after: str | None, limit: int) -> Sequence[Batch]:
        """Newest first, those older than ``after``. Raises ``NotFound``."""
        ...

    async def unfinished(self) -> Sequence[Batch]:
        """Every batch that is not over, oldest first."""
        ...

    async def change(self, batch_id: str, step: Step) -> Batch:
        """Carry out a step on the batch as it stands. Raises what the step raises."""
        ...

    async def finish(self, batch_id: str, step: Step, files: Sequence[StoredFile]) -> Batch:
        """The last step; with it its files are remembered and its lines forgotten."""
        ...

    async def keep(self, answer: LineAnswer) -> None:
        """The end of a line that cost nothing."""
        ...

    async def done(self, batch_id: str) -> frozenset[int]:
        """The lines that have their end."""
        ...

    async def lines(self, batch_id: str, *, after: int, limit: int) -> Sequence[LineAnswer]:
        """Answers in the order of their lines, those behind the line ``after``."""
        ...
