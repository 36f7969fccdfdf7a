"""Which models a page offers, and why others are grey."""

import pytest

from appliance.domain.model import ModelState
from appliance.services.classes.book import ClassBook
from appliance.web.offering import Offering, PresentModel, Wanting
from tests.web.fakes import HOUR_MS, STUDENT, StillClock, WebBox, card


class Directory:
    def __init__(self, *cards):
        self._cards = cards

    def cards(self, caller):
        return self._cards


def offering(*cards, present=(), lacks=None, wanting=(), classes=None):
    clock = StillClock()
    return Offering(
        Directory(*cards),
        lambda: present,
        lambda caller, model: (lacks or {}).get(model, ""),
        lambda caller: wanting,
        classes or ClassBook(clock),
        clock,
    )


def test_what_can_be_asked_comes_first_and_the_rest_says_why_not():
    found = offering(
        card("opt"),
        card("tiny"),
        card("alias", alias_of="opt"),
        lacks={"opt": "Sign first."},
    ).of(STUDENT)
    assert [(one.id, one.usable, one.why) for one in found] == [
        ("tiny", True, ""),
        ("opt", False, "Sign first."),
        ("alias", False, "Sign first."),
    ]


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (ModelState.LOADING, "being loaded"),
        (ModelState.FAILED, "would not start"),
        (ModelState.READY, "is not for this key"),
    ],
)
def test_a_model_that_does_not_answer_says_what_it_does(state, says):
    (found,) = offering(present=[PresentModel("tiny", "Tiny", state)]).of(STUDENT)
    assert not found.usable
    assert says in found.why


def test_what_is_missing_comes_before_not_for_this_key():
    ready = [PresentModel("opt", "OPT", ModelState.READY)]
    (found,) = offering(present=ready, lacks={"opt": "It asks for a grant."}).of(STUDENT)
    assert found.why == "It asks for a grant."


def test_what_one_can_apply_for_is_shown_once_whether_it_runs_or_not():
    wanted = [Wanting("opt", "OPT", "Apply."), Wanting("free", "Free", "")]
    found = offering(card("opt@q8"), wanting=wanted).of(STUDENT)
    assert [(one.id, one.usable) for one in found] == [("opt@q8", True), ("free", False)]
    assert "carrel model run" in found[1].why


def test_in_a_class_others_say_that_it_does_not_use_them():
    box = WebBox()
    lesson = box.lesson(models=("tiny",))
    there = offering(
        card("tiny"),
        present=[
            PresentModel("tiny", "Tiny", ModelState.READY),
            PresentModel("large", "Large", ModelState.READY),
        ],
        wanting=[Wanting("opt", "OPT", "Apply.")],
        classes=box.classes,
    )
    assert [(one.id, one.why) for one in there.of(STUDENT)] == [
        ("tiny", ""),
        ("large", "Monday does not use it."),
    ]
    there.clock.ms = lesson.ends_ms + HOUR_MS
    assert there.of(STUDENT)[1].why == "Monday is over."
