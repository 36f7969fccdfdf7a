"""A whole gateway: what its people did waits in the inbox, and a refused request is found by its id."""

import time

import msgspec
import pytest
import pytest_asyncio

from appliance.domain.actions import action
from appliance.domain.arguments import check_arguments
from appliance.domain.oversight import Incident, Level
from appliance.domain.results import Inbox, LogLines, RequestShown
from tests.wiring.two_people import Belongings, two_people

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there(tmp_path_factory):
    async with two_people(tmp_path_factory.mktemp("inbox")) as people:
        yield people


async def inbox(there):
    return msgspec.convert(await there.run("inbox"), Inbox)


async def test_what_people_asked_for_and_did_waits_with_the_command_that_decides_it(there):
    told = {(one.kind, one.id): one for one in (await inbox(there)).rows}
    for who in (there.ada, there.bob):
        for kind, name, decides in (
            ("application", who.application, "access.decide"),
            ("budget_request", who.budget_request, "budget.decide"),
            ("report", who.report, "report.triage"),
        ):
            row = told[kind, name]
            assert (row.action, row.project, row.person) == (decides, who.project, who.person)
            assert [(one.name, one.value) for one in row.arguments] == [("id", name)]


async def test_what_was_decided_waits_no_more(there):
    row = next(one for one in (await inbox(there)).rows if one.id == there.bob.budget_request)
    given = {one.name: one.value for one in row.arguments}
    check_arguments(action(row.action), given)
    await there.run(row.action, **given, deny=True, reason="no")
    assert there.bob.budget_request not in [one.id for one in (await inbox(there)).rows]


async def test_a_refused_request_is_found_by_the_id_that_its_caller_was_told(there):
    refused = await there.ask(there.ada, "GET", "/v1/files/file-000000000000000000000000")
    shown = await there.run("request.show", id=refused.headers["x-request-id"])
    told = msgspec.convert(shown, RequestShown)
    assert told.refusal.message == refused.json()["error"]["message"]
    assert (told.refusal.status, told.refusal.person, told.refusal.key) == (
        404,
        there.ada.person,
        there.ada.key,
    )


async def test_a_request_without_a_key_is_found_too(there):
    refused = await there.http.get("/v1/models")
    told = await there.run("request.show", id=refused.headers["x-request-id"])
    assert (told["refusal"]["status"], told["refusal"]["person"]) == (401, "")


async def test_nobody_who_was_erased_is_named_by_a_refusal(there):
    await there.run("person.new", person="dee", name="Dee", project=there.ada.project)
    made = await there.run("key.new", name="own", project=there.ada.project, person="dee")
    dee = Belongings(there.ada.project, "dee", made["id"], made["key"])
    refused = await there.ask(dee, "GET", "/v1/files/file-000000000000000000000000")
    wanted = {"id": refused.headers["x-request-id"]}
    assert (await there.run("request.show", **wanted))["refusal"]["person"] == "dee"
    await there.run("person.erase", person="dee")
    assert (await there.socket.post("/admin/v1/request/show", json=wanted)).status_code == 404


async def test_the_log_is_read_where_there_is_none(there):
    assert msgspec.convert(await there.run("log.read"), LogLines).lines == ()


async def test_hundreds_that_wait_are_told_in_milliseconds(there):
    """Screens ask each second. The bound is far above what it takes, for machines that are busy."""
    book, now_ms = there.gateway.oversight.book, time.time_ns() // 1_000_000
    scope = {"project_id": there.ada.project, "key_id": there.ada.key}
    for number in range(200):
        book.put(
            Incident(
                id=f"inc_{number}",
                wire="burst",
                holder=f"p{number}",
                person_id=there.ada.person,
                level=Level.WARN,
                score=100,
                count=1,
                trips=1,
                first_ms=now_ms,
                last_ms=now_ms,
                raised_ms=now_ms,
                **scope,
            )
        )
    await book.flush()
    await there.run("inbox")
    began = time.process_time()
    for _ in range(10):
        told = await inbox(there)
    took_s = (time.process_time() - began) / 10
    assert (len(told.rows), told.left_out > 0) == (200, True)
    assert "incident" in {one.kind for one in told.rows}
    assert took_s < 0.2
