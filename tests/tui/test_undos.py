"""Whatever `u` offers is an action of the table with arguments that it takes, and comes back as it was."""

import pytest

from appliance.domain.action import Blast, Kind, Place
from appliance.domain.actions import ACTIONS, action
from appliance.domain.arguments import check_arguments
from tui.acting.undos import INVERSES, undo_of

VALUES = {Kind.INTEGER: 1, Kind.DECIMAL: "1", Kind.TEXT: "one", Kind.FILE: "text"}


def given(row):
    return {
        one.name: one.choices[0] if one.choices else VALUES[one.kind]
        for one in row.arguments
        if one.kind is not Kind.FLAG and (one.required or one.positional or one.name in {"person", "switch"})
    }


@pytest.mark.parametrize("name", INVERSES)
def test_an_undo_is_taken_by_the_gateway(name):
    row = action(name)
    undo = undo_of(row, given(row))
    assert undo is not None
    check_arguments(action(undo.action), undo.arguments)


@pytest.mark.parametrize("name", INVERSES)
def test_an_undo_destroys_nothing_and_is_of_the_gateway(name):
    for one in (action(name), action(INVERSES[name].action)):
        assert one.blast in {Blast.REVERSIBLE, Blast.INTERRUPTS}
        assert one.place is Place.GATEWAY


@pytest.mark.parametrize("name", INVERSES)
def test_what_is_taken_back_names_the_same_things(name):
    row = action(name)
    before, undo = given(row), undo_of(row, given(row))
    assert undo is not None
    for key, value in undo.arguments.items():
        assert before[key] == value or {before[key], value} in ({"on", "off"}, {"yes", "no"})


def test_what_looks_or_cannot_come_back_has_none():
    for row in ACTIONS:
        if row.blast in {Blast.NONE, Blast.DESTROYS}:
            assert undo_of(row, given(row)) is None
    assert undo_of(action("key.new"), {"name": "laptop"}) is None


def test_a_threshold_is_not_taken_back_by_a_switch():
    wire = action("tripwire.set")
    assert undo_of(wire, {"wire": "many-keys", "threshold": 5}) is None
    assert undo_of(wire, {"wire": "many-keys", "switch": "on", "threshold": 5}) is None
    back = undo_of(wire, {"wire": "many-keys", "switch": "on"})
    assert back is not None
    assert back.arguments == {"wire": "many-keys", "switch": "off"}
