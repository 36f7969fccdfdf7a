"""What operators ask of reports: on and off, lines for others, checks, and how it all stands."""

import csv
import json

import pytest

from appliance.domain.model import ModelIdentity
from appliance.errors import BadRequest, Conflict, NotFound
from appliance.federation.protocol.kinds import CHECK
from appliance.federation.protocol.statements import Check
from tests.federation.reporting_box import MovingClock, ReportingBox
from tests.federation.simulated_transport import SimulatedTransport
from tests.federation.simulator import SimulatedRegistry

PEOPLE = [f"s{number}" for number in range(12)]


@pytest.fixture
async def box(tmp_path, empty_database):
    made = ReportingBox(tmp_path / "a" / "carrel.db", MovingClock(), template=empty_database)
    await made.start(*PEOPLE)
    yield made
    made.close()


@pytest.fixture
def registry(box):
    made = SimulatedRegistry(lambda: box.clock.now_ms() // 1000)
    made.add_box(box.id)
    return made


async def reported(box, registry):
    await box.all_use(PEOPLE)
    box.next_day()
    await box.sync(SimulatedTransport(registry))


async def test_off_ends_the_tally_and_on_begins_it_again(box):
    service = box.service()
    off = await service.report(switch="off")
    assert (off.reporting, "No report is made" in off.says) == (False, True)
    await box.use("s1")
    assert (await service.report(switch="on")).reporting
    await box.use("s2")
    assert [row["holder"] for row in await box.ask("SELECT holder FROM report_tally")] == ["s2"]


async def test_nothing_is_composed_while_reports_are_off(box):
    await box.use("s1")
    await box.service().report(switch="off")
    box.next_day()
    await box.composer.compose()
    assert await box.waiting() == []
    await box.service().report(switch="on")
    await box.composer.compose()
    assert len(await box.waiting()) == 2


async def test_usage_as_csv_has_what_was_reported_and_what_is_open(box, registry):
    await reported(box, registry)
    await box.use("s1")
    found = await box.service().usage()
    rows = list(csv.DictReader(found.lines))
    assert [(row["state"], row["requests"], row["day"]) for row in rows] == [
        ("reported", "12", "2026-09-04"),
        ("open", "1", "2026-09-05"),
    ]
    assert rows[0]["credits"] == "0.00012"
    later = await box.service().usage(since="2026-09-05")
    assert len(later.lines) == 2
    assert len((await box.service().usage(until="2026-09-03")).lines) == 1


async def test_usage_as_csv_is_safe_in_a_spreadsheet(box):
    evil = ModelIdentity("demo", 1, "", "=cmd|calc")
    await box.use("s1", model=evil)
    lines = (await box.service().usage()).lines
    assert ",'=cmd|calc," in lines[1]


async def test_usage_for_amie_is_an_adjustment_where_it_adds_to_a_record(box, registry):
    await reported(box, registry)
    box.clock.time_ms -= 86_400_000
    await reported(box, registry)
    first, second = [json.loads(line) for line in (await box.service().usage(format="amie")).lines]
    assert (first["UsageType"], second["UsageType"]) == ("Compute", "Adjustment")
    assert second["ParentRecordID"] == first["LocalRecordID"]
    assert first["Username"] == first["LocalProjectID"] != "nlp"
    assert first["StartTime"] == "2026-09-04T12:00:00Z"
    assert first["EndTime"] == "2026-09-04T12:59:59Z"
    assert first["Attributes"]["InputTokens"] == 60


async def test_status_tells_where_the_chain_stands(box, registry):
    assert dict(await box.service().lines()) == {"last report": "none yet", "acknowledged up to": "none yet"}
    await reported(box, registry)
    assert dict(await box.service().lines()) == {"last report": "1/1", "acknowledged up to": "1/1"}


async def test_a_check_is_decided_once_and_in_words(box, registry):
    await reported(box, registry)
    claims = Check(**registry.about(box.id, "chk"), epoch=1, seq=1, leaves=(0,), reason="A sample.")
    await box.take(registry.key.sign(CHECK, claims))
    service = box.service()
    (line,) = (await service.show_checks()).checks
    assert (line.state, line.rows, line.reason) == ("open", 1, "A sample.")
    assert ("checks", "1 wait for you: carrel fed checks") in await service.lines()
    for wrong in ({}, {"approve": True, "refuse": "no"}):
        with pytest.raises(BadRequest, match="--approve"):
            await service.check(id=claims.jti, **wrong)
    with pytest.raises(BadRequest, match="why"):
        await service.check(id=claims.jti, refuse="")
    with pytest.raises(NotFound):
        await service.check(id="chk_none", approve=True)
    (line,) = (await service.check(id=claims.jti, approve=True)).checks
    assert line.state == "shown"
    with pytest.raises(Conflict):
        await service.check(id=claims.jti, refuse="too late")
