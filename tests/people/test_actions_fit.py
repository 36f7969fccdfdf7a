"""The handlers of persons, members, projects and keys fit the action table, argument by argument."""

import inspect

import pytest

from appliance.domain.actions import action
from appliance.services.binding import ACTOR
from appliance.services.people.importing import ImportService
from tests.people.conftest import Lab

NOUNS = ("person", "member", "project", "key")


def handlers():
    lab = Lab()
    rosters = ImportService(
        rosters=None, directory=lab.directory, issuer=lab.keys.issuer, ring=lab.keys.ring, clock=lab.clock
    )
    services = (lab.persons, lab.members, lab.projects, lab.keys, rosters)
    return {name: handler for one in services for name, handler in one.handlers().items()}


@pytest.mark.parametrize("name", handlers())
def test_a_handler_takes_exactly_the_arguments_of_its_action(name):
    parameters = dict(inspect.signature(handlers()[name]).parameters)
    parameters.pop(ACTOR, None)
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in parameters.values())
    declared = {one.name: one.default for one in action(name).arguments if not one.required}
    taken = {
        one.name: one.default for one in parameters.values() if one.default is not inspect.Parameter.empty
    }
    assert taken == declared
    assert set(parameters) == {one.name for one in action(name).arguments}


def test_no_action_of_these_nouns_is_left_out():
    from appliance.domain.actions import ACTIONS

    ours = {one.name for one in ACTIONS if one.noun in NOUNS}
    assert ours - handlers().keys() <= {"person.export", "person.erase"}
