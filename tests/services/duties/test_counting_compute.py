"""What projects computed in their year: summed once, counted as requests end, anew with every year."""

import pytest

from appliance.domain.duties import Compute
from appliance.domain.usage import Outcome
from appliance.policy.duties.table import YEAR_MS
from tests.services.conftest import NOON_MS
from tests.services.duties.duty_box import LARGE, SMALL, YearUse


def totals(box, project="nlp"):
    return box.compute.totals(box.directory.project(project), box.clock.now_ms())


async def test_what_the_ledger_has_is_summed_by_kind_with_the_largest_model(box, used):
    ledger = YearUse(used(5, SMALL), used(7), used(3, LARGE, "training"), used(9, project="default"))
    await box.compute.load(ledger, NOON_MS)
    assert totals(box) == Compute(12, 3, box.recipes.find(LARGE)[0].training_gflop)
    assert totals(box, "default").inference_gflop == 9
    assert ledger.asked == {"nlp": NOON_MS, "default": NOON_MS}


async def test_a_model_that_has_left_the_catalog_counts_for_what_was_computed(box, used):
    await box.compute.load(YearUse(used(5, "gone")), NOON_MS)
    assert totals(box) == Compute(5, 0, 0)


@pytest.mark.parametrize("outcome", [Outcome.COMPLETED, Outcome.CANCELLED, Outcome.FAILED])
async def test_every_request_counts_for_what_it_computed_however_it_ended(box, used, outcome):
    await box.compute.load(YearUse(used(5)), NOON_MS)
    box.use(10, SMALL, outcome=outcome)
    assert totals(box) == Compute(15, 0, box.recipes.find(SMALL)[0].training_gflop)


def test_a_model_that_computed_nothing_was_not_used(box):
    box.use(0, LARGE)
    assert totals(box) == Compute()


def test_a_request_of_a_project_that_is_not_known_is_let_be(box):
    box.use(5, project="elsewhere")
    assert totals(box) == Compute()


async def test_a_year_begins_at_nothing_365_days_after_the_project(box, used):
    await box.compute.load(YearUse(used(5, SMALL)), NOON_MS)
    box.clock.time_ms += YEAR_MS - 1
    assert totals(box).inference_gflop == 5
    box.clock.time_ms += 1
    assert totals(box) == Compute()
    box.use(2)
    assert totals(box).inference_gflop == 2


async def test_a_start_in_a_later_year_asks_from_its_day_on(box):
    ledger = YearUse()
    await box.compute.load(ledger, NOON_MS + YEAR_MS + 7)
    assert ledger.asked["nlp"] == NOON_MS + YEAR_MS
