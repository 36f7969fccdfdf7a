"""What an organization is told of the use of its models elsewhere: sums of a month, never of few people."""

from datetime import UTC, datetime

import pytest

from appliance.errors import BadRequest, NotFound
from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import Received
from appliance.registry.operating.owner_statements import issue_due, issue_statements
from tests.registry.desks import DAY_S


def at(desk, day):
    desk.clock.now_s = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


@pytest.fixture
def owner(desk):
    at(desk, "2026-10-20")
    return desk.box("Owner University", organization="lab-a")


def report(box, **changed):
    box.report(box.record(**{"model": "lab-a.own", "users": 12, **changed}))


def lines_of(desk, box):
    found = [said for kind, said in desk.read(box.sync()) if kind == kinds.STATEMENT]
    return [line for one in found for line in one.lines]


def test_owner_is_told_the_sums_of_all_other_boxes(desk, owner):
    one, other = desk.box("North College"), desk.box("South College")
    report(one, requests=5, input_tokens=50, output_tokens=20, gflop=7)
    report(one, requests=1, input_tokens=2, output_tokens=3, gflop=4, users=0)
    report(other, requests=10, input_tokens=5, output_tokens=5, gflop=5)
    report(owner, requests=1000)
    at(desk, "2026-11-06")
    (issued,) = issue_statements(desk.office, "2026-10")
    assert (issued.organization, issued.boxes) == ("lab-a", 1)
    (line,) = lines_of(desk, owner)
    assert (line.model, line.boxes, line.institutions) == ("lab-a.own", 2, 2)
    assert (line.requests, line.input_tokens, line.output_tokens, line.gflop) == (16, 57, 28, 16)


@pytest.mark.parametrize("users", [0, 9])
def test_what_fewer_than_ten_people_used_is_not_told(desk, owner, users):
    box = desk.box()
    report(box, users=users)
    at(desk, "2026-11-06")
    issue_statements(desk.office, "2026-10")
    (line,) = lines_of(desk, owner)
    assert (line.boxes, line.requests, line.input_tokens, line.output_tokens, line.gflop) == (1, *[None] * 4)


def test_other_models_and_other_months_are_in_no_statement(desk, owner):
    box = desk.box()
    report(box, model="lab-abc.own")
    report(box, model="lab-a")
    report(box, model="demo")
    at(desk, "2026-11-01")
    report(box, requests=3)
    at(desk, "2026-12-06")
    assert issue_statements(desk.office, "2026-10") == []
    (issued,) = issue_statements(desk.office, "2026-11")
    assert issued.lines[0].requests == 3


def test_statement_is_for_the_boxes_of_the_organization_alone(desk, owner):
    box = desk.box()
    report(box)
    second = desk.box("Owner University", organization="lab-a")
    at(desk, "2026-11-06")
    issue_statements(desk.office, "2026-10")
    assert [len(lines_of(desk, one)) for one in (owner, second, box)] == [1, 1, 0]


def test_same_numbers_again_are_the_same_statement_and_others_a_new_one(desk, owner):
    box = desk.box()
    report(box)
    at(desk, "2026-11-06")
    for _ in range(2):
        issue_statements(desk.office, "2026-10")
    first = desk.only(owner.sync(), kinds.STATEMENT)
    owner.say(kinds.RECEIVED, Received, items=(first.jti,))
    issue_statements(desk.office, "2026-10")
    assert lines_of(desk, owner) == []
    late = box.record(model="lab-a.own", users=12, day="2026-10-25", requests=1)
    box.report(late, first_day="2026-10-25")
    issue_statements(desk.office, "2026-10")
    assert desk.only(owner.sync(), kinds.STATEMENT).jti != first.jti


def test_corrections_count(desk, owner):
    box = desk.box()
    report(box, id="c" * 64, requests=5)
    report(box, requests=-2, input_tokens=-30, output_tokens=0, gflop=0, credits_micro=0, adjusts="c" * 64)
    at(desk, "2026-11-06")
    issue_statements(desk.office, "2026-10")
    (line,) = lines_of(desk, owner)
    assert (line.requests, line.input_tokens) == (3, 70)


def test_month_that_is_not_over_has_no_statement(desk, owner):
    for month in ("2026-10", "2027-01", "2026-13", "october"):
        with pytest.raises(BadRequest):
            issue_statements(desk.office, month)


def test_unknown_organization_is_told_so(desk, owner):
    at(desk, "2026-11-06")
    with pytest.raises(NotFound):
        issue_statements(desk.office, "2026-10", "lab-z")


def test_statements_of_the_last_month_are_made_by_themselves_once(desk, owner):
    report(desk.box())
    at(desk, "2026-11-05")
    assert issue_due(desk.office) == []
    desk.clock.now_s += DAY_S
    assert [one.organization for one in issue_due(desk.office)] == ["lab-a"]
    assert issue_due(desk.office) == []
    assert len(lines_of(desk, owner)) == 1
