"""The one queue of the box: requests wait here, and nowhere else, until a source of tokens has room for them.

Dispatch happens inside ``wake``, in one go: a source's room is looked at and taken without an await between,
so two requests can never be sent into the same room. Whose turn it is, is decided in ``policy.fairness``.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from appliance.domain.clock import Clock
from appliance.domain.generation import ServiceClass, Waiting
from appliance.domain.me import QueueShare
from appliance.domain.people import Caller
from appliance.engines.base import Free, Work
from appliance.errors import CarrelError, ModelNotRunning
from appliance.policy.fairness import Ticket
from appliance.services.generation.ports import TokenSource
from appliance.services.queue.limits import QueueLimits, queue_full
from appliance.services.queue.line import Choose, Line, LineState, Waiter, most_free
from appliance.services.queue.people import People
from appliance.services.queue.place import NEWS_S, Place


@dataclass(frozen=True, slots=True)
class Share:
    """Whose turns a request takes, and how urgently. ``weight`` is the project's."""

    caller: Caller
    weight: int = 1
    service_class: ServiceClass = ServiceClass.INTERACTIVE


class DispatchQueue:
    """Waiting requests, a line a model. All methods run on the event loop."""

    def __init__(
        self, limits: QueueLimits, *, clock: Clock, choose: Choose = most_free, news_s: float = NEWS_S
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._choose = choose
        self._news_s = news_s
        self._people = People(limits)
        self._lines: dict[str, Line] = {}
        self._numbers = count(1)
        self._preparing = 0
        self._waking = False

    @property
    def limit(self) -> int:
        """How many may wait."""
        return self._limits.waiting

    @property
    def waiting(self) -> int:
        """How many wait now, lines of batches left out: they have no one who waits for them."""
        return sum(not one.overnight for line in self._lines.values() for one in line.waiters.values())

    def waiting_for(self, model: str) -> int:
        """How many wait for this model."""
        return len(self._lines[model].waiters) if model in self._lines else 0

    def states(self) -> tuple[LineState, ...]:
        """Waiting and running requests by model and class."""
        now_s = self._clock.monotonic_s()
        return tuple(state for line in self._lines.values() for state in line.states(now_s))

    def share(self, person: str) -> QueueShare:
        """This person's part of the queue; requests that are being prepared count as waiting."""
        return self._people.share(person)

    def waits_s(self) -> Mapping[str, int]:
        """For how long the oldest request of each person waits, in seconds; lines of batches left out."""
        now_s = self._clock.monotonic_s()
        since: dict[str, float] = {}
        for waiter in (one for line in self._lines.values() for one in line.waiters.values()):
            if not waiter.overnight:
                since[waiter.person] = min(waiter.since_s, since.get(waiter.person, waiter.since_s))
        return {person: int(now_s - since_s) for person, since_s in since.items()}

    @contextmanager
    def preparing(
        self, caller: Caller, service_class: ServiceClass = ServiceClass.INTERACTIVE
    ) -> Iterator[None]:
        """Scope in which a request gets ready to ``join``, and counts as one that waits. A line of a batch
        does not: batches bound themselves.

        Raises ``QueueFull``, ``PersonLimitReached``: before anything is prepared or held.
        """
        if service_class is ServiceClass.OVERNIGHT:
            yield
            return
        if max(self.waiting, self._preparing) >= self._limits.waiting:
            raise queue_full(self._limits.waiting, self._next_in_s())
        self._people.check(caller.holder)
        self._people.come(caller.holder)
        self._preparing += 1
        try:
            yield
        finally:
            self._preparing -= 1
            self._people.go(caller.holder)

    def join(self, model: str, work: Work, sources: Sequence[TokenSource], share: Share) -> Place:
        """Wait for a turn from now on; with room at hand, the work is on its way when this returns."""
        now_s = self._clock.monotonic_s()
        holder = (share.caller.project_id, share.caller.holder)
        waiter = Waiter(
            model=model,
            ticket=Ticket(next(self._numbers), holder, work.prompt_tokens),
            person=_counted_as(share),
            work=work,
            needs=Free(work.kv_tokens, work.n),
            asked=share.service_class,
            competes=share.service_class,
            weight=share.weight,
            since_s=now_s,
            turn=asyncio.get_running_loop().create_future(),
        )
        self._people.come(waiter.person)
        line = self._lines.setdefault(model, Line(model))
        if line.waits_elsewhere(sources):
            self._people.go(waiter.person)
            waiter.turn.set_exception(ModelNotRunning(f"{model} was started anew. Send the request again."))
        else:
            line.add(waiter, sources)
            self.wake()
        patience_s = self._limits.patience_s(waiter.asked)
        return Place(waiter, self, self._clock, patience_s=patience_s, news_s=self._news_s)

    def wake(self) -> None:
        """Something may have room now: send out whoever is next in each line while there is."""
        if self._waking:  # a source tells of its change while we send into it
            return
        self._waking = True
        try:
            for line in self._lines.values():
                while line.send_next(self._people, self._choose, self._clock.monotonic_s()):
                    pass
        finally:
            self._waking = False

    def give_up(self, model: str, error: CarrelError) -> None:
        """The model will not answer: fail all who wait for it."""
        line = self._lines.get(model, Line(model))
        for waiter in list(line.waiters.values()):
            line.remove(waiter, self._clock.monotonic_s())
            self._people.go(waiter.person)
            waiter.turn.set_exception(error)

    def news(self, waiter: Waiter) -> Waiting:
        """Where a waiter stands; position 0 once it has its turn."""
        line = self._lines[waiter.model]
        position = line.position(waiter, self._people, self._clock.monotonic_s())
        return Waiting(position, line.pace.eta_s(position) if position else 0)

    def _next_in_s(self) -> int | None:
        """When a place should come free, by the pace of the fastest line."""
        paces = [line.pace.eta_s(1) for line in self._lines.values() if line.waiters]
        return min((one for one in paces if one is not None), default=None)

    def withdraw(self, waiter: Waiter) -> None:
        """A waiter waits or runs no more. Safe to call twice."""
        line = self._lines[waiter.model]
        now_s = self._clock.monotonic_s()
        if line.remove(waiter, now_s):
            self._people.go(waiter.person)
        elif waiter.bill is not None:
            line.end(waiter, waiter.bill, now_s)
            waiter.bill = None
            self._people.end(waiter.person)
        self.wake()


def _counted_as(share: Share) -> str:
    """Under which name limits are kept: lines of batches use up nothing of a person's."""
    overnight = share.service_class is ServiceClass.OVERNIGHT
    return f"overnight {share.caller.holder}" if overnight else share.caller.holder
