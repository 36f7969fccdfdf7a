"""What a box remembers of models that its lab gives to others."""

from dataclasses import replace

from appliance.domain.sharing import FetchedShare, KeptStatement, SentList
from appliance.store.organization_lists import KEPT

LIST = SentList(
    id="msg_1",
    organization="lab-a",
    version=1,
    expires_ms=5,
    metadata=b"\x00signed\xff",
    files=(("org/lab-a/lab-a.own/1.toml", b"id = 1\n\xff"),),
    sent_ms=3,
)


async def test_the_newest_list_comes_back_byte_for_byte(store):
    assert await store.sharing.lists.newest() is None
    await store.sharing.lists.add(LIST)
    assert await store.sharing.lists.newest() == LIST
    await store.sharing.lists.queued("msg_1")
    await store.sharing.lists.refused("msg_1", "not-yours: no")
    assert await store.sharing.lists.newest() == replace(LIST, queued=True, refused="not-yours: no")


async def test_old_lists_are_forgotten_and_the_newest_counts(store):
    for version in range(1, KEPT + 6):
        await store.sharing.lists.add(replace(LIST, id=f"msg_{version}", version=version))
    assert (await store.sharing.lists.newest()).version == KEPT + 5
    rows = await store.sharing.lists._reader.run(
        lambda database: list(database.query("SELECT version FROM organization_list ORDER BY seq"))
    )
    assert [row["version"] for row in rows] == list(range(6, KEPT + 6))


async def test_what_a_box_fetched_in_a_day_is_one_row(store):
    fetch = FetchedShare("lab-a.own", "box", "2026-11-21", 1, 100)
    for one in (fetch, fetch, replace(fetch, day="2026-11-22"), replace(fetch, model="lab-a.other")):
        await store.sharing.fetches.add(one)
    assert await store.sharing.fetches.of("lab-a.own") == [
        replace(fetch, day="2026-11-22"),
        replace(fetch, requests=2, size_bytes=200),
    ]


async def test_statements_of_a_month_newest_first_and_each_once(store):
    first = KeptStatement("stm_1", "lab-a", "2026-10-01", "token", "key", 1)
    later = replace(first, id="stm_2", signed_ms=2)
    other = replace(first, id="stm_3", first_day="2026-11-01")
    for one in (first, other, later, replace(first, token="another")):
        await store.sharing.statements.add(one)
    assert await store.sharing.statements.newest(10) == [other, later, first]
    assert await store.sharing.statements.newest(10, "2026-10") == [later, first]
    assert await store.sharing.statements.newest(1) == [other]
