"""``offline …``: who switched it, what waits for the network, and that models follow the switch."""

import asyncio

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.federation import OutboxCount, SyncTimes
from appliance.errors import StorageUnavailable
from appliance.federation.protocol import kinds
from appliance.outbound.switch import Reason, Switch
from appliance.services.outside.following import Following
from appliance.services.outside.offline import OfflineService
from appliance.services.outside.waiting import Waiting
from tests.admin.fake_box import SilentLog
from tests.services.conftest import StillClock

ANN = Actor("uid 7", Permission.ADMIN, person="ann")


class Outbox:
    def __init__(self):
        self.rows = []

    async def counts(self):
        return self.rows


class Disk:
    def __init__(self):
        self.kept = SyncTimes()

    async def times(self):
        return self.kept


class Desk:
    """A box that belongs to a registry, with nothing to say."""

    def __init__(self):
        self.clock, self.outbox, self.disk = StillClock(), Outbox(), Disk()
        self.member, self.reasons, self.catalogs, self.why = object(), [], 0, ""
        self.since = {"downloads": [], "alerts": [], "applications": []}
        self.switch = Switch(others=lambda: self.reasons)

    def service(self, every_h=6, catalogs_h=24):
        waiting = Waiting(
            self.switch,
            self.outbox,
            self.disk,
            membership=lambda: self.member,
            every_h=every_h,
            catalogs=lambda: self.catalogs,
            catalogs_h=catalogs_h,
            clock=self.clock,
            **{name: lambda name=name: self.since[name] for name in self.since},
        )
        return OfflineService(self.switch, waiting.all, unreached=lambda: self.why, clock=self.clock)

    async def waits(self, **given):
        return {one.what: one for one in (await self.service(**given).show()).waits}


async def test_who_switches_it_stands_in_the_answer_and_what_else_holds_does_too():
    desk = Desk()
    service = desk.service()
    told = await service.turn_on(actor=ANN)
    assert (told.offline, told.since_ms) == (True, desk.clock.now_ms())
    assert told.because == ("It was switched offline by ann; `carrel offline off` ends that.",)
    desk.reasons.append(Reason("The class latin goes on.", 5))
    told = await service.turn_off(actor=ANN)
    assert (told.offline, told.since_ms, told.because) == (True, 5, ("The class latin goes on.",))
    assert service.line() == "The class latin goes on."
    desk.reasons.clear()
    assert (await service.show()).offline is False


async def test_a_box_that_is_online_and_reaches_nobody_says_so_and_stays_online():
    desk = Desk()
    assert desk.service().line() == ""
    desk.why = "No sync went through for 5 h."
    assert (desk.service().line(), desk.service().offline) == ("No sync went through for 5 h.", False)


async def test_messages_are_told_by_what_they_are_with_the_oldest():
    desk = Desk()
    desk.outbox.rows = [
        OutboxCount(kinds.USAGE_BATCH, "waiting", 3, 50),
        OutboxCount(kinds.CHECK_ANSWER, "waiting", 1, 40),
        OutboxCount(kinds.USAGE_BATCH, "refused", 9, 1),
        OutboxCount(kinds.LETTER, "waiting", 2, 70),
        OutboxCount(kinds.SYNC, "waiting", 1, 80),
        OutboxCount(kinds.ROTATE, "waiting", 1, 90),
    ]
    waits = await desk.waits()
    assert {what: (one.count, one.oldest_ms) for what, one in waits.items()} == {
        "sync": (1, None),
        "usage reports": (4, 40),
        "letters": (2, 70),
        "messages": (1, 90),
    }


async def test_what_becomes_of_it_depends_on_whether_the_box_may_ask():
    desk = Desk()
    desk.outbox.rows = [OutboxCount(kinds.LETTER, "waiting", 1, 70)]
    desk.disk.kept = SyncTimes(next_ms=desk.clock.now_ms() + 90 * 60_000, good_ms=60)
    waits = await desk.waits()
    assert waits["letters"].next == "They leave with the next sync, which is in 90 min."
    assert waits["sync"].oldest_ms == 60
    by_hand = (await desk.waits(every_h=0))["sync"]
    assert by_hand.next == "The next one is yours: `carrel fed sync`, or a stick."
    await desk.switch.set(True, "ann", 1)
    waits = await desk.waits()
    assert waits["sync"].next == "The next one comes by itself once the box is online."


async def test_downloads_alerts_applications_and_catalogs_wait_too():
    desk = Desk()
    desk.since = {"downloads": [30, 20], "alerts": [9], "applications": [8, 7]}
    desk.catalogs = 2
    waits = await desk.waits()
    assert {what: (one.count, one.oldest_ms) for what, one in waits.items() if what != "sync"} == {
        "downloads": (2, 20),
        "alerts": (1, 9),
        "applications": (2, 7),
    }
    await desk.switch.set(True, "ann", 1)
    assert (await desk.waits())["catalogs"].count == 2
    assert "catalogs" not in await desk.waits(catalogs_h=0)


async def test_a_box_of_no_registry_waits_for_none():
    desk = Desk()
    desk.member = None
    desk.since["alerts"] = [9]
    assert set(await desk.waits()) == {"alerts"}


class Models:
    def __init__(self):
        self.followed = asyncio.Queue()
        self.refuses = False

    async def follow(self, *, offline):
        await self.followed.put(offline)
        if self.refuses:
            raise StorageUnavailable("Full.")


async def test_models_follow_each_change_and_trouble_ends_nothing():
    switch, models, log = Switch(), Models(), SilentLog()
    models.refuses = True
    following = asyncio.create_task(Following(switch, models, log).run())
    for on in (True, False, True):
        await switch.set(on, "ann", 1)
        assert await models.followed.get() is on
    following.cancel()
    await asyncio.wait([following])
    assert {event for _, event, _ in log.records} == {"models_did_not_follow"}


@pytest.mark.parametrize("name", ["offline.on", "offline.off", "offline.show"])
def test_every_action_has_its_handler(name):
    assert name in Desk().service().handlers()
