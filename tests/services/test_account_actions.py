"""The handler of usage fits the action table, argument by argument."""

import inspect

from appliance.domain.actions import action
from appliance.services.usage import UsageService


def test_a_handler_takes_exactly_the_arguments_of_its_action(clock):
    parameters = inspect.signature(UsageService(None, clock).handlers()["usage"]).parameters
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in parameters.values())
    declared = {one.name: one.default for one in action("usage").arguments if not one.required}
    taken = {
        one.name: one.default for one in parameters.values() if one.default is not inspect.Parameter.empty
    }
    assert taken == declared
    assert set(parameters) == {one.name for one in action("usage").arguments}
