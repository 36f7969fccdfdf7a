"""Who may have a key made for whom, how many, and for how long; and what one key may have."""

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.days import DAY_MS
from appliance.domain.people import KeyLimits
from appliance.errors import BadRequest, NotAllowed, NotFound, TryAgain
from appliance.policy.issuing import MOST_OWN_KEYS, check_new_key
from tests.people.conftest import ROOT, lead, member


async def test_the_key_of_a_person_acts_as_that_person(seminar):
    issued = await seminar.keys.new(name="x", project="seminar", person="ada", actor=ROOT)
    caller = await seminar.keys.authenticate(issued.key)
    assert (caller.person_id, caller.project_id, caller.holder) == ("ada", "seminar", "ada")


async def test_a_key_without_a_person_is_made_as_ever(lab):
    issued = await lab.keys.new(name="laptop", actor=ROOT)
    assert (await lab.keys.authenticate(issued.key)).holder == issued.id


@pytest.mark.parametrize("person", ["nobody", "carl"])
async def test_a_person_who_does_not_belong_to_the_project_gets_none_in_it(seminar, person):
    await seminar.persons.new(person="carl")
    for actor in (ROOT, lead()):
        with pytest.raises(NotFound, match=r"member add"):
            await seminar.keys.new(name="x", project="seminar", person=person, actor=actor)


async def test_a_lead_says_whose_key_it_is(seminar):
    with pytest.raises(BadRequest):
        await seminar.keys.new(name="x", project="seminar", actor=lead())
    await seminar.keys.new(name="x", project="seminar", person="ada", actor=lead())


async def test_a_lead_makes_no_key_for_somebody_of_another_project_but_for_themself(seminar):
    await seminar.projects.new(project="hospital")
    for person in ("ada", "prof"):
        await seminar.members.add(person=person, project="hospital", actor=ROOT)
    with pytest.raises(NotAllowed, match="not yours to make"):
        await seminar.keys.new(name="x", project="seminar", person="ada", actor=lead())
    await seminar.keys.new(name="x", project="seminar", person="prof", actor=lead())
    await seminar.keys.new(name="x", project="seminar", person="ada", actor=ROOT)


async def test_a_member_makes_ten_and_one_more_once_one_ended(seminar):
    made = [
        await seminar.keys.new(name="x", project="seminar", person="ada", actor=member())
        for _ in range(MOST_OWN_KEYS)
    ]
    with pytest.raises(TryAgain, match="10 keys"):
        await seminar.keys.new(name="x", project="seminar", person="ada", actor=member())
    await seminar.keys.revoke(id=made[0].id, project="seminar", person="ada")
    await seminar.keys.new(name="x", project="seminar", person="ada", actor=member())


async def test_a_key_does_not_outlast_itself_by_making_another_one(seminar):
    first = await seminar.keys.issue(name="x", project="seminar", person="ada", expires_days=3)
    actor = member(key_id=first.key.id)
    for days in (None, 30):
        made = await seminar.keys.new(
            name="y", project="seminar", person="ada", expires_days=days, actor=actor
        )
        assert made.expires_ms == first.key.expires_ms
    short = await seminar.keys.new(name="z", project="seminar", person="ada", expires_days=1, actor=actor)
    assert short.expires_ms == first.key.expires_ms - 2 * DAY_MS


def test_a_member_lays_out_no_canary():
    with pytest.raises(NotAllowed):
        check_new_key(
            Actor("ada", Permission.MEMBER, person="ada"),
            person="ada",
            project="seminar",
            part="member",
            elsewhere=False,
            in_use=0,
            canary=True,
        )


async def test_limits_of_a_key_are_set_shown_and_kept(seminar):
    issued = await seminar.keys.new(
        name="x", project="seminar", person="ada", requests_per_minute=6, running=2, actor=ROOT
    )
    changed = await seminar.keys.change(id=issued.id, project="seminar", tokens_per_minute=100, running=0)
    wanted = KeyLimits(requests_per_minute=6, tokens_per_minute=100)
    assert seminar.keys.key(issued.id).limits == wanted
    assert seminar.key_rows.keys[issued.id].limits == wanted
    assert (changed.keys[0].requests_per_minute, changed.keys[0].running) == (6, 0)
    assert (await seminar.keys.authenticate(issued.key)).key_id == issued.id


async def test_a_key_of_another_project_or_person_is_not_there_for_a_lead_or_member(seminar):
    foreign = await seminar.keys.issue(name="foreign")
    bobs = await seminar.keys.issue(name="bob's", project="seminar", person="bob")
    with pytest.raises(NotFound) as other_project:
        await seminar.keys.revoke(id=foreign.key.id, project="seminar")
    with pytest.raises(NotFound) as other_person:
        await seminar.keys.revoke(id=bobs.key.id, project="seminar", person="ada")
    with pytest.raises(NotFound) as nothing:
        await seminar.keys.revoke(id="key_000000000000", project="seminar", person="ada")
    assert other_project.value.message == other_person.value.message == nothing.value.message
    with pytest.raises(NotFound):
        await seminar.keys.change(id=foreign.key.id, project="seminar", running=1)
    assert seminar.keys.works(foreign.key.id)
    assert seminar.keys.works(bobs.key.id)


async def test_the_list_can_be_of_one_person_in_one_project(seminar):
    mine = await seminar.keys.issue(name="mine", project="seminar", person="ada")
    await seminar.keys.issue(name="bob's", project="seminar", person="bob")
    listed = await seminar.keys.show_all(project="seminar", person="ada")
    assert [one.id for one in listed.keys] == [mine.key.id]
