"""Persons, members and keys as rows; a database from before there were any is brought along."""

import pytest
from sqlite_utils import Database

from appliance.domain.people import KeyLimits, Membership, Person, Role
from appliance.errors import Conflict
from appliance.store import migrations
from appliance.store.store import Store

DIGEST = bytes(range(32))


async def test_everything_that_a_person_is_comes_back(store):
    added = Person("ada", "Ada", 5, "ada@x.org", Role.REVIEWER, "alovelace", 7, 8)
    await store.people.add(added)
    assert (await store.people.all())[1] == added
    changed = Person("ada", "", 5)
    await store.people.change(changed)
    assert (await store.people.all())[1] == changed


async def test_an_id_and_a_user_of_the_machine_are_of_one_person(store):
    await store.people.add(Person("ada", "Ada", 5, login="alovelace"))
    await store.people.add(Person("bob", "Bob", 5))
    with pytest.raises(Conflict) as taken:
        await store.people.add(Person("ada", "again", 5))
    assert taken.value.param == "person"
    for job in (
        store.people.add(Person("carl", "Carl", 5, login="alovelace")),
        store.people.change(Person("bob", "Bob", 5, login="alovelace")),
    ):
        with pytest.raises(Conflict) as taken:
            await job
        assert taken.value.param == "login"
    await store.people.change(Person("ada", "Ada", 5, login="alovelace"))


async def test_a_membership_is_there_once_and_keeps_its_day(store):
    await store.people.add(Person("ada", "Ada", 5))
    await store.members.put(Membership("default", "ada", "member", 5))
    await store.members.put(Membership("default", "ada", "lead", 9))
    assert list(await store.members.all()) == [Membership("default", "ada", "lead", 5)]
    await store.members.remove("default", "ada")
    await store.members.remove("default", "ada")
    assert list(await store.members.all()) == []


async def test_limits_and_canaries_come_back(store, make_key):
    key = make_key(limits=KeyLimits(1, 2, 3, 4), canary=True)
    await store.keys.add(key, DIGEST)
    assert (await store.keys.all())[0] == key
    await store.keys.set_limits("key_1", KeyLimits(running=9))
    ((_, found),) = await store.keys.usable()
    assert found.limits == KeyLimits(running=9)


async def test_a_box_from_before_persons_keeps_its_keys_and_projects(path, clock, monkeypatch):
    steps = migrations._STEPS
    before = {name: step for name, step in steps.items() if name < "0014"}
    monkeypatch.setattr(migrations, "_STEPS", before)
    Store.open(path, clock).close()
    old = Database(path)
    old.execute("INSERT INTO project (id, name, created_ms, weight) VALUES ('nlp', 'Languages', 5, 3)")
    old.execute("INSERT INTO budget (project_id) VALUES ('nlp')")
    old.execute(
        "INSERT INTO key (id, name, last4, digest, person_id, project_id, created_ms)"
        " VALUES ('key_1', 'laptop', 'abcd', ?, 'default', 'nlp', 6)",
        [DIGEST],
    )
    old.conn.commit()
    old.close()
    monkeypatch.setattr(migrations, "_STEPS", steps)
    store = Store.open(path, clock)
    project = (await store.projects.all())[1]
    assert (project.weight, project.kind, project.tags, project.ends_ms) == (3, "research", (), None)
    ((digest, key),) = await store.keys.usable()
    assert (digest, key.id, key.limits, key.canary) == (DIGEST, "key_1", KeyLimits(), False)
    assert [(one.id, one.role) for one in await store.people.all()] == [("default", Role.MEMBER)]
    store.close()
