"""What a teacher is told before the lesson."""

import pytest

from appliance.policy.classes.warning import ClassFacts, warnings
from tests.policy.test_class_admitting import MINUTE_MS, NOON_MS, lesson

CREDIT = 1_000_000


def told(one, now_ms=NOON_MS, **facts):
    return " ".join(warnings(one, ClassFacts(**facts), now_ms))


def test_all_is_well():
    assert told(lesson()) == ""


def test_a_model_that_does_not_run_comes_with_the_command():
    assert "`carrel model run olmo-2-7b`" in told(lesson(), stopped=("olmo-2-7b",))


@pytest.mark.parametrize(("address", "warned"), [("141.20.5.5", True), ("10.20.0.5", False), ("", False)])
def test_plain_http_on_an_address_of_the_internet_is_told(address, warned):
    assert ("internet" in told(lesson(plain=True, address=address))) is warned
    assert "internet" not in told(lesson(plain=False, address=address))


def test_seats_over_the_budget_are_told_before_it_begins():
    planned = lesson(opened_ms=None)
    over = {"needs_micro": 3 * CREDIT, "left_micro": 2 * CREDIT}
    assert "3 credits together, and project `nlp` has 2 left" in told(planned, **over)
    assert told(lesson(), **over) == ""
    assert told(planned, needs_micro=None, left_micro=2) == ""
    assert told(planned, needs_micro=3, left_micro=None) == ""


def test_its_last_ten_minutes_are_told():
    assert "It ends in 10 min." in told(lesson(ends_ms=NOON_MS + 10 * MINUTE_MS))
    assert told(lesson(ends_ms=NOON_MS + 10 * MINUTE_MS + 1)) == ""


def test_an_exam_says_that_laptops_are_beyond_it():
    assert "neither see nor stop" in told(lesson(mode="exam"))


def test_a_class_that_is_over_has_no_warnings():
    assert told(lesson(mode="exam", over_ms=NOON_MS), stopped=("m",)) == ""
