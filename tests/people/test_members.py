"""Who belongs to a project: operators say so, and its leads, who cannot lock the project up."""

import pytest

from appliance.errors import NotAllowed, NotFound
from tests.people.conftest import ROOT, lead


async def test_a_member_joins_and_leaves(lab):
    await lab.projects.new(project="seminar")
    await lab.persons.new(person="ada")
    assert lab.told(await lab.members.add(person="ada", project="seminar", actor=ROOT)) == [("ada", "member")]
    assert lab.directory.part("seminar", "ada") == "member"
    assert lab.told(await lab.members.remove(person="ada", project="seminar", actor=ROOT)) == []
    assert lab.directory.part("seminar", "ada") is None
    assert lab.rows.rows == {}


async def test_another_part_keeps_the_day_on_which_somebody_joined(seminar):
    seminar.clock.time_ms += 5000
    listed = await seminar.members.add(person="ada", project="seminar", actor=lead(), lead=True)
    assert seminar.told(listed) == [("prof", "lead"), ("ada", "lead"), ("bob", "member")]
    assert {one.since_ms for one in listed.members} == {seminar.clock.time_ms - 5000}


async def test_a_lead_makes_another_one_and_may_then_go(seminar):
    with pytest.raises(NotAllowed, match="last lead"):
        await seminar.members.remove(person="prof", project="seminar", actor=lead())
    with pytest.raises(NotAllowed, match="last lead"):
        await seminar.members.add(person="prof", project="seminar", actor=lead())
    await seminar.members.add(person="ada", project="seminar", actor=lead(), lead=True)
    await seminar.members.remove(person="prof", project="seminar", actor=lead())
    assert seminar.directory.leads("seminar") == ("ada",)


async def test_an_operator_may_leave_a_project_without_a_lead(seminar):
    await seminar.members.remove(person="prof", project="seminar", actor=ROOT)
    assert seminar.directory.leads("seminar") == ()


@pytest.mark.parametrize(("person", "project"), [("nobody", "seminar"), ("ada", "nothing")])
async def test_who_and_what_is_not_there_is_not_found(seminar, person, project):
    for verb in (seminar.members.add, seminar.members.remove):
        with pytest.raises(NotFound):
            await verb(person=person, project=project, actor=ROOT)


async def test_nobody_in_particular_is_no_member(seminar):
    with pytest.raises(NotAllowed):
        await seminar.members.add(person="default", project="seminar", actor=ROOT)


async def test_who_leaves_is_out_even_where_the_disk_refuses(seminar):
    async def refuse(*_):
        raise OSError

    seminar.rows.remove = refuse
    with pytest.raises(OSError):
        await seminar.members.remove(person="ada", project="seminar", actor=ROOT)
    assert seminar.directory.part("seminar", "ada") is None


async def test_people_of_other_projects_are_not_there_for_a_lead(seminar):
    await seminar.projects.new(project="hospital")
    await seminar.persons.new(person="carl", project="hospital")
    await seminar.persons.new(person="free")
    with pytest.raises(NotFound) as elsewhere:
        await seminar.members.add(person="carl", project="seminar", actor=lead())
    with pytest.raises(NotFound) as nobody:
        await seminar.members.add(person="nobody", project="seminar", actor=lead())
    assert elsewhere.value.message == nobody.value.message
    await seminar.members.add(person="free", project="seminar", actor=lead())
    await seminar.members.add(person="carl", project="seminar", actor=ROOT)
    assert seminar.directory.part("seminar", "carl") == "member"
