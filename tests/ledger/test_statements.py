"""Statements and usage: sums of a time, and nothing about fewer people than may be told."""

import csv

import pytest

from appliance.domain.adjustment import AdjustmentKind
from appliance.domain.days import DAY_MS
from appliance.domain.people import ApiKey, Caller
from appliance.errors import BadRequest, NotFound
from appliance.policy.spreadsheets import csv_lines
from tests.ledger.conftest import ADA, BOB, NOBODY, OPERATOR


async def crowd(box, number):
    """So many keys of nobody in particular: each counts as a user."""
    callers = [Caller(f"key_{one}x", "default", "default") for one in range(number)]
    for caller in callers:
        key = ApiKey(caller.key_id, "k", "abcd", "default", "default", 0, None, None)
        await box.store.keys.add(key, caller.key_id.encode().ljust(32))
    return callers


async def test_a_project_statement_adds_up(box):
    first = await box.use(BOB, 100, "tiny")
    box.clock.time_ms += DAY_MS
    await box.use(ADA, 300, "large")
    await box.use(NOBODY, 5000, "tiny")
    await box.hold(BOB, 7)
    await box.corrections.refund(request_id=first, credits="0.00004", reason="Cut.", actor=OPERATOR)
    await box.adjusting.adjust(
        project="nlp", micro=25, kind=AdjustmentKind.BOUNTY, reason="Found.", actor="rev"
    )
    await box.limits.limit(project="nlp", person="bob", credits="1", actor=OPERATOR)
    given = {"project": "nlp", "person": "bob", "credits": "3", "reason": "More.", "actor": OPERATOR}
    asked = await box.asking.ask(**given)
    await box.asking.decide(id=asked.id, approve=True, actor=OPERATOR)
    told = await box.statements.of_project(project="nlp")
    assert (told.spent_micro, told.refunded_micro, told.given_micro) == (400, 40, 25)
    assert {one.group: one.gflop for one in told.by_person} == {"ada": 300, "bob": 100}
    assert {one.group: one.gflop for one in told.by_model} == {"large": 300, "tiny": 100}
    assert [one.gflop for one in told.by_day] == [100, 300]
    assert [(one.kind, one.micro) for one in told.adjustments] == [
        ("refund", 40),
        ("bounty", 25),
        ("grant", 3_000_000),
    ]
    assert (told.budget.spent_micro, told.budget.held_micro, told.budget.granted_micro) == (400, 7, 65)


async def test_a_statement_is_of_its_days_alone(box):
    await box.use(BOB, 100)
    box.clock.time_ms += DAY_MS
    await box.use(BOB, 10)
    day = "2024-10-04"
    assert (await box.statements.of_project(project="nlp", since=day, until=day)).spent_micro == 100
    day = "2024-10-05"
    assert (await box.statements.of_project(project="nlp", since=day, until=day)).spent_micro == 10
    with pytest.raises(BadRequest):
        await box.statements.of_project(project="nlp", since="2024-10-06", until="2024-10-05")
    with pytest.raises(NotFound):
        await box.statements.of_project(project="nobody")


async def test_owners_are_told_of_use_by_enough_people_only(box):
    five = await crowd(box, 5)
    for caller in five:
        await box.use(caller, 10, "tiny")
    for caller in (*five[:3], BOB):
        await box.use(caller, 1000, "large")
    told = await box.statements.of_owners()
    by_owner = {one.owner: one for one in told.owners}
    (tiny,) = by_owner["org/t"].models
    assert (tiny.users, tiny.projects, tiny.requests, tiny.prompt_tokens, tiny.gflop) == (5, 1, 5, 50, 50)
    (large,) = by_owner["org/l"].models
    assert large.model == "large"
    assert {large.users, large.requests, large.gflop, by_owner["org/l"].total.gflop} == {None}
    assert [one.owner for one in (await box.statements.of_owners(owner="org/t")).owners] == ["org/t"]


async def test_what_is_not_told_cannot_be_found_by_subtraction(box):
    five = await crowd(box, 5)
    for caller in five:
        await box.use(caller, 10, "tiny")
    await box.use(BOB, 1000, "tiny@q8")
    (owner,) = (await box.statements.of_owners()).owners
    assert [(one.model, one.gflop) for one in owner.models] == [("tiny", 50), ("tiny@q8", None)]
    assert (owner.total.users, owner.total.requests, owner.total.gflop) == (5, 5, 50)


async def test_usage_can_be_had_for_a_spreadsheet(box):
    await box.use(BOB, 2_500_000)
    report = await box.usage.report(by="person", csv=True)
    (line,) = csv.DictReader(report.csv)
    assert (line["person"], line["requests"], line["gflop"], line["credits"]) == (
        "bob",
        "1",
        "2500000",
        "2.5",
    )
    assert (line["energy_mj"], (await box.usage.report(by="person")).csv) == ("", ())


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_a_cell_is_never_a_formula(cell):
    ((read,),) = list(csv.reader(csv_lines((cell,), [])))
    assert read.startswith("'")


def test_a_cell_has_nothing_that_cannot_be_seen_and_numbers_stay_numbers():
    assert csv_lines(("a,b",), [('x\x1b[2J"y"\nz',), (-5,), (None,)])[1:] == (
        '"x\ufffd[2J""y"" z"',
        "-5",
        '""',
    )
