"""A project's year begins on the day on which it began, every 365 days."""

import pytest

from appliance.domain.people import Project
from appliance.policy.duties.table import YEAR_MS
from appliance.policy.duties.years import year_start_ms

BEGAN = 1_700_000_000_000


@pytest.mark.parametrize(
    ("now", "start"),
    [
        (BEGAN, BEGAN),
        (BEGAN + YEAR_MS - 1, BEGAN),
        (BEGAN + YEAR_MS, BEGAN + YEAR_MS),
        (BEGAN + 3 * YEAR_MS + 7, BEGAN + 3 * YEAR_MS),
        (BEGAN - 5, BEGAN),
    ],
)
def test_a_year_goes_from_its_day_to_the_next(now, start):
    assert year_start_ms(Project("p", "P", created_ms=BEGAN), now) == start


def test_a_term_that_is_put_off_begins_no_count_anew():
    assert year_start_ms(Project("p", "P", created_ms=BEGAN, starts_ms=BEGAN + 90), BEGAN + 99) == BEGAN
