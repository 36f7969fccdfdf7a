"""Acceptances stay for good, grants one at a time."""

from dataclasses import replace

from appliance.domain.license import Acceptance, Grant

FIRST = Acceptance("acc_1", "m", "a1" * 32, "", "Dr. A", "head", "study", 5, "record")


async def test_an_acceptance_comes_back_as_it_went_in(store):
    personal = replace(FIRST, id="acc_2", person="ada")
    for one in (FIRST, personal):
        await store.acceptances.add(one)
    assert list(await store.acceptances.all()) == [FIRST, personal]


async def test_a_withdrawal_leaves_the_row_and_the_first_one_counts(store):
    other = replace(FIRST, id="acc_2")
    for one in (FIRST, other):
        await store.acceptances.add(one)
    await store.acceptances.withdraw(["acc_1"], 7)
    await store.acceptances.withdraw(["acc_1", "acc_2"], 9)
    assert [one.withdrawn_ms for one in await store.acceptances.all()] == [7, 9]


async def test_a_project_has_one_grant_for_a_model_and_the_last_one_counts(store):
    await store.grants.give(Grant("m", "default", None, 1))
    await store.grants.give(Grant("other", "default", 9, 2))
    await store.grants.give(Grant("m", "default", 8, 3))
    assert list(await store.grants.all()) == [Grant("other", "default", 9, 2), Grant("m", "default", 8, 3)]


async def test_a_revoked_grant_is_gone_and_can_be_given_again(store):
    await store.grants.give(Grant("m", "default", None, 1))
    await store.grants.revoke("m", "default", 4)
    await store.grants.revoke("m", "default", 5)
    assert list(await store.grants.all()) == []
    await store.grants.give(Grant("m", "default", None, 6))
    assert list(await store.grants.all()) == [Grant("m", "default", None, 6)]


async def test_what_ended_stays_in_the_table(store):
    await store.grants.give(Grant("m", "default", None, 1))
    await store.grants.give(Grant("m", "default", None, 2))
    await store.grants.revoke("m", "default", 3)
    rows = await store._reader.run(
        lambda db: list(db.query("SELECT ended_ms FROM access_grant ORDER BY seq"))
    )
    assert [row["ended_ms"] for row in rows] == [2, 3]
