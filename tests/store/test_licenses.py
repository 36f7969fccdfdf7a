"""Acceptances stay for good."""

from dataclasses import replace

from appliance.domain.license import Acceptance

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
