"""Nothing is computed for who is suspended or left, or whose project is over; refusals say what to do."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.days import day_text, end_ms, first_ms
from appliance.domain.people import Caller, Person, Project
from appliance.errors import BadRequest, NotPermitted
from appliance.policy.standing import fault_of
from appliance.services.people.standing import StandingGate, StandingKeys, enforce
from tests.people.conftest import ROOT

NOW = first_ms("2026-11-21", "x") + 1
CALLER = Caller("key_1", "ada", "seminar")
ADA = Person("ada", "Ada", 0)
SEMINAR = Project("seminar", "Seminar", 0)


def fault(person=ADA, project=SEMINAR, part="member", leads=("prof",), caller=CALLER):
    return fault_of(caller, person=person, project=project, part=part, leads=leads, now_ms=NOW)


def test_a_member_of_an_open_project_is_in_good_standing():
    assert fault() is None


@pytest.mark.parametrize(
    ("changes", "rule", "waits_for", "says"),
    [
        ({"person": replace(ADA, ended_ms=NOW)}, "person", "admin", "`carrel person resume ada`"),
        ({"person": replace(ADA, erased_ms=NOW)}, "person", "admin", "nobody any more"),
        ({"person": None}, "person", "admin", "nobody any more"),
        ({"part": None}, "membership", "lead", "(`prof`): `carrel member add ada --project seminar`"),
        ({"part": None, "leads": ()}, "membership", "admin", "who runs the box"),
        ({"project": None}, "project", "admin", "no project `seminar`"),
        ({"project": replace(SEMINAR, closed_ms=NOW)}, "project", "admin", "`carrel project reopen seminar`"),
        ({"project": replace(SEMINAR, starts_ms=NOW + 1)}, "project", "", "begins on 2026-11-21"),
        (
            {"project": replace(SEMINAR, ends_ms=NOW)},
            "project",
            "admin",
            "`carrel project set seminar --ends",
        ),
    ],
)
def test_each_fault_names_its_rule_whom_it_waits_for_and_the_command(changes, rule, waits_for, says):
    found = fault(**changes)
    assert (found.rule, found.waits_for) == (rule, waits_for)
    assert says in found.message


def test_a_project_is_open_from_the_first_moment_of_its_first_day_to_the_last_of_its_last():
    day = replace(SEMINAR, starts_ms=first_ms("2026-11-21", "starts"), ends_ms=end_ms("2026-11-21", "ends"))
    moments = [day.starts_ms - 1, day.starts_ms, day.ends_ms - 1, day.ends_ms]
    found = [
        fault_of(CALLER, person=ADA, project=day, part="member", leads=(), now_ms=now) is None
        for now in moments
    ]
    assert found == [False, True, True, False]
    assert day_text(day.ends_ms - 1) == "2026-11-21"


@pytest.mark.parametrize("text", ["", "21.11.2026", "2026-13-01", "2026-02-30", "tomorrow", "2026-1-1"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(BadRequest) as refusal:
        first_ms(text, "ends")
    assert refusal.value.param == "ends"


def test_a_key_of_nobody_in_particular_belongs_to_its_project_all_the_same():
    nobody = Caller("key_1", "default", "seminar")
    assert fault(person=Person("default", "default", 0), part=None, caller=nobody) is None


async def test_an_outsider_does_not_even_see_what_was_theirs(seminar):
    caller = Caller("key_1", "ada", "seminar")
    await seminar.persons.end(person="ada")
    with pytest.raises(NotPermitted):
        seminar.standing.check(caller)
    seminar.standing.check(caller, belonging_only=True)
    await seminar.persons.resume(person="ada")
    await seminar.members.remove(person="ada", project="seminar", actor=ROOT)
    with pytest.raises(NotPermitted):
        seminar.standing.check(caller, belonging_only=True)


async def test_the_gate_refuses_with_the_rule(seminar):
    class Asked:
        caller = Caller("key_1", "ada", "seminar")

    gate, asked = StandingGate(seminar.standing), Asked()
    assert gate.let(asked) is asked
    await seminar.projects.close(project="seminar")
    with pytest.raises(NotPermitted) as refusal:
        gate.let(asked)
    assert refusal.value.details == {"rule": {"name": "project", "waits_for": "admin"}}


async def test_work_overnight_is_for_keys_in_good_standing(seminar):
    issued = await seminar.keys.issue(name="x", project="seminar", person="ada")
    working = StandingKeys(seminar.keys.caller_of, seminar.standing)
    assert working.works(issued.key.id)
    await seminar.persons.end(person="ada")
    assert not working.works(issued.key.id)
    await seminar.persons.resume(person="ada")
    await seminar.keys.revoke(id=issued.key.id)
    assert not working.works(issued.key.id)


class Runs:
    """What is computed, by caller."""

    def __init__(self, *callers):
        self.callers = list(callers)
        self.errors = {}

    def end_where(self, refused):
        for caller in list(self.callers):
            if (error := refused(caller)) is not None:
                self.callers.remove(caller)
                self.errors[caller.person_id] = error


async def test_what_runs_ends_at_the_next_look_whatever_the_reason(seminar):
    runs = Runs(Caller("key_1", "ada", "seminar"), Caller("key_2", "bob", "seminar"))
    looks = []

    async def sleep(_seconds):
        looks.append([one.person_id for one in runs.callers])
        match len(looks):
            case 1:
                await seminar.persons.end(person="ada")
            case 2:
                await seminar.projects.change(project="seminar", ends="2000-01-01")
            case 3:
                raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await enforce(seminar.standing, runs, sleep)
    assert looks == [["ada", "bob"], ["bob"], []]
    assert {name: error.details["rule"]["name"] for name, error in runs.errors.items()} == {
        "ada": "person",
        "bob": "project",
    }
