"""The virtual token counter: work-conserving, weighted, no credit from idleness, bounded unfairness."""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.domain.generation import ServiceClass
from appliance.policy.fairness import (
    ANSWER_TOKEN_COST,
    BATCH_PATIENCE_S,
    PROMPT_TOKEN_COST,
    Ticket,
    competes_as,
    cost,
    fair_order,
    lifted,
)
from appliance.services.queue.accounts import MOST_IDLE, Account, Accounts

ADA, BOB, EVE = ("nlp", "ada"), ("nlp", "bob"), ("vision", "eve")
BIGGEST = 50
"""Tokens of the largest prompt and of the longest answer below."""


def accounts(**served: float) -> dict[str, Account]:
    return {name: Account(served=amount) for name, amount in served.items()}


def order(tickets, projects, holders) -> list[int]:
    people = {one.holder: holders.get(one.holder, Account()) for one in tickets}
    return [one.number for one in fair_order(tickets, projects, people)]


def test_the_least_served_project_goes_first_then_its_least_served_person():
    tickets = [Ticket(1, EVE, 5), Ticket(2, ADA, 5), Ticket(3, BOB, 5)]
    holders = {ADA: Account(served=9), BOB: Account(served=2), EVE: Account()}
    assert order(tickets, accounts(nlp=1, vision=3), holders) == [3, 1, 2]


def test_a_prompt_is_counted_before_the_next_turn_is_given():
    tickets = [Ticket(1, ADA, 10), Ticket(2, ADA, 1), Ticket(3, BOB, 1), Ticket(4, BOB, 1)]
    assert order(tickets, accounts(nlp=0), {}) == [1, 3, 4, 2]


def test_of_equals_the_one_with_the_fewest_running_goes_and_then_the_first_to_come():
    tickets = [Ticket(1, ADA, 1), Ticket(2, BOB, 1)]
    assert order(tickets, accounts(nlp=0), {ADA: Account(running=3)}) == [2, 1]
    assert order(tickets, accounts(nlp=0), {}) == [1, 2]


def test_a_project_of_twice_the_weight_has_twice_the_turns():
    tickets = [Ticket(n, ADA if n % 2 else EVE, 10) for n in range(60)]
    projects = {"nlp": Account(weight=2), "vision": Account(weight=1)}
    turns = order(tickets, projects, {})[:30]
    assert sum(number % 2 for number in turns) == 20


@given(st.lists(st.tuples(st.sampled_from([ADA, BOB, EVE]), st.integers(1, BIGGEST)), max_size=40))
def test_an_order_is_every_ticket_once_and_each_persons_own_in_turn(asked):
    tickets = [Ticket(number, holder, tokens) for number, (holder, tokens) in enumerate(asked)]
    turns = list(fair_order(tickets, accounts(nlp=0, vision=0), dict.fromkeys((ADA, BOB, EVE), Account())))
    assert sorted(turns, key=lambda one: one.number) == tickets
    for holder in (ADA, BOB, EVE):
        own = [one.number for one in turns if one.holder == holder]
        assert own == sorted(own)


def test_who_begins_to_wait_is_lifted_to_the_least_of_those_who_do():
    assert lifted(3, [10, 20], last_to_leave=99) == 10
    assert lifted(15, [10, 20], last_to_leave=99) == 15
    assert lifted(3, [], last_to_leave=7) == 7


def test_batch_becomes_interactive_by_waiting():
    assert competes_as(ServiceClass.BATCH, BATCH_PATIENCE_S - 1) is ServiceClass.BATCH
    assert competes_as(ServiceClass.BATCH, BATCH_PATIENCE_S) is ServiceClass.INTERACTIVE
    assert competes_as(ServiceClass.INTERACTIVE, 0) is ServiceClass.INTERACTIVE


def test_an_answers_token_costs_twice_a_prompts():
    assert cost(prompt_tokens=3, answer_tokens=4) == 3 + 8


@dataclass
class Simulator:
    """A box with ``slots`` sequences that gives each running request one token a step."""

    slots: int
    books: Accounts = field(default_factory=Accounts)
    waiting: list[tuple[Ticket, int]] = field(default_factory=list)
    running: list[list] = field(default_factory=list)
    idle: int = 0
    served: Counter = field(default_factory=Counter)
    numbers: int = 0

    def ask(self, holder, prompt_tokens: int, answer_tokens: int, weight: int = 1) -> None:
        self.numbers += 1
        ticket = Ticket(self.numbers, holder, prompt_tokens)
        self.waiting.append((ticket, answer_tokens))
        self.books.wait(ticket, weight)

    def waits(self, holder) -> int:
        return sum(ticket.holder == holder for ticket, _ in self.waiting)

    def step(self) -> None:
        while len(self.running) < self.slots and self.waiting:
            tickets = [ticket for ticket, _ in self.waiting]
            first = next(fair_order(tickets, self.books.projects, self.books.holders(tickets)))
            answer = next(tokens for ticket, tokens in self.waiting if ticket is first)
            self.waiting.remove((first, answer))
            self.served[first.holder] += cost(prompt_tokens=first.prompt_tokens)
            self.running.append([self.books.run(first), answer, first.holder])
        self.idle = self.slots - len(self.running)
        for one in self.running:
            one[0].charge(answer_tokens=1)
            one[1] -= 1
            self.served[one[2]] += cost(answer_tokens=1)
        for bill, left, _ in self.running:
            if not left:
                bill.close()
        self.running = [one for one in self.running if one[1]]


SIZES = st.lists(st.tuples(st.integers(1, BIGGEST), st.integers(1, BIGGEST)), min_size=1, max_size=8)


def bound(slots: int) -> float:
    """Twice the most that can be computed at once for one client, as in the paper's theorem."""
    return 2 * (BIGGEST * PROMPT_TOKEN_COST + slots * BIGGEST * ANSWER_TOKEN_COST)


@settings(max_examples=40, deadline=None)
@given(ada=SIZES, eve=SIZES, slots=st.integers(1, 8), weight=st.integers(1, 4), depth=st.integers(1, 20))
def test_service_of_two_who_always_wait_differs_by_no_more_than_what_runs_at_once(
    ada, eve, slots, weight, depth
):
    box = Simulator(slots)
    for step in range(400):
        while box.waits(ADA) < slots + depth:
            box.ask(ADA, *ada[step % len(ada)], weight=weight)
        while box.waits(EVE) <= slots:
            box.ask(EVE, *eve[step % len(eve)])
        box.step()
        assert abs(box.served[ADA] / weight - box.served[EVE]) <= bound(slots)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([ADA, BOB, EVE]), st.integers(1, 9), st.integers(1, 9)), max_size=40)
)
def test_no_slot_idles_while_somebody_waits(asked):
    box = Simulator(slots=3)
    for one in asked:
        box.ask(*one)
    while box.waiting:
        box.step()
        assert not (box.waiting and box.idle)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 200), SIZES)
def test_a_newcomer_waits_for_no_more_than_one_request_of_each_who_waits(backlog, sizes):
    box = Simulator(slots=1)
    for n in range(backlog):
        box.ask(ADA, *sizes[n % len(sizes)])
    for _ in range(25):
        box.step()
    box.ask(BOB, 1, 1)
    dispatched_before = 0
    while box.waits(BOB):
        before = box.waits(ADA)
        box.step()
        dispatched_before += before - box.waits(ADA)
    assert dispatched_before <= 2


def test_a_year_of_idleness_buys_no_credit():
    box = Simulator(slots=1)
    for _ in range(50):
        box.ask(ADA, 10, 10)
    while len(box.waiting) > 25:
        box.step()
    for _ in range(50):
        box.ask(BOB, 10, 10)
    already = box.served[ADA]
    while box.waits(ADA):
        box.step()
    assert box.served[BOB] == pytest.approx(box.served[ADA] - already, abs=bound(1))


def test_those_who_are_forgotten_are_not_better_off_for_it():
    books = Accounts()
    for n in range(3 * MOST_IDLE):
        ticket = Ticket(n, ("p", f"person {n}"), 100)
        books.wait(ticket, 1)
        books.run(ticket).close()
    ticket = Ticket(99_999, ("p", "person 0"), 1)
    books.wait(ticket, 1)
    assert books.holders([ticket])[ticket.holder].served >= 100
