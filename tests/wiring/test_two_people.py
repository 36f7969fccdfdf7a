"""No id of one person or project is readable, changeable or deletable by another, on any route.

What another has is answered exactly as what does not exist; lists have only one's own. A route that stands in
no table here fails the test.
"""

import re

import pytest
import pytest_asyncio

from tests.api.test_access import app_for_routes, route_paths
from tests.wiring.two_people import MARK, NOTHING, two_people

NAMES_NOBODY = {
    "POST /detokenize", "POST /tokenize", "POST /v1/chat/completions", "POST /v1/completions",
    "POST /v1/detokenize", "POST /v1/embeddings", "POST /v1/messages", "POST /v1/messages/count_tokens",
    "POST /v1/moderations", "POST /v1/responses", "POST /v1/score", "POST /v1/tokenize",
    "GET /v1/models", "GET /v1/models/{model_id}", "DELETE /v1/me/licenses/{model_id}",
    "GET /v1/responses/{response_id}", "DELETE /v1/responses/{response_id}",
    "GET /docs", "GET /docs/page.css", "GET /healthz", "GET /metrics", "GET /openapi.json", "GET /readyz",
    "GET /v1/policy", "GET /v1/shared/weights/{sha256}", "POST /v1/me/licenses",
}  # fmt: skip
"""Models are everybody's, and nothing is kept of responses."""

OWN = {
    "GET /v1/me": None,
    "GET /v1/me/licenses": None,
    "GET /v1/files": None,
    "GET /v1/batches": None,
    "GET /v1/reports": None,
    "POST /v1/me/access/mine": {},
    "POST /v1/me/agreement/show": {},
    "POST /v1/me/key/list": {},
    "POST /v1/me/person/export": {},
    "POST /v1/me/sample/choice": {},
    "POST /v1/me/sample/seeds": {},
    "POST /v1/projects/{project}/budget/requests": {"all": True},
    "POST /v1/projects/{project}/budget/show": {},
    "POST /v1/projects/{project}/class/list": {"all": True},
    "POST /v1/projects/{project}/duty/checklist": {},
    "POST /v1/projects/{project}/duty/show": {},
    "POST /v1/projects/{project}/incident/list": {},
    "POST /v1/projects/{project}/key/list": {},
    "POST /v1/projects/{project}/member/list": {},
    "POST /v1/projects/{project}/project/show": {},
    "POST /v1/projects/{project}/statement/project": {},
    "POST /v1/projects/{project}/usage": {"by": "person"},
}
"""What tells somebody of themselves or of their project, with the body that asks for most."""

CREATES = {
    "POST /v1/files": None,
    "POST /v1/reports": {"model": "m"},
    "POST /v1/me/access/apply": {"affiliation": "a", "intended_use": "b", "agreement": "c"},
    "POST /v1/me/agreement/sign": {"text": "0" * 64},
    "POST /v1/me/budget/request": {"credits": "1", "reason": "x"},
    "POST /v1/me/key/new": {"name": "x"},
    "POST /v1/me/sample/consent": {"answer": "no"},
    "POST /v1/me/sample/refuse": {"answer": "no"},
    "POST /v1/projects/{project}/class/new": {"name": "x"},
    "POST /v1/projects/{project}/duty/submit": {"duty": "review"},
    "POST /v1/projects/{project}/tripwire/expect": {"pattern": "templated", "why": "x"},
    "POST /v1/projects/{project}/key/new": {"name": "x"},
}
"""What makes something: there is no id to give, but project and person, which path and key decide."""

NAMES = {
    "GET /v1/files/{file_id}": lambda x: (f"/v1/files/{x.file}", None),
    "DELETE /v1/files/{file_id}": lambda x: (f"/v1/files/{x.file}", None),
    "GET /v1/files/{file_id}/content": lambda x: (f"/v1/files/{x.file}/content", None),
    "POST /v1/batches": lambda x: (
        "/v1/batches",
        {"input_file_id": x.file, "endpoint": "/v1/completions", "completion_window": "24h"},
    ),
    "GET /v1/batches/{batch_id}": lambda x: (f"/v1/batches/{x.batch}", None),
    "POST /v1/batches/{batch_id}/cancel": lambda x: (f"/v1/batches/{x.batch}/cancel", None),
    "GET /v1/reports/{report_id}": lambda x: (f"/v1/reports/{x.report}", None),
    "POST /v1/me/report/preview": lambda x: ("/v1/me/report/preview", {"id": x.report}),
    "POST /v1/me/report/consent": lambda x: (
        "/v1/me/report/consent",
        {"id": x.report, "sha256": "0" * 12},
    ),
    "POST /v1/me/access/show": lambda x: ("/v1/me/access/show", {"id": x.application}),
    "POST /v1/me/access/preview": lambda x: ("/v1/me/access/preview", {"id": x.application}),
    "POST /v1/me/access/agree": lambda x: (
        "/v1/me/access/agree",
        {"id": x.application, "sha256": "0" * 12},
    ),
    "POST /v1/me/access/withdraw": lambda x: ("/v1/me/access/withdraw", {"id": x.application}),
    "POST /v1/me/incident/appeal": lambda x: ("/v1/me/incident/appeal", {"id": x.incident, "why": "x"}),
    "POST /v1/me/class/vote": lambda x: (
        "/v1/me/class/vote",
        {"name": x.lesson, "poll": "poll_0", "choice": "a"},
    ),
    "POST /v1/me/key/revoke": lambda x: ("/v1/me/key/revoke", {"id": x.key}),
}
"""Path and body that name what somebody has."""

OF_PROJECTS = [one for one in NAMES if one.split()[1].startswith(("/v1/files", "/v1/batches", "/v1/reports"))]
"""What belongs to somebody in one project, so that another key of theirs does not open it."""

LEADING = {
    "budget/decide": lambda x: {"id": x.budget_request, "approve": True},
    "budget/remove": lambda x: {"allocation": x.allocation},
    "budget/set": lambda x: {"key": x.key, "credits": "1"},
    **{
        f"class/{verb}": lambda x: {"name": x.lesson}
        for verb in (
            *("cards", "close", "join-screen", "message", "open", "pause", "poll", "projector"),
            *("rehearse", "report", "resume", "seats", "set", "show"),
        )
    },
    **{
        f"class/{verb}": lambda x: {"name": x.lesson, "seat": "student-bob"}
        for verb in ("reissue", "release", "top-up")
    },
    "class/roster": lambda x: {"name": x.lesson, "file": "Name,Username\nA,a\n"},
    "incident/decide": lambda x: {"id": x.incident, "verdict": "clear", "reason": "x"},
    "incident/show": lambda x: {"id": x.incident},
    "key/new": lambda x: {"name": "x", "person": x.person},
    "key/revoke": lambda x: {"id": x.key},
    "key/set": lambda x: {"id": x.key, "running": 1},
    "member/add": lambda x: {"person": x.person},
    "member/remove": lambda x: {"person": x.person},
    "tripwire/forget": lambda x: {"pattern": x.pattern},
}
"""What a lead names in the own project, by the end of its path."""


def every_route():
    return {
        f"{method} {path}"
        for path, methods in route_paths(app_for_routes(metrics="open"))
        for method in methods
        if method not in {"OPTIONS", "HEAD"}
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there(tmp_path_factory):
    async with two_people(tmp_path_factory.mktemp("box")) as there:
        yield there


on_a_box = pytest.mark.asyncio(loop_scope="module")


def without(answer, *belongings):
    """Status and text of an answer, with every id in it made the same."""
    text = re.sub(r"req_[0-9a-f]+", "ID", answer.text)
    for one in belongings:
        for name in sorted(one.ids, key=len, reverse=True):
            text = text.replace(name, "ID")
    return answer.status_code, text


def test_every_route_is_in_a_table():
    leading = {f"POST /v1/projects/{{project}}/{end}" for end in LEADING}
    known = [NAMES_NOBODY, OWN.keys(), CREATES.keys(), NAMES.keys(), leading]
    assert every_route() - set().union(*known) == set()
    assert set().union(*known) - every_route() == set()


@pytest.mark.slow
@on_a_box
async def test_everybody_has_one_of_everything(there):
    for who in (there.ada, there.bob):
        assert not who.ids & NOTHING.ids
        told = await there.ask(who, "POST", "/v1/me/person/export", {})
        missing = [one for one in who.exported if one not in told.text]
        assert missing == []


@pytest.mark.parametrize("route", NAMES)
@pytest.mark.slow
@on_a_box
async def test_what_another_has_is_answered_as_what_does_not_exist(there, route):
    method = route.split()[0]
    theirs = await there.ask(there.bob, method, *NAMES[route](there.ada))
    nothing = await there.ask(there.bob, method, *NAMES[route](NOTHING))
    assert theirs.status_code == 404
    assert without(theirs, there.ada, NOTHING) == without(nothing, there.ada, NOTHING)


@pytest.mark.parametrize("end", LEADING)
@pytest.mark.slow
@on_a_box
async def test_what_another_project_has_is_not_there_for_a_lead(there, end):
    path = f"/v1/projects/{there.bob.project}/{end}"
    if end == "tripwire/forget":
        declared = {"pattern": "templated", "why": "ours"}
        await there.ask(there.ada, "POST", f"/v1/projects/{there.ada.project}/tripwire/expect", declared)
    theirs = await there.ask(there.bob, "POST", path, LEADING[end](there.ada))
    nothing = await there.ask(there.bob, "POST", path, LEADING[end](NOTHING))
    assert theirs.status_code == 404
    assert without(theirs, there.ada, NOTHING) == without(nothing, there.ada, NOTHING)


@pytest.mark.slow
@on_a_box
async def test_a_project_of_another_is_one_that_does_not_exist_on_every_route(there):
    leads = sorted(one for one in every_route() if "{project}" in one)
    assert len(leads) > 20
    for route in leads:
        method, template = route.split()
        end = template.rpartition("{project}/")[2]
        body = (
            OWN.get(route)
            or CREATES.get(route)
            or (LEADING[end](there.ada) if end in LEADING else {"person": "x"})
        )
        theirs = await there.ask(there.bob, method, template.replace("{project}", there.ada.project), body)
        nothing = await there.ask(there.bob, method, template.replace("{project}", NOTHING.project), body)
        assert theirs.status_code == 404, route
        assert without(theirs, there.ada, NOTHING) == without(nothing, there.ada, NOTHING), route


@pytest.mark.parametrize("route", OWN)
@pytest.mark.slow
@on_a_box
async def test_a_list_has_only_ones_own(there, route):
    method, template = route.split()
    path = template.replace("{project}", there.bob.project)
    answer = await there.ask(there.bob, method, path, OWN[route])
    assert answer.status_code == 200, answer.text
    assert MARK not in answer.text
    assert not [one for one in there.ada.ids if one in answer.text]
    own = await there.ask(there.ada, method, template.replace("{project}", there.ada.project), OWN[route])
    assert own.status_code == 200


@pytest.mark.slow
@on_a_box
async def test_a_key_opens_nothing_of_the_same_person_in_another_project(there):
    first, second = await there.in_both()
    assert len(OF_PROJECTS) == 7
    for who, other in ((first, second), (second, first)):
        for route in OF_PROJECTS:
            method = route.split()[0]
            theirs = await there.ask(who, method, *NAMES[route](other))
            nothing = await there.ask(who, method, *NAMES[route](NOTHING))
            assert theirs.status_code == 404, route
            assert without(theirs, other, NOTHING) == without(nothing, other, NOTHING), route
        lists = [(await there.ask(who, "GET", f"/v1/{one}")).text for one in ("files", "batches", "reports")]
        told = await there.ask(who, "POST", "/v1/me/person/export", {})
        assert told.status_code == 200
        for seen in ("".join(lists), told.text):
            assert not [one for one in (other.file, other.batch, other.report) if one in seen]
            assert not [one for one in (who.file, who.batch, who.report) if one not in seen]
        assert [one.key in told.text for one in (who, other)] == [True, False]
        assert other.project not in told.text


@pytest.mark.parametrize("field", ["person", "project"])
@pytest.mark.slow
@on_a_box
async def test_nobody_says_in_a_body_who_or_where_they_are(there, field):
    value = getattr(there.ada, field)
    for route in sorted(every_route()):
        method, template = route.split()
        if template.startswith("/v1/me/") and method == "POST" and "licenses" not in template:
            answer = await there.ask(there.bob, method, template, {field: value})
            assert answer.status_code == 400, route
            assert MARK not in answer.text.replace(value, "")


@pytest.mark.slow
@on_a_box
async def test_in_the_end_the_first_has_all_that_they_had(there):
    told = await there.ask(there.ada, "POST", "/v1/me/person/export", {})
    assert [one for one in there.ada.exported if one not in told.text] == []
    assert (await there.ask(there.ada, "GET", f"/v1/files/{there.ada.file}/content")).status_code == 200
    shown = await there.ask(there.ada, "POST", "/v1/me/access/show", {"id": there.ada.application})
    assert shown.json()["state"] == "open"


@pytest.mark.slow
@on_a_box
async def test_what_a_lead_did_over_the_network_is_one_row_with_where_it_came_from(there):
    rows = there.gateway.store.audit
    path = f"/v1/projects/{there.ada.project}/budget/set"
    before = await rows.newest(action="budget.set", actor=there.ada.person, since_ms=0, limit=99)
    limit = {"person": there.ada.person, "credits": "77"}
    assert (await there.ask(there.ada, "POST", path, limit)).status_code == 200
    await there.ask(there.ada, "POST", path.replace("set", "show"), {})
    await there.ask(there.ada, "POST", "/v1/me/sample/refuse", {})
    found = await rows.newest(action="budget.set", actor=there.ada.person, since_ms=0, limit=99)
    assert len(found) == len(before) + 1
    row = found[0].row
    assert (row.permission, row.origin, found[0].outcome) == ("lead", "127.0.0.1", "ok")
    assert '"credits":"77"' in row.arguments
    own = await rows.newest(action=None, actor=there.ada.person, since_ms=0, limit=999)
    assert not {one.row.action for one in own} & {"budget.show", "sample.refuse", "person.export"}
    assert (await there.run("audit.verify"))["ok"]
