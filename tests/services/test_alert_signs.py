"""What is worth an alert, and that it never says more than ids, counts and commands."""

from dataclasses import replace

import msgspec
import pytest

from appliance.domain.license import Lease
from appliance.domain.oversight import Incident, Level
from appliance.domain.people import Caller
from appliance.domain.results import ModelSummary
from appliance.services.alerts import probes, signs
from tests.admin.fake_box import sample
from tests.models.fakes import recipe
from tests.services.conftest import NOON_MS, StillClock

INCIDENT = Incident(
    id="inc_1",
    wire="near-equal",
    holder="ada",
    person_id="ada",
    project_id="nlp",
    key_id="key_1",
    level=Level.WARN,
    score=100,
    count=1,
    trips=1,
    first_ms=0,
    last_ms=0,
    raised_ms=0,
    reason="what a reviewer wrote",
    appeal="what a member wrote",
)
MODEL = msgspec.structs.replace(sample(ModelSummary), id="m", state="ready", damaged=None)


@pytest.mark.parametrize(
    ("level", "happened", "kind", "told"),
    [
        (Level.NOTE, "opened", None, None),
        (Level.WARN, "opened", "incident", "warn"),
        (Level.THROTTLE, "raised", "incident", "warn"),
        (Level.HOLD, "raised", "hold", "urgent"),
        (Level.NOTE, "appealed", "appeal", "warn"),
        (Level.HOLD, "decided", None, None),
        (Level.HOLD, "expired", None, None),
    ],
)
def test_an_incident_is_told_from_the_level_warn_on(level, happened, kind, told):
    sign = signs.of_incident(replace(INCIDENT, level=level), happened)
    assert (sign.kind if sign else None, sign.level if sign else None) == (kind, told)
    assert sign is None or "wrote" not in sign.says


def test_a_canary_is_told_whatever_its_level():
    sign = signs.of_incident(replace(INCIDENT, level=Level.NOTE, wire="canary-key"), "opened")
    assert (sign.kind, sign.subject, sign.level) == ("canary", "key_1", "urgent")


def test_a_key_in_the_clear_is_told_by_its_id_with_what_ends_it():
    sign = signs.of_key_in_the_clear(Caller("key_1", "ada", "nlp", address="10.0.0.7"))
    assert (sign.kind, sign.subject, sign.level) == ("clear", "key_1", "warn")
    assert (sign.says, sign.next_step) == (
        "A key was sent in the clear: key_1, of ada in nlp.",
        "carrel key revoke key_1",
    )


def test_a_model_that_failed_is_told_without_its_reason():
    failed = msgspec.structs.replace(MODEL, state="failed", reason="a path of the machine")
    sign = signs.of_model(failed)
    assert (sign.kind, sign.level, "path" in sign.says) == ("worker", "urgent", False)
    assert signs.of_model(msgspec.structs.replace(MODEL, damaged="x")).kind == "files"
    assert signs.of_model(MODEL) is None


@pytest.mark.parametrize(
    ("state", "level"),
    [
        ("valid", None),
        ("grace", "warn"),
        ("clock-suspect", "warn"),
        ("lapsed", "urgent"),
        ("suspended", "urgent"),
        ("revoked", "urgent"),
    ],
)
def test_a_lease_is_told_from_its_days_of_grace_on(state, level):
    sign = signs.of_lease(Lease("m", state, 5))
    assert (sign.level if sign else None) == level
    assert signs.of_lease(None) is None


@pytest.mark.parametrize(("free", "level"), [(99, "warn"), (24, "urgent"), (100, None)])
def test_a_disk_is_told_below_the_least_and_is_urgent_below_a_quarter_of_it(free, level):
    sign = signs.of_disk("data", free, 100)
    assert (sign.level if sign else None) == level


async def test_disks_are_asked_for_the_nearest_folder_that_is_there(tmp_path):
    folders = {"data": tmp_path, "models": tmp_path / "not" / "yet"}
    assert await probes.disks(folders, 0)() == []
    assert [one.subject for one in await probes.disks(folders, 2**40)()] == ["data", "models"]


async def test_models_and_leases_are_asked_each_time():
    summaries = [MODEL]
    look = probes.models(lambda: summaries)
    assert await look() == []
    summaries[0] = msgspec.structs.replace(MODEL, state="failed")
    assert [one.subject for one in await look()] == ["m"]
    leased = replace(recipe("m"), terms=replace(recipe("m").terms, lease=True))
    found = await probes.leases(lambda: [leased, recipe("n")], lambda model: Lease(model, "lapsed", 5))()
    assert [one.subject for one in found] == ["m"]


async def test_what_the_status_warns_of_is_told_one_by_one():
    found = await probes.status(lambda: "full", lambda: ["A catalog has expired.", "Another."])()
    assert [one.kind for one in found] == ["storage", "status", "status"]
    assert len({one.subject for one in found}) == 3
    assert await probes.status(lambda: None, list)() == []


async def test_people_who_wait_are_one_matter_once_they_wait_too_long():
    clock = StillClock()

    async def since():
        return [NOON_MS - 25 * 3_600_000, NOON_MS - 5, NOON_MS - 48 * 3_600_000]

    look = probes.waiting("application", since, hours=24, next_step="carrel access queue", clock=clock)
    (sign,) = await look()
    assert (sign.kind, sign.level) == ("application", "note")
    assert sign.says == "2 of kind application wait for a decision, the oldest for 48 hours."
    clock.time_ms -= 30 * 3_600_000
    assert await look() == []


async def test_the_audit_log_is_read_once_a_day_and_what_was_found_stands():
    clock, asked, faults = StillClock(), [], ["row 7 is not what was written"]

    async def verify():
        asked.append(1)
        return faults[0]

    look = probes.audit(verify, clock)
    assert [one.level for one in await look()] == ["urgent"]
    faults[0] = None
    assert len(await look()) == 1
    clock.time_ms += 86_400_000
    assert await look() == []
    assert len(asked) == 2
