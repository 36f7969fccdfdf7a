"""Signed catalogs as operators see them, and keeping them fresh by itself."""

import asyncio

import pytest

from appliance.domain.catalogs import CatalogState, ListedRecipe, NotListed, RefreshOutcome, RoleState
from appliance.errors import BadRequest, StorageUnavailable
from appliance.outbound.switch import Switch
from appliance.services.catalogs.catalogs import CatalogService
from appliance.services.catalogs.keeping import HOUR_S, keep_fresh
from tests.admin.fake_box import SilentLog

STATE = CatalogState(
    name="lab",
    place="/media/stick",
    prefix="",
    freshness="stale",
    reason="it has expired",
    roles=(RoleState("targets", 3, 1000, "fresh"), RoleState("org.uni", 0, 0, "unverifiable")),
    recipes=(ListedRecipe("a", 1, "", "stale", "0" * 64), ListedRecipe("uni.b", 2, "uni", "stale", "0" * 64)),
    left_out=(NotListed("org.uni", "nothing was published"),),
)


class FakeSigned:
    """Refreshes with what it was told."""

    def __init__(self):
        self.asked = []
        self.outcomes = [RefreshOutcome("lab", "refreshed", came=("a 1",))]
        self.error = None

    def states(self):
        return (STATE,)

    def refresh(self, name=None, mirror=None):
        self.asked.append((name, mirror and str(mirror)))
        if self.error:
            raise self.error
        return tuple(self.outcomes)


class FakeCatalog:
    def __init__(self):
        self.reloads = 0

    def reload(self):
        self.reloads += 1


@pytest.fixture
def signed():
    return FakeSigned()


@pytest.fixture
def catalog():
    return FakeCatalog()


@pytest.fixture
def log():
    return SilentLog()


@pytest.fixture
def service(signed, catalog, log):
    return CatalogService(signed, catalog, log)


async def test_all_that_is_known_is_shown(service):
    (shown,) = (await service.show()).catalogs
    assert (shown.name, shown.freshness, shown.reason) == ("lab", "stale", "it has expired")
    assert [(one.role, one.expires_ms) for one in shown.roles] == [("targets", 1000), ("org.uni", None)]
    assert [(one.id, one.signed_by) for one in shown.recipes] == [("a", "targets"), ("uni.b", "uni")]
    assert [one.what for one in shown.left_out] == ["org.uni"]


async def test_what_was_fetched_counts_at_once(service, signed, catalog):
    answer = await service.refresh(name="lab", mirror="/media/stick")
    assert [(one.name, one.outcome, one.came) for one in answer.catalogs] == [("lab", "refreshed", ("a 1",))]
    assert (signed.asked, catalog.reloads) == ([("lab", "/media/stick")], 1)


async def test_a_folder_is_named_from_the_root(service, signed):
    with pytest.raises(BadRequest, match="absolute"):
        await service.refresh(name=None, mirror="stick")
    assert signed.asked == []


async def test_a_refresh_that_fails_still_has_the_catalog_read(service, signed, catalog):
    signed.error = StorageUnavailable("The disk is full.")
    with pytest.raises(StorageUnavailable):
        await service.refresh(name=None, mirror=None)
    assert catalog.reloads == 1


async def test_changes_and_refusals_are_logged_and_a_missing_network_is_not(service, signed, log):
    signed.outcomes = [
        RefreshOutcome("a", "offline", "no network"),
        RefreshOutcome("b", "refused", "wrong key"),
        RefreshOutcome("c", "refreshed"),
        RefreshOutcome("d", "refreshed", went=("x 1",)),
    ]
    await service.bring()
    assert [(level, event, fields["catalog"]) for level, event, fields in log.records] == [
        ("warning", "catalog_refused", "b"),
        ("info", "catalog_changed", "d"),
    ]


class Hours:
    """Sleeps that are counted, and an end after so many."""

    def __init__(self, most):
        self.slept = []
        self.most = most

    async def __call__(self, seconds):
        self.slept.append(seconds)
        if len(self.slept) > self.most:
            raise TimeoutError


async def run_for(service, log, hours, every_h, switch=None):
    sleep = Hours(hours)
    with pytest.raises(TimeoutError):
        await keep_fresh(service, every_h=every_h, switch=switch or Switch(), sleep=sleep, log=log)
    return sleep.slept


async def test_catalogs_are_fetched_every_so_many_hours_and_looked_at_each_hour(
    service, signed, catalog, log
):
    slept = await run_for(service, log, 80, every_h=24)
    assert len(signed.asked) in {3, 4}
    assert catalog.reloads == 80
    assert slept[0] < 600
    assert set(slept[1:]) == {HOUR_S}


async def test_a_box_that_shall_not_fetch_only_looks_at_its_clock(service, signed, catalog, log):
    await run_for(service, log, 30, every_h=0)
    assert (signed.asked, catalog.reloads) == ([], 30)


async def test_an_offline_box_only_looks_and_asks_at_once_when_it_is_back(service, signed, catalog, log):
    switch = Switch()
    await switch.set(True, "ann", 1)
    await run_for(service, log, 30, every_h=1, switch=switch)
    assert (signed.asked, catalog.reloads) == ([], 30)

    async def sleep(_seconds):
        if not signed.asked:
            await switch.set(False, "ann", 2)
            await asyncio.Event().wait()
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await keep_fresh(service, every_h=1000, switch=switch, sleep=sleep, log=log)
    assert len(signed.asked) == 1


async def test_trouble_with_the_disk_is_logged_and_tried_again(service, signed, log):
    signed.error = StorageUnavailable("The disk is full.")
    await run_for(service, log, 60, every_h=1)
    assert len(signed.asked) > 20
    assert {event for _, event, _ in log.records} == {"catalogs_not_kept"}
