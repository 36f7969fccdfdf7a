"""The checklist: all four functions of the framework, a form, and answers that are read back."""

import re

import pytest

from appliance.errors import BadRequest
from appliance.policy.duties.answers import form, read_answers
from appliance.policy.duties.checklist import QUESTIONS


def filled(**changed):
    lines = []
    for one in QUESTIONS:
        lines += [f"# {one.text}", f"{one.id}:", changed.get(one.id, f"An answer to {one.id}.")]
    return "\n".join(lines)


def test_each_function_asks_three_to_five_questions_of_its_own_categories():
    functions = ["Govern", "Map", "Measure", "Manage"]
    assert list(dict.fromkeys(one.function for one in QUESTIONS)) == functions
    for function in functions:
        asked = [one for one in QUESTIONS if one.function == function]
        assert 3 <= len(asked) <= 5
        assert all(re.fullmatch(rf"{function.upper()} \d\.\d+", one.category) for one in asked)
        assert [one.id for one in asked] == [f"{function.lower()}-{at + 1}" for at in range(len(asked))]


def test_the_form_has_every_question_and_its_place_for_an_answer():
    lines = form().splitlines()
    for one in QUESTIONS:
        assert f"{one.id}:" in lines
        assert any(line.startswith("#") and one.text in line for line in lines)


def test_a_filled_form_is_read_back_question_by_question():
    text = form()
    for one in QUESTIONS:
        text = text.replace(f"{one.id}:\n", f"{one.id}:\nFirst line about {one.id}.\n  Note: a second.\n")
    answers = read_answers(text)
    assert list(answers) == [one.id for one in QUESTIONS]
    assert answers["map-2"] == "First line about map-2.\nNote: a second."


def test_an_answer_may_stand_on_the_line_of_its_name():
    text = filled().replace("govern-1:\nAn answer to govern-1.", "govern-1: Ada may, by telephone.")
    assert read_answers(text)["govern-1"] == "Ada may, by telephone."


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (form(), "govern-1 has no answer"),
        (filled(**{"map-3": ""}), "map-3 has no answer"),
        (filled(**{"manage-4": "no"}), "manage-4 has an answer of 2 characters"),
        (filled(**{"measure-1": "x" * 2001}), "measure-1 has an answer of 2001 characters"),
        ("", "govern-1"),
    ],
)
def test_a_question_without_a_fitting_answer_is_named(text, named):
    with pytest.raises(BadRequest, match=named) as refusal:
        read_answers(text)
    assert refusal.value.param == "answers"
