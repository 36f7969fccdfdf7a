"""Persons: added, changed, suspended and back; their users on this machine, and what those may do."""

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.errors import BadRequest, Conflict, NotAllowed, NotFound
from appliance.policy.operators import operator_of

OWN = 990


async def test_a_new_person_is_shown_with_their_projects(lab):
    await lab.projects.new(project="seminar")
    added = (await lab.persons.new(person="ada", name="Ada", project="seminar", lead=True)).people[0]
    assert (added.id, added.name, added.state, added.role) == ("ada", "Ada", "active", "member")
    assert added.projects == ("seminar",)
    assert lab.directory.leads("seminar") == ("ada",)
    shown = await lab.persons.show(person="ada")
    assert [(one.project, one.part) for one in shown.memberships] == [("seminar", "lead")]
    assert shown.keys_in_use == 0


async def test_an_id_is_given_once(lab):
    await lab.persons.new(person="ada")
    with pytest.raises(Conflict):
        await lab.persons.new(person="ada")


@pytest.mark.parametrize("id", ["", "Ada", "a b", "../x", "-ada", ".", "n" * 65, "ada\n", "naïve"])
async def test_an_id_of_another_form_is_refused(lab, id):
    with pytest.raises(BadRequest):
        await lab.persons.new(person=id)


@pytest.mark.parametrize("id", ["default", "key_0123456789ab"])
async def test_nobody_is_called_as_nobody_or_as_a_key_is(lab, id):
    with pytest.raises(BadRequest, match="meaning of its own"):
        await lab.persons.new(person=id)


@pytest.mark.parametrize("email", ["ada", "ada@", "@x", "a b@x.org", "ada@x.org\n", "ada@x.org,bob@x.org"])
async def test_what_is_no_address_is_refused(lab, email):
    with pytest.raises(BadRequest):
        await lab.persons.new(person="ada", email=email)


async def test_a_person_of_an_unknown_project_is_not_added(lab):
    with pytest.raises(NotFound):
        await lab.persons.new(person="ada", project="nothing")
    assert lab.directory.person("ada") is None


async def test_what_is_set_holds_and_the_rest_stays(lab):
    await lab.persons.new(person="ada", name="Ada", email="ada@x.org", login="alovelace")
    changed = (await lab.persons.change(person="ada", name="Ada L.", email="none")).people[0]
    assert (changed.name, changed.email, changed.login) == ("Ada L.", "", "alovelace")
    assert (await lab.persons.change(person="ada", login="none")).people[0].login == ""


async def test_nobody_in_particular_is_not_suspended(lab):
    with pytest.raises(NotAllowed, match="nobody in particular"):
        await lab.persons.end(person="default")


async def test_the_first_suspension_counts_and_one_command_ends_it(lab):
    await lab.persons.new(person="ada")
    first = (await lab.persons.end(person="ada")).people[0]
    lab.clock.time_ms += 1000
    assert (await lab.persons.end(person="ada")).people[0] == first
    assert first.state == "suspended"
    assert (await lab.persons.resume(person="ada")).people[0].state == "active"


async def test_somebody_who_is_not_there_is_not_found(lab):
    for verb in (lab.persons.end, lab.persons.resume, lab.persons.change, lab.persons.show):
        with pytest.raises(NotFound):
            await verb(person="ada")


async def test_the_list_can_be_of_one_project(seminar):
    await seminar.persons.new(person="carl")
    assert [one.id for one in (await seminar.persons.show_all()).people] == [
        "default",
        "prof",
        "ada",
        "bob",
        "carl",
    ]
    assert [one.id for one in (await seminar.persons.show_all(project="seminar")).people] == [
        "prof",
        "ada",
        "bob",
    ]


async def test_a_role_counts_for_the_user_of_the_machine(lab):
    await lab.persons.new(person="ada", login="alovelace", role="reviewer")
    assert operator_of(1001, OWN, lab.logins.known()) == Actor("uid 1001", Permission.REVIEW, person="ada")
    assert operator_of(1002, OWN, lab.logins.known()) == Actor("uid 1002", Permission.READ)
    await lab.persons.change(person="ada", role="admin")
    assert operator_of(1001, OWN, lab.logins.known()).permission is Permission.ADMIN
    await lab.persons.end(person="ada")
    assert operator_of(1001, OWN, lab.logins.known()) == Actor("uid 1001", Permission.READ)


async def test_root_stays_who_they_are_and_may_be_a_person_too(lab):
    lab.users = {"root": 0}
    await lab.persons.new(person="ada", login="root")
    assert operator_of(0, OWN, lab.logins.known()) == Actor("uid 0", Permission.ADMIN, person="ada")


async def test_a_user_that_the_machine_does_not_have_is_refused(lab):
    with pytest.raises(BadRequest) as refusal:
        await lab.persons.new(person="ada", login="nobody-here")
    assert refusal.value.param == "login"
    assert lab.directory.person("ada") is None


async def test_who_was_suspended_while_names_were_looked_up_gets_nothing(lab):
    await lab.persons.new(person="ada", login="alovelace", role="admin")
    before, lab.users = lab.users, {}

    class Slow(dict):
        def get(self, login, default=None):
            found = lab.directory.person("ada")
            lab.directory.put_person(
                type(found)(**{name: getattr(found, name) for name in found.__slots__} | {"ended_ms": 1})
            )
            return before.get(login)

    lab.users = Slow()
    await lab.logins.refresh()
    assert lab.logins.known() == {}
