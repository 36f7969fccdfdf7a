"""Budgets as an operator sets and sees them."""

import pytest

from appliance.domain.results import BudgetState
from appliance.errors import BadRequest, NotFound
from appliance.services.budgets import BudgetService


@pytest.fixture
def service(budgets):
    return BudgetService(budgets)


async def test_credits_become_a_limit_in_micro_credits(service):
    expected = BudgetState(project="default", limit_micro=10_000, spent_micro=5, held_micro=7)
    assert await service.limit(credits="0.01") == expected
    assert await service.show() == expected


async def test_none_takes_the_limit_away(service):
    await service.limit(credits="1")
    assert (await service.limit(credits="none")).limit_micro is None


async def test_an_amount_that_cannot_be_read_changes_nothing(service):
    with pytest.raises(BadRequest):
        await service.limit(credits="a lot")
    assert (await service.show()).limit_micro is None


async def test_the_budget_of_no_project_is_not_found(service):
    with pytest.raises(NotFound):
        await service.show(project="nobody")
