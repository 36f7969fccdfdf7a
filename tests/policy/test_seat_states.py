"""How a seat fares, in one word, and what helps it."""

from dataclasses import replace

import pytest

from appliance.domain.classes import SeatTrouble
from appliance.policy.classes.budget_words import SEAT_SPENT, is_of_seat, spent_words
from appliance.policy.classes.seat_state import LATELY_MS, SeatFacts, mend, seat_state

NOW = 1_000_000
IDLE = SeatFacts(taken=True, running=0, waiting=0, answered_ms=None, trouble=None, spent=False)


def trouble(code="bad_request", at_ms=NOW, message="It broke."):
    return SeatTrouble(code, message, "req_1", at_ms)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "idle"),
        ({"taken": False, "waiting": 1}, "free"),
        ({"waiting": 1, "running": 1}, "waits"),
        ({"running": 1}, "ok"),
        ({"answered_ms": NOW - LATELY_MS}, "ok"),
        ({"answered_ms": NOW - LATELY_MS - 1}, "idle"),
        ({"trouble": trouble()}, "error"),
        ({"trouble": trouble(), "answered_ms": NOW + 1}, "ok"),
        ({"trouble": trouble("rate_limit_exceeded")}, "limit"),
        ({"trouble": trouble("rate_limit_exceeded", NOW - LATELY_MS - 1)}, "idle"),
        ({"spent": True, "running": 1}, "limit"),
    ],
)
def test_the_word_for_it(changes, state):
    assert seat_state(replace(IDLE, **changes), NOW) == state


@pytest.mark.parametrize(
    ("changes", "verb"),
    [
        ({}, ""),
        ({"spent": True}, "top-up"),
        ({"trouble": trouble("insufficient_quota", message=SEAT_SPENT)}, "top-up"),
        ({"trouble": trouble("insufficient_quota", message="The course has used up what it may spend.")}, ""),
        ({"trouble": trouble("invalid_api_key")}, "reissue"),
        ({"trouble": trouble("invalid_api_key", NOW - 1), "answered_ms": NOW}, ""),
    ],
)
def test_the_verb_that_helps(changes, verb):
    assert mend(replace(IDLE, **changes)) == verb


@pytest.mark.parametrize(
    ("budget", "begins", "of_seat"),
    [
        ({"scope": "key", "left_micro": 0}, "Your tokens in this class are used up.", True),
        ({"scope": "key", "left_micro": 5}, "What is left of your tokens", True),
        ({"scope": "project", "left_micro": 0}, "The course has used up", False),
        ({"scope": "project", "left_micro": 5}, "What the course may still spend", False),
    ],
)
def test_an_empty_account_is_told_in_a_students_words(budget, begins, of_seat):
    words = spent_words({"budget": budget})
    assert words.startswith(begins)
    assert is_of_seat(words) is of_seat
