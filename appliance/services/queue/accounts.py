"""Counters of the service that projects and people had from one model in one class.

They live in memory: a restart begins with everybody even.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from appliance.policy.fairness import Holder, Ticket, cost, lifted

MOST_IDLE: Final = 1024
"""Accounts of one level from which on those are forgotten that say nothing any more."""

Name = TypeVar("Name")


@dataclass(slots=True)
class Account:
    """One counter, and what keeps it from being forgotten."""

    served: float = 0.0
    weight: int = 1
    waiting: int = 0
    running: int = 0


class Level(Generic[Name]):
    """Accounts that compete with each other."""

    def __init__(self) -> None:
        self.accounts: dict[Name, Account] = {}
        self._last_to_leave = 0.0

    def wait(self, name: Name) -> Account:
        """One more request of this name waits."""
        account = self.accounts.setdefault(name, Account())
        if not account.waiting:
            others = (one.served for one in self.accounts.values() if one.waiting)
            account.served = lifted(account.served, others, self._last_to_leave)
        account.waiting += 1
        return account

    def stop_waiting(self, name: Name) -> None:
        """One request of this name goes, to a source or away."""
        account = self.accounts[name]
        account.waiting -= 1
        if not account.waiting:
            self._last_to_leave = account.served
        if len(self.accounts) > MOST_IDLE:
            self._forget()

    def _forget(self) -> None:
        waiting = (one.served for one in self.accounts.values() if one.waiting)
        least = min(waiting, default=self._last_to_leave)
        # Whoever is below is lifted on coming back, so that a new account does as well.
        idle = [
            name
            for name, one in self.accounts.items()
            if one.served <= least and not (one.waiting or one.running)
        ]
        for name in idle:
            del self.accounts[name]


@dataclass(slots=True)
class Bill:
    """What one running request is charged to."""

    project: Account
    holder: Account

    def open(self, prompt_tokens: int) -> None:
        """The request runs from now on."""
        self.project.running += 1
        self.holder.running += 1
        self.charge(prompt_tokens=prompt_tokens)

    def charge(self, *, prompt_tokens: int = 0, answer_tokens: int = 0) -> None:
        """Count service as it happens."""
        paid = cost(prompt_tokens=prompt_tokens, answer_tokens=answer_tokens)
        self.holder.served += paid
        self.project.served += paid / self.project.weight

    def close(self) -> None:
        """The request runs no more. Once."""
        self.project.running -= 1
        self.holder.running -= 1


class Accounts:
    """Both levels: projects, and people within each project."""

    def __init__(self) -> None:
        self._projects: Level[str] = Level()
        self._people: dict[str, Level[Holder]] = {}

    @property
    def projects(self) -> Mapping[str, Account]:
        """The upper level."""
        return self._projects.accounts

    def holders(self, tickets: Iterable[Ticket]) -> Mapping[Holder, Account]:
        """The lower level, for those who hold ``tickets``."""
        return {one.holder: self._people[one.project].accounts[one.holder] for one in tickets}

    def wait(self, ticket: Ticket, weight: int) -> None:
        """The ticket begins to wait."""
        self._projects.wait(ticket.project).weight = weight
        self._people.setdefault(ticket.project, Level()).wait(ticket.holder)

    def run(self, ticket: Ticket) -> Bill:
        """The waiting ticket is dispatched: charge its prompt."""
        bill = Bill(
            self._projects.accounts[ticket.project], self._people[ticket.project].accounts[ticket.holder]
        )
        bill.open(ticket.prompt_tokens)
        self.stop_waiting(ticket)
        return bill

    def stop_waiting(self, ticket: Ticket) -> None:
        """The ticket waits no more."""
        self._people[ticket.project].stop_waiting(ticket.holder)
        self._projects.stop_waiting(ticket.project)
        for gone in self._people.keys() - self._projects.accounts.keys():
            del self._people[gone]
