"""A spot check that does not fit is a note about the person who was sampled, and leads to nothing else."""

from dataclasses import replace

import pytest

from appliance.domain.oversight import WireSetting
from appliance.domain.samples import Sample
from appliance.services.oversight.spot_checks import SpotCheckIncidents
from tests.services.oversight.conftest import ADA

SAMPLE = Sample(
    id="smp_1",
    request_id="req_1",
    tier="approved",
    kind="chat",
    purpose="",
    consents=False,
    taken_ms=0,
    holder="ada",
    person_id="ada",
    key_id="key_ada",
    project_id="lab",
    model_id="m",
    outcome="completed",
    prompt_tokens=1,
    completion_tokens=1,
    started_ms=0,
    ended_ms=1,
)


@pytest.fixture
def verdicts(look):
    return SpotCheckIncidents(look.book, look.tripwires)


async def test_it_is_a_note_and_requests_go_on(look, verdicts):
    opened = await verdicts.does_not_fit(SAMPLE, "An advert.", "rosa")
    incident = await look.one()
    assert (incident.id, incident.wire, incident.level) == (opened, "spot-check", "note")
    assert incident.scope.holder == "ada"
    assert look.gate.let(look.asked(ADA)).notices == ()


async def test_a_second_one_is_the_same_incident_and_still_a_note(look, verdicts):
    first = await verdicts.does_not_fit(SAMPLE, "An advert.", "rosa")
    for _ in range(5):
        look.clock.at_ms += 120_000
        assert await verdicts.does_not_fit(replace(SAMPLE, id="smp_2"), "Another.", "rosa") == first
    assert (await look.one()).level == "note"


async def test_nothing_is_opened_where_the_lab_turned_it_off(look, verdicts):
    await look.tripwires.set(WireSetting("spot-check", on=False))
    assert await verdicts.does_not_fit(SAMPLE, "An advert.", "rosa") == ""
