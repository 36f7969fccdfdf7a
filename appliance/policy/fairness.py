"""In what order waiting requests go: a virtual token counter in two levels, projects and then people.

Source: Sheng et al., "Fairness in Serving Large Language Models", OSDI 2024. Everyone has a counter of the
tokens served to them, divided by their weight; whoever has the least goes next. Service is counted where it
happens: a prompt when it is dispatched, an answer token by token. Nobody saves up while idle: who begins to
wait is lifted to the least counter among those who wait already.

Counters are kept by ``services.queue``; here are only the rules. Where a request goes, and what happens when
it fits nowhere, is decided in ``fairness_room``.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Final, Protocol

from appliance.domain.generation import ServiceClass

PROMPT_TOKEN_COST: Final = 1.0
ANSWER_TOKEN_COST: Final = 2.0
"""Costs of the paper's evaluation: an answer's tokens are computed one by one, a prompt's together."""
BATCH_PATIENCE_S: Final = 900.0
"""A batch request that waited longer competes as an interactive one, so that a busy week cannot starve it."""

Holder = tuple[str, str]
"""Project and who in it: the same person in two projects is served on two accounts."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A waiting request, as far as its turn depends on it. ``number`` grows with each arrival."""

    number: int
    holder: Holder
    prompt_tokens: int

    @property
    def project(self) -> str:
        """Whose share it is served from."""
        return self.holder[0]


class Standing(Protocol):
    """What one project, or one holder in it, was given up to now."""

    @property
    def served(self) -> float:
        """Cost of the service so far, divided by weight."""
        ...

    @property
    def weight(self) -> int:
        """Share relative to the others', at least 1."""
        ...

    @property
    def running(self) -> int:
        """Requests that are computed at this moment."""
        ...


def cost(*, prompt_tokens: int = 0, answer_tokens: int = 0) -> float:
    """What serving so many tokens adds to a counter of weight 1."""
    return prompt_tokens * PROMPT_TOKEN_COST + answer_tokens * ANSWER_TOKEN_COST


def competes_as(asked: ServiceClass, waited_s: float) -> ServiceClass:
    """The class among whose requests one takes its turn; interactive ones all go before batch, and both
    before a line of a batch, however long that has waited.
    """
    patient = asked is ServiceClass.BATCH and waited_s >= BATCH_PATIENCE_S
    return ServiceClass.INTERACTIVE if patient else asked


def lifted(own: float, waiting: Iterable[float], last_to_leave: float) -> float:
    """The counter of one who begins to wait, given the counters of those who wait already.

    Where nobody waits, the counter of the last who did stands in for theirs: an empty queue forgives nothing.
    """
    return max(own, min(waiting, default=last_to_leave))


def fair_order(
    tickets: Collection[Ticket], projects: Mapping[str, Standing], holders: Mapping[Holder, Standing]
) -> Iterator[Ticket]:
    """The tickets of one class in the order of their turns, if nothing else happened meanwhile.

    Next is the oldest ticket of the least served holder of the least served project; its prompt is counted
    before the one after it is chosen. Ties go to who has the fewest running, then to who came first. The
    first ticket costs one pass over all of them, each further one the logarithm of their number.
    """
    lines: dict[str, dict[Holder, list[Ticket]]] = {}
    for ticket in sorted(tickets, key=lambda one: -one.number):
        lines.setdefault(ticket.project, {}).setdefault(ticket.holder, []).append(ticket)
    ranks = [_project_rank(projects[name], holders, people) for name, people in lines.items()]
    heapify(ranks)
    while ranks:
        served, running, _, weight, people = heappop(ranks)
        own_served, own_running, _, line = heappop(people)
        ticket = line.pop()
        yield ticket
        paid = cost(prompt_tokens=ticket.prompt_tokens)
        if line:
            heappush(people, (own_served + paid, own_running + 1, line[-1].number, line))
        if people:
            heappush(ranks, (served + paid / weight, running + 1, people[0][2], weight, people))


_HolderRank = tuple[float, int, int, list[Ticket]]
"""Served, running, number of the oldest ticket, tickets with the oldest last."""
_ProjectRank = tuple[float, int, int, int, list[_HolderRank]]
"""Served, running, number of the next ticket, weight, the holders as a heap."""


def _project_rank(
    project: Standing, holders: Mapping[Holder, Standing], lines: Mapping[Holder, list[Ticket]]
) -> _ProjectRank:
    people = [
        (holders[who].served, holders[who].running, line[-1].number, line) for who, line in lines.items()
    ]
    heapify(people)
    return project.served, project.running, people[0][2], project.weight, people
