"""A box with projects that compute, over tables in memory."""

import pytest

from appliance.domain.duties import ModelUse
from tests.services.duties.duty_box import TINY, DutyBox


@pytest.fixture
def box():
    return DutyBox()


@pytest.fixture
def used():
    return lambda gflop, model=TINY, kind="inference", project="nlp": ModelUse(project, model, gflop, kind)
