"""The requests that wait for one model, and who of them goes next."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from appliance.domain.generation import ServiceClass
from appliance.engines.base import Free, Work
from appliance.policy.fairness import Ticket, competes_as, fair_order
from appliance.policy.fairness_room import MOST_PASSED, Choice, Wish, who_goes
from appliance.services.generation.ports import EventStream, TokenSource
from appliance.services.queue.accounts import Accounts, Bill
from appliance.services.queue.overnight import Overnight
from appliance.services.queue.pace import Pace
from appliance.services.queue.people import People
from appliance.services.queue.regulars import Regulars

Choose = Callable[[Work, Sequence[TokenSource]], TokenSource | None]
"""Which of the sources with room takes the work; None: none of them for now."""


def most_free(work: Work, sources: Sequence[TokenSource]) -> TokenSource | None:  # noqa: ARG001 - a Choose
    """The source with the most free KV tokens."""
    return max(sources, key=lambda source: source.free.kv_tokens, default=None)


@dataclass(slots=True, eq=False)
class Waiter:
    """One request in a line. ``turn`` gets its stream, or the error that ended its waiting."""

    model: str
    ticket: Ticket
    person: str
    work: Work
    needs: Free
    asked: ServiceClass
    weight: int
    since_s: float
    turn: "asyncio.Future[EventStream]"
    competes: ServiceClass
    passed: int = 0
    kept: TokenSource | None = None
    bill: Bill | None = None

    @property
    def overnight(self) -> bool:
        """Whether it is a line of a batch, whose holder is not here and waits for nothing."""
        return self.asked is ServiceClass.OVERNIGHT


@dataclass(frozen=True, slots=True)
class LineState:
    """What a person is told of one class of one model. Times in seconds."""

    model: str
    service_class: ServiceClass
    waiting: int
    running: int
    oldest_wait_s: int
    eta_s: int | None
    """When the last of them should have its turn."""


@dataclass(slots=True)
class Line:
    """Waiters of one model. ``sources`` are those that the latest of them brought."""

    model: str
    waiters: dict[int, Waiter] = field(default_factory=dict)
    sources: Sequence[TokenSource] = ()
    running: "Counter[ServiceClass]" = field(default_factory=Counter)
    pace: Pace = field(default_factory=Pace)
    _regulars: Regulars = field(default_factory=Regulars)
    _overnight: Overnight = field(default_factory=Overnight)
    _accounts: dict[ServiceClass, Accounts] = field(
        default_factory=lambda: {one: Accounts() for one in ServiceClass}
    )
    _positions: dict[int, int] | None = None
    _stuck: tuple[object, ...] | None = None

    def add(self, waiter: Waiter, sources: Sequence[TokenSource]) -> None:
        """It waits from now on."""
        self.sources = sources
        self.waiters[waiter.ticket.number] = waiter
        if not waiter.overnight:
            self._regulars.wait(waiter.person, waiter.needs)
        self._accounts[waiter.competes].wait(waiter.ticket, waiter.weight)
        self._changed()

    def waits_elsewhere(self, sources: Sequence[TokenSource]) -> bool:
        """Whether those who wait do so for other sources: then these belong to a model that has ended."""
        return bool(self.waiters and sources and self.sources) and not any(
            one in self.sources for one in sources
        )

    def remove(self, waiter: Waiter, now_s: float) -> bool:
        """It waits no more; False where it did not."""
        if self.waiters.pop(waiter.ticket.number, None) is None:
            return False
        if not waiter.overnight:
            self._regulars.stop_waiting(waiter.person, now_s)
        self._accounts[waiter.competes].stop_waiting(waiter.ticket)
        self._changed()
        return True

    def end(self, waiter: Waiter, bill: Bill, now_s: float) -> None:
        """It is computed no more. Once."""
        bill.close()
        self.running[waiter.asked] -= 1
        if waiter.overnight:
            self._overnight.end(waiter.ticket.number)
        else:
            self._regulars.end(waiter.person, waiter.needs, now_s)
        self._changed()

    def send_next(self, people: People, choose: Choose, now_s: float) -> bool:
        """Send whoever is next to a source with room. False when nobody can go now."""
        free = [source.free for source in self.sources] if self.waiters else []
        if not any(one.sequences for one in free) and not self._overnight.taken.sequences:
            return False
        # Sources tell of themselves many times a second; the same question has the same answer for a while.
        moment = (free, people.ended, int(now_s))
        if moment == self._stuck:
            return False
        sent = self._send_into(free, people, choose, now_s)
        self._stuck = None if sent else moment
        return sent

    def position(self, waiter: Waiter, people: People, now_s: float) -> int:
        """1 for who goes next; 0 for who does not wait."""
        if self._positions is None:
            free_to_go = self._free_to_go(people, [source.free for source in self.sources], now_s)
            held_back = self._order(lambda waiter: not free_to_go(waiter))
            order = chain(self._order(free_to_go), held_back)
            self._positions = {one.ticket.number: place for place, one in enumerate(order, 1)}
        return self._positions.get(waiter.ticket.number, 0)

    def states(self, now_s: float) -> Iterator[LineState]:
        """One a class that has something in it; interactive first."""
        ahead = 0
        for asked in ServiceClass:
            waiting = [one for one in self.waiters.values() if one.asked is asked]
            ahead += len(waiting)
            if waiting or self.running[asked]:
                oldest_s = max((now_s - one.since_s for one in waiting), default=0.0)
                eta_s = self.pace.eta_s(ahead) if waiting else None
                yield LineState(self.model, asked, len(waiting), self.running[asked], int(oldest_s), eta_s)

    def _send_into(self, free: list[Free], people: People, choose: Choose, now_s: float) -> bool:
        self._promote(now_s)
        order = list(self._before_overnight(self._order(self._free_to_go(people, free, now_s))))
        verdict = who_goes(map(self._wish, order), free)
        for number, source in verdict.kept:
            self.waiters[number].kept = self.sources[source]
        if verdict.choice is None and order and not order[0].overnight:
            self._overnight.make_room(order[0].needs, self.sources)
        return verdict.choice is not None and self._send(verdict.choice, people, choose, now_s)

    def _send(self, choice: Choice, people: People, choose: Choose, now_s: float) -> bool:
        waiter = self.waiters[choice.number]
        source = choose(waiter.work, [self.sources[index] for index in choice.sources])
        if source is None:
            return False
        for number in choice.passed:
            self.waiters[number].passed += 1
        waiter.bill = self._accounts[waiter.competes].run(waiter.ticket)
        if not waiter.overnight:
            self._regulars.stop_waiting(waiter.person, now_s)
            self._regulars.run(waiter.person, waiter.needs)
        people.go(waiter.person)
        people.run(waiter.person)
        self.running[waiter.asked] += 1
        del self.waiters[choice.number]
        self._changed()
        stream = source.open(waiter.work)
        if waiter.overnight:
            self._overnight.run(waiter.ticket.number, source, waiter.needs, stream)
        else:
            self.pace.note(now_s, others_wait=any(not one.overnight for one in self.waiters.values()))
        waiter.turn.set_result(stream)
        return True

    def _changed(self) -> None:
        self._positions = self._stuck = None

    def _free_to_go(self, people: People, free: list[Free], now_s: float) -> Callable[[Waiter], bool]:
        """Tells those who may go from those who are held back for having enough, at this moment."""
        taken = self._overnight.taken
        # What lines of batches have is free to everybody else: they give way.
        situation = self._regulars.situation([*free, taken], now_s)
        left = Free(situation.free.kv_tokens - taken.kv_tokens, situation.free.sequences - taken.sequences)

        def free_to_go(waiter: Waiter) -> bool:
            if waiter.overnight:
                return self._overnight.may_take(waiter.needs, free=left, whole=situation.whole)
            return people.may_run(waiter.person) and self._regulars.may_take(
                waiter.person, waiter.needs, situation
            )

        return free_to_go

    @staticmethod
    def _before_overnight(order: Iterable[Waiter]) -> Iterator[Waiter]:
        """Lines of batches go only where nobody else could."""
        others = False
        for waiter in order:
            if waiter.overnight and others:
                return
            others = others or not waiter.overnight
            yield waiter

    def _order(self, free_to_go: Callable[[Waiter], bool]) -> Iterator[Waiter]:
        for competes in ServiceClass:
            mine = [one for one in self.waiters.values() if one.competes is competes and free_to_go(one)]
            yield from (one for one in mine if one.passed >= MOST_PASSED)
            yield from self._fairly(competes, [one.ticket for one in mine if one.passed < MOST_PASSED])

    def _fairly(self, competes: ServiceClass, tickets: list[Ticket]) -> Iterable[Waiter]:
        accounts = self._accounts[competes]
        order = fair_order(tickets, accounts.projects, accounts.holders(tickets))
        return (self.waiters[ticket.number] for ticket in order)

    def _wish(self, waiter: Waiter) -> Wish:
        kept = self.sources.index(waiter.kept) if waiter.kept in self.sources else None
        return Wish(waiter.ticket.number, waiter.needs, waiter.passed, kept)

    def _promote(self, now_s: float) -> None:
        """Batch requests that waited long enough compete with the interactive ones."""
        for waiter in self.waiters.values():
            competes = competes_as(waiter.asked, now_s - waiter.since_s)
            if competes is not waiter.competes:
                self._accounts[waiter.competes].stop_waiting(waiter.ticket)
                self._accounts[competes].wait(waiter.ticket, waiter.weight)
                waiter.competes = competes
                self._positions = None
