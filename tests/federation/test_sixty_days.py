"""Sixty days without the registry: leased models follow their leases to the second, open ones never stop, and
all of it heals when the registry is back.
"""

import pytest

from appliance.domain.people import Caller
from appliance.federation.protocol import kinds
from appliance.policy.licenses import Act
from tests.federation.leased_box import DAY_S, HOUR_S, NOON_S

ADA = Caller("key_a", "ada", "course")
LIST_ENDS, LEASE_ENDS, LAPSES = 7 * DAY_S, 30 * DAY_S, 44 * DAY_S
SERVED, NOT_NEW, NOT_AT_ALL = "pull load answer", "load answer", ""


def lets(box, model):
    recipe, form = box.catalog.find(model)
    return " ".join(act.value for act in Act if box.permits.decision(recipe, act, ADA, form).allowed)


async def at(box, second):
    """So many seconds after the last sync, as the task beside the gateway sees it."""
    box.clock.passes(NOON_S + second - box.clock.wall_s)
    await box.look()
    return lets(box, "leased"), lets(box, "finish"), lets(box, "free")


async def last_sync(box):
    """``leased`` has a place in the status list, ``finish`` has none."""
    await box.hears(box.lease(status=3))
    await box.hears(box.lease("finish"))
    await box.hears(box.status_list({}, days=7), kinds.STATUS_LIST)


async def test_serving_follows_the_lease_rules_to_the_second(box):
    await last_sync(box)
    assert await at(box, 0) == (SERVED, SERVED, SERVED)
    assert await at(box, LIST_ENDS - 1) == (SERVED, SERVED, SERVED)
    assert await at(box, LIST_ENDS) == (NOT_NEW, SERVED, SERVED)
    assert await at(box, LEASE_ENDS - 1) == (NOT_NEW, SERVED, SERVED)
    assert await at(box, LEASE_ENDS) == (NOT_NEW, NOT_NEW, SERVED)
    assert await at(box, LAPSES - 1) == (NOT_NEW, NOT_NEW, SERVED)
    assert box.served.ended == []
    assert await at(box, LAPSES) == (NOT_AT_ALL, NOT_AT_ALL, SERVED)
    # One license ends what runs at the lapse, the other one lets it finish for four hours.
    assert {model for model, _ in box.served.ended} == {"leased"}
    await at(box, LAPSES + 4 * HOUR_S - 1)
    assert {model for model, _ in box.served.ended} == {"leased"}
    assert await at(box, LAPSES + 4 * HOUR_S) == (NOT_AT_ALL, NOT_AT_ALL, SERVED)
    assert {model for model, _ in box.served.ended} == {"leased", "finish"}


@pytest.mark.slow
async def test_every_hour_of_sixty_days_with_a_restart_every_week(box):
    await last_sync(box)
    for hour in range(1, 60 * 24 + 1):
        if hour % (7 * 24) == 0:
            await box.restart()
        second = hour * HOUR_S
        expected = SERVED if second < LIST_ENDS else NOT_NEW if second < LAPSES else NOT_AT_ALL
        plain = SERVED if second < LEASE_ENDS else NOT_NEW if second < LAPSES else NOT_AT_ALL
        assert await at(box, second) == (expected, plain, SERVED), hour
    assert box.time.words().state == "sound"
    assert {model for model, _ in box.served.ended} == {"leased", "finish"}
    assert box.served.stopped == []


async def test_when_the_registry_is_back_it_is_asked_once_and_everything_heals(box):
    await last_sync(box)
    for model in ("leased", "finish"):
        box.models.install(box.catalog.find(model)[0])
    for day in range(1, 61):
        await at(box, day * DAY_S)
        await box.requester.compose()
    [waiting] = await box.store.outbox.waiting()
    assert (waiting.kind, waiting.summary) == (kinds.LEASE_REQUEST, "leases of leased, finish")
    await box.hears(box.lease(status=3))
    await box.hears(box.lease("finish"))
    await box.hears(box.status_list({}, days=7), kinds.STATUS_LIST)
    await box.store.outbox.done(waiting.id, box.clock.now_ms())
    assert await at(box, 60 * DAY_S) == (SERVED, SERVED, SERVED)
    assert box.served.started == ["leased", "finish"]
    await box.requester.compose()
    assert await box.store.outbox.waiting() == []
