"""The gate of tiers says which rule stands against a request, and lets the rest go on with its notices."""

import pytest

from appliance.domain.access import AccessDecision
from appliance.errors import NotPermitted
from appliance.services.admission.access import AccessGate
from appliance.services.admission.gates import Asked
from tests.generation.fakes import CALLER
from tests.models.fakes import recipe

ASKED = Asked(CALLER, recipe("m"), "m", None, 1)


class Says:
    def __init__(self, decision):
        self.decided = decision

    def decision(self, caller, recipe):
        assert (caller, recipe) == (CALLER, ASKED.recipe)
        return self.decided


def test_a_refusal_names_the_rule_and_whom_it_waits_for():
    gate = AccessGate(Says(AccessDecision("grant", "reviewer", "Apply.")))
    with pytest.raises(NotPermitted, match="Apply") as refused:
        gate.let(ASKED)
    assert refused.value.details == {"rule": {"name": "grant", "waits_for": "reviewer"}}


def test_what_may_go_on_goes_on_with_every_notice():
    let = AccessGate(Says(AccessDecision(notices=("one", "two")))).let(ASKED.noticed("before"))
    assert let.notices == ("before", "one", "two")
