"""Incidents, declarations and settings of wires come back as they were kept, also from another process."""

from dataclasses import replace

import pytest

from appliance.domain.oversight import DeclaredPattern, Incident, Level, WireSetting
from appliance.errors import NotFound
from appliance.store.store import Store
from tests.store.conftest import NOON_MS

ONE = Incident("inc_1", "burst", "ada", "ada", "default", "key_1", Level.NOTE, 120, 144, 1, 1, 2, 3)
DECIDED = replace(
    ONE,
    id="inc_2",
    level=Level.HOLD,
    state="appealed",
    explained_by="bulk",
    verdict="uphold",
    reason="No.",
    decided_by="uid 0",
    decided_ms=4,
    until_ms=5,
    appeal="Yes.",
    appealed_ms=6,
)
DECLARED = DeclaredPattern("exp_1", "default", "templated", "A study.", "uid 0", NOON_MS, NOON_MS + 9)


async def test_incidents_come_back_whole_after_a_restart(path, clock):
    store = Store.open(path, clock)
    await store.incidents.save([ONE, DECIDED])
    store.close()
    again = Store.open(path, clock)
    assert list(await again.incidents.standing()) == [ONE, DECIDED]
    assert await again.incidents.get("inc_2") == DECIDED
    again.close()


async def test_saving_again_changes_what_may_change_and_no_more(store):
    await store.incidents.save([ONE])
    await store.incidents.save([replace(DECIDED, id="inc_1", wire="other", holder="bob", first_ms=99)])
    assert await store.incidents.get("inc_1") == replace(DECIDED, id="inc_1")


async def test_pages_are_newest_first_and_of_one_project_and_state(store):
    await store.incidents.save([ONE, DECIDED, replace(ONE, id="inc_3", project_id="other")])
    page = store.incidents.page
    assert [one.id for one in await page(project=None, state=None, limit=2)] == ["inc_3", "inc_2"]
    assert [one.id for one in await page(project="default", state=None, limit=9)] == ["inc_2", "inc_1"]
    assert [one.id for one in await page(project=None, state="appealed", limit=9)] == ["inc_2"]
    assert [one.id for one in await page(project="other", state="appealed", limit=9)] == []


async def test_what_expired_does_not_stand(store):
    await store.incidents.save([replace(ONE, state="expired")])
    assert list(await store.incidents.standing()) == []


async def test_an_incident_that_is_not_there_is_not_found(store):
    with pytest.raises(NotFound):
        await store.incidents.get("inc_9")


async def test_a_wire_has_one_setting(store):
    await store.tripwires.set(WireSetting("burst", on=False, threshold=3))
    await store.tripwires.set(WireSetting("burst", hours="1-2"))
    await store.tripwires.set(WireSetting("volume", on=True))
    assert list(await store.tripwires.settings()) == [
        WireSetting("burst", hours="1-2"),
        WireSetting("volume", on=True),
    ]


async def test_a_project_declares_a_pattern_once_until_it_takes_it_back(store):
    await store.tripwires.declare(DECLARED)
    again = replace(DECLARED, id="exp_2", why="Another.", until_ms=None)
    await store.tripwires.declare(again)
    assert list(await store.tripwires.declared()) == [again]
    await store.tripwires.forget("default", "bulk", NOON_MS)
    assert list(await store.tripwires.declared()) == [again]
    await store.tripwires.forget("default", "templated", NOON_MS)
    assert list(await store.tripwires.declared()) == []
