"""Keys, projects, budgets and wanted models: what goes in comes out."""

import pytest

from appliance.domain.people import Project
from appliance.domain.running import RunWishes
from appliance.domain.usage import Budget
from appliance.errors import Conflict, NotFound

DIGEST = bytes(range(32))


async def test_a_new_box_has_the_default_project_without_limit(store, clock):
    assert list(await store.projects.all()) == [Project("default", "default", clock.now_ms())]
    assert await store.budgets.get("default") == Budget("default", None, 0, 0)


async def test_a_key_comes_back_as_it_went_in(store, make_key):
    key = make_key(expires_ms=5)
    await store.keys.add(key, DIGEST)
    assert list(await store.keys.all()) == [key]
    assert list(await store.keys.usable()) == [(DIGEST, key)]


async def test_keys_are_listed_by_project(store, make_key, clock):
    await store.projects.add(Project("nlp", "Language group", clock.now_ms()))
    await store.keys.add(make_key("key_1"), DIGEST)
    await store.keys.add(make_key("key_2", project="nlp"), DIGEST[::-1])
    assert [key.id for key in await store.keys.all("nlp")] == ["key_2"]
    assert [key.id for key in await store.keys.all()] == ["key_1", "key_2"]


async def test_the_first_revocation_counts(store, make_key):
    await store.keys.add(make_key(), DIGEST)
    assert (await store.keys.revoke("key_1", 7)).revoked_ms == 7
    assert (await store.keys.revoke("key_1", 9)).revoked_ms == 7
    assert list(await store.keys.usable()) == []


async def test_revoking_an_unknown_key_is_not_found(store):
    with pytest.raises(NotFound):
        await store.keys.revoke("key_0", 7)


async def test_a_new_project_has_an_account_without_limit(store):
    await store.projects.add(Project("nlp", "Language group", 5))
    assert await store.budgets.get("nlp") == Budget("nlp", None, 0, 0)


async def test_a_project_id_is_given_once(store):
    with pytest.raises(Conflict):
        await store.projects.add(Project("default", "again", 5))
    assert [project.name for project in await store.projects.all()] == ["default"]


async def test_everything_that_a_project_is_comes_back(store):
    await store.projects.add(Project("nlp", "Language group", 5))
    changed = Project(
        "nlp",
        "Languages",
        5,
        weight=3,
        shares_prefixes=True,
        kind="course",
        purpose="Seminar",
        tags=("health", "children"),
        starts_ms=1,
        ends_ms=2,
        closed_ms=3,
    )
    await store.projects.change(changed)
    assert (await store.projects.all())[1] == changed


async def test_a_limit_is_set_and_taken_away(store):
    assert (await store.budgets.set_limit("default", 10)).limit_micro == 10
    assert await store.budgets.set_limit("default", None) == await store.budgets.get("default")


@pytest.mark.parametrize("touch", ["get", "set_limit"])
async def test_the_budget_of_no_project_is_not_found(store, touch):
    arguments = ("nobody",) if touch == "get" else ("nobody", 5)
    with pytest.raises(NotFound):
        await getattr(store.budgets, touch)(*arguments)


async def test_wanted_models_are_a_set_in_order(store, clock):
    for model in ("b", "a", "b", "c"):
        clock.time_ms += 1
        await store.wanted_models.add(model)
    await store.wanted_models.remove("a")
    await store.wanted_models.remove("unknown")
    assert list(await store.wanted_models.all()) == ["b", "c"]


WISHES = [
    RunWishes(),
    RunWishes(2, 30, 4096, (0, 3), deterministic=True),
    RunWishes(gpus=()),
]


@pytest.mark.parametrize("wishes", WISHES)
async def test_how_a_model_should_run_comes_back_as_it_went_in(store, wishes):
    await store.wanted_models.add("a", wishes)
    assert await store.wanted_models.all() == {"a": wishes}


async def test_wanting_a_model_again_changes_the_wishes_and_not_its_place(store):
    for model, wishes in (("a", WISHES[1]), ("b", WISHES[0]), ("a", WISHES[2])):
        await store.wanted_models.add(model, wishes)
    assert list((await store.wanted_models.all()).items()) == [("a", WISHES[2]), ("b", WISHES[0])]


async def test_released_gpus_are_a_set(store):
    for gpu in (3, 0, 3):
        await store.released_gpus.add(gpu)
    await store.released_gpus.remove(0)
    await store.released_gpus.remove(7)
    assert await store.released_gpus.all() == {3}


async def test_sql_in_a_name_is_only_a_name(store):
    name = "x'); DROP TABLE budget; --"
    await store.projects.add(Project("nlp", name, 5))
    assert (await store.projects.all())[1].name == name
    assert await store.budgets.get("default")
