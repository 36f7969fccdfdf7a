"""Arguments that do not fit the table are refused with a 400 before any handler sees them."""

import pytest

from appliance.errors import BadRequest
from tests.admin.fake_box import raw_client

BAD = [
    ("key.new", {}, "name"),
    ("key.new", {"name": ""}, "name"),
    ("key.new", {"name": "x" * 101}, "name"),
    ("key.new", {"name": 7}, "name"),
    ("key.new", {"name": "x", "extra": 1}, None),
    ("key.new", {"name": "x", "expires_days": 0}, "expires_days"),
    ("key.new", {"name": "x", "expires_days": -1}, "expires_days"),
    ("key.new", {"name": "x", "expires_days": 3651}, "expires_days"),
    ("key.new", {"name": "x", "expires_days": "5"}, "expires_days"),
    ("key.new", {"name": "x", "expires_days": True}, "expires_days"),
    ("budget.set", {"credits": "-1"}, "credits"),
    ("budget.set", {"credits": "1e9"}, "credits"),
    ("budget.set", {"credits": "nan"}, "credits"),
    ("budget.set", {"credits": "9" * 41}, "credits"),
    ("budget.set", {"credits": 1}, "credits"),
    ("budget.set", {"credits": "1\n"}, "credits"),
    ("usage", {"by": "weather"}, "by"),
    ("model.list", {"all": "yes"}, "all"),
]
BODIES = [
    b"[1]",
    b"\xff",
    b'{"name": "\xff"}',
    b"[" * 60_000,
    b'{"name":' * 5000,
    b"{",
    b"null",
    b'"x"',
    b"7",
]


@pytest.mark.parametrize(("name", "arguments", "param"), BAD)
def test_a_bad_argument_is_refused_by_its_name(box, client, name, arguments, param):
    with pytest.raises(BadRequest) as refused:
        client.run(name, arguments)
    assert refused.value.code == "invalid_request"
    if param != "name" or arguments:
        assert refused.value.param == param
    assert box.handlers.calls == []


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_no_json_object_is_refused(box, body):
    with raw_client(box) as http:
        answer = http.post("/admin/v1/key/new", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_request"
    assert box.handlers.calls == []


def test_a_body_over_the_limit_is_not_read(box):
    with raw_client(box) as http:
        answer = http.post("/admin/v1/key/new", content=b'{"name": "' + b"x" * 70_000 + b'"}')
    assert answer.status_code == 413


def test_no_body_is_no_arguments(box):
    with raw_client(box) as http:
        assert http.post("/admin/v1/project/list").status_code == 200


def test_a_refusal_says_what_the_argument_may_be(client):
    with pytest.raises(BadRequest, match="`expires_days` of key new must be a whole number from 1 to 3650"):
        client.run("key.new", {"name": "x", "expires_days": 0})
