"""What a form asks of its engine reaches the engine; what an operator asks for is added to it."""

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.domain.recipe import EngineOptions
from appliance.domain.running import RunWishes
from appliance.services.models.specification import engine_spec
from tests.models.fakes import recipe

SMALL = recipe("small")

ASKS = EngineOptions(kv_layout="unified", deterministic=True)


@pytest.mark.parametrize(
    ("options", "wishes", "layout", "deterministic"),
    [
        (EngineOptions(), RunWishes(), "auto", False),
        (EngineOptions(), RunWishes(deterministic=True), "auto", True),
        (ASKS, RunWishes(), "unified", True),
        (ASKS, RunWishes(deterministic=False), "unified", True),
    ],
)
def test_a_form_and_an_operator_may_both_ask(options, wishes, layout, deterministic):
    form = replace(SMALL.forms[0], options=options)
    spec = engine_spec(SMALL, form, Path("models"), wishes, threads=1, gpu_layers=0)
    assert (spec.kv_layout, spec.deterministic) == (layout, deterministic)
