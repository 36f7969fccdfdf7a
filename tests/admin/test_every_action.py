"""Every action of the gateway is a route whose answer is the action's result."""

import msgspec
import pytest

from appliance.domain.action import Kind
from tests.admin.fake_box import GATEWAY_ACTIONS, raw_client, sample, status

EXAMPLES = {Kind.TEXT: "one", Kind.INTEGER: 5, Kind.DECIMAL: "0.5", Kind.FLAG: True, Kind.FILE: "one"}


def example(argument):
    if argument.kind is Kind.INTEGER:
        return max(EXAMPLES[argument.kind], argument.least)
    return argument.choices[-1] if argument.choices else EXAMPLES[argument.kind]


@pytest.mark.parametrize("action", GATEWAY_ACTIONS, ids=lambda one: one.name)
def test_an_action_gets_its_arguments_and_answers_its_result(box, client, action):
    arguments = {one.name: example(one) for one in action.arguments}
    answer = client.run(action.name, arguments)
    assert answer == (status() if action.name == "status" else sample(action.result))
    assert box.handlers.calls == [(action.name, arguments)]


@pytest.mark.parametrize("action", GATEWAY_ACTIONS, ids=lambda one: one.name)
def test_an_action_fills_in_the_defaults_of_the_table(box, client, action):
    required = {one.name: example(one) for one in action.arguments if one.required}
    client.run(action.name, required)
    (_, given) = box.handlers.calls[0]
    assert given == {one.name: required.get(one.name, one.default) for one in action.arguments}


@pytest.mark.parametrize("action", GATEWAY_ACTIONS, ids=lambda one: one.name)
def test_the_table_that_is_served_has_the_action_and_its_route(box, action):
    with raw_client(box) as http:
        table = http.get("/admin/v1/actions").json()["actions"]
        (described,) = [one for one in table if one["name"] == action.name]
        assert described["permission"] == action.permission
        assert [one["name"] for one in described["arguments"]] == [one.name for one in action.arguments]
        body = msgspec.json.encode({one.name: example(one) for one in action.arguments})
        assert http.post(described["path"], content=body).status_code == 200


def test_local_actions_have_no_route(box):
    with raw_client(box) as http:
        answer = http.post("/admin/v1/doctor", json={})
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert answer.headers["x-request-id"] == answer.json()["error"]["request_id"]


def test_what_was_changed_is_logged_with_the_uid_and_without_arguments(box, client):
    client.run("status")
    client.run("key.new", {"name": "secret label"})
    (record,) = box.log.records
    assert record[:2] == ("info", "action")
    assert record[2]["action"] == "key.new"
    assert "secret label" not in repr(record)
