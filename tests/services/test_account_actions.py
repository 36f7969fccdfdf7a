"""The handlers of keys, projects, budgets and usage fit the action table, argument by argument."""

import inspect

import pytest

from appliance.domain.actions import action
from appliance.services.budgets import BudgetService
from appliance.services.keys import KeyService
from appliance.services.projects import ProjectService
from appliance.services.usage import UsageService


def handlers(keys, projects, budgets, clock):
    services = (
        KeyService(keys, projects, clock),
        ProjectService(projects, clock),
        BudgetService(budgets),
        UsageService(None, clock),
    )
    return {name: handler for service in services for name, handler in service.handlers().items()}


@pytest.mark.parametrize(
    "name",
    [
        "key.new",
        "key.list",
        "key.revoke",
        "project.new",
        "project.set",
        "project.list",
        "budget.set",
        "budget.show",
        "usage",
    ],
)
def test_a_handler_takes_exactly_the_arguments_of_its_action(name, keys, projects, budgets, clock):
    parameters = inspect.signature(handlers(keys, projects, budgets, clock)[name]).parameters
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in parameters.values())
    declared = {one.name: one.default for one in action(name).arguments if not one.required}
    taken = {
        one.name: one.default for one in parameters.values() if one.default is not inspect.Parameter.empty
    }
    assert taken == declared
    assert set(parameters) == {one.name for one in action(name).arguments}
