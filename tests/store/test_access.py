"""Texts, signatures and applications stay for good; grants one at a time; stages as they are now."""

from dataclasses import replace

import pytest

from appliance.domain.access import Agreement, Application, EarlyStage, Grant, Signature
from appliance.domain.people import Person

SHA = "a1" * 32
SIGNED = Signature("sig_1", "conduct", SHA, "ada", "default", False, "ada", "10.0.0.1", 5, "record")
ASKED = Application("app_1", "default", "ada", "m", "", "Uni", "A study.", "none", SHA, applied_ms=5, days=30)


@pytest.fixture
async def people(store):
    for one in ("ada", "bob"):
        await store.people.add(Person(one, one, 1))


async def test_a_text_and_its_signatures_come_back_as_they_went_in(store, people):
    texts = [
        Agreement("conduct", SHA, "Be good.", 1, 1, "release"),
        Agreement("conduct", "b2" * 32, "Be better.", 2, 9, "lab"),
    ]
    for one in texts:
        await store.agreements.publish(one)
    signed = [SIGNED, replace(SIGNED, id="sig_2", person="", for_project=True, who="Dr. A")]
    for one in signed:
        await store.agreements.sign(one)
    assert list(await store.agreements.versions()) == texts
    assert list(await store.agreements.signatures()) == signed


async def test_an_application_comes_back_with_its_decision_and_only_the_first_one_counts(store, people):
    other = replace(ASKED, id="app_2", person_id="bob", model="", tier="approved", applied_ms=6)
    for one in (ASKED, other):
        await store.applications.add(one)
    assert list(await store.applications.open()) == [ASKED, other]
    decided = replace(
        ASKED, state="approved", decided_ms=9, decided_by="bob", reason="Fine.", conditions="No.", until_ms=99
    )
    assert await store.applications.decide(decided)
    assert not await store.applications.decide(replace(decided, state="denied"))
    assert await store.applications.get("app_1") == decided
    assert await store.applications.get("app_9") is None
    assert list(await store.applications.open()) == [other]
    assert list(await store.applications.of_person("ada")) == [decided]
    assert list(await store.applications.of_person("ada", since_ms=6)) == []


async def test_a_project_has_one_grant_for_a_model_and_one_for_a_tier(store):
    first = Grant("m", "default", None, 1, id="grt_1")
    last = Grant("m", "default", 8, 3, "", "grt_2", "No.", "Fine.", "bob", "app_1", self_approved=True)
    tiers = [Grant("", "default", 9, 2, tier, f"grt_{tier}") for tier in ("approved", "restricted")]
    for one in (first, *tiers, last):
        await store.grants.give(one)
    assert list(await store.grants.all()) == [*tiers, last]


async def test_a_revoked_grant_is_gone_stays_in_the_table_and_can_be_given_again(store):
    grant = Grant("m", "default", None, 1, id="grt_1")
    await store.grants.give(grant)
    await store.grants.revoke(grant, 4)
    await store.grants.revoke(grant, 5)
    assert list(await store.grants.all()) == []
    await store.grants.give(replace(grant, granted_ms=6))
    assert list(await store.grants.all()) == [replace(grant, granted_ms=6)]
    rows = await store._reader.run(
        lambda db: list(db.query("SELECT ended_ms FROM access_grant ORDER BY seq"))
    )
    assert [row["ended_ms"] for row in rows] == [4, None]


async def test_a_stage_is_remembered_with_its_people_until_it_ends(store, people):
    stage = EarlyStage("m", 36, 99, ("ada", "bob"))
    await store.early_stages.put(replace(stage, people=("ada",)), 1)
    await store.early_stages.put(stage, 2)
    assert await store.early_stages.all() == [stage]
    left = replace(stage, most=10, people=("bob",))
    await store.early_stages.put(left, 3)
    assert await store.early_stages.all() == [left]
    await store.early_stages.end("m")
    assert await store.early_stages.all() == []


async def test_statements_of_registries_are_kept_by_kind_and_the_first_of_an_id_counts(store):
    await store.leases.add("one", "lease.1", 1)
    await store.leases.add("one", "lease.2", 2)
    await store.countersignatures.add("one", "yes.1", 3)
    assert list(await store.leases.all()) == ["lease.1"]
    assert list(await store.countersignatures.all()) == ["yes.1"]
