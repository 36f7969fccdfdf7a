"""Alerts: one matter is told once an hour, on every way, until it is told; and nothing ever waits for it."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.alerts import Alert, AlertLevel, Sign
from appliance.errors import OutboundFailed, StorageUnavailable
from appliance.outbound.switch import Switch
from appliance.policy.alerting import MOST_TRIES, joins, pause_s
from appliance.services.alerts import alerts as alerts_module
from appliance.services.alerts.alerts import Alerts
from appliance.services.alerts.looking import Lookout
from appliance.services.alerts.sinks import MailSink, WebhookSink
from tests.admin.fake_box import SilentLog
from tests.services.conftest import StillClock

DISK = Sign("disk", "data", AlertLevel.WARN, "100 MiB are free.", "carrel doctor")
HOUR_MS = 3_600_000


class Way:
    def __init__(self, name="mail through a.lab"):
        self.name = name
        self.told: list[Alert] = []
        self.refuses = False

    async def tell(self, alert):
        if self.refuses:
            raise OutboundFailed("a.lab cannot be reached.", trouble="unreachable")
        self.told.append(alert)


class Table:
    def __init__(self):
        self.rows: dict[str, Alert] = {}
        self.refuses = False

    async def keep(self, alert):
        if self.refuses:
            raise StorageUnavailable("full")
        self.rows[alert.id] = alert

    async def waiting(self):
        return [one for one in self.rows.values() if one.state == "waiting"]

    async def recent(self, limit):
        return list(self.rows.values())[:limit]

    async def expire(self, before_ms):
        return 0


class Desk:
    def __init__(self, ways=1, least=AlertLevel.NOTE, table=None, switch=None):
        self.switch = switch or Switch()
        self.clock, self.table, self.log = StillClock(), table or Table(), SilentLog()
        self.ways = [Way(f"way {number}") for number in range(ways)]
        self.alerts = Alerts(
            self.table, self.ways, least=least, switch=self.switch, clock=self.clock, log=self.log
        )

    @property
    def rows(self):
        return list(self.table.rows.values())


async def test_an_alert_is_told_on_every_way_and_written_down():
    desk = Desk(ways=2)
    desk.alerts.tell(DISK)
    assert desk.rows == []
    await desk.alerts.look()
    assert [len(way.told) for way in desk.ways] == [1, 1]
    (row,) = desk.rows
    assert (row.state, row.sign, row.times, row.told) == ("delivered", DISK, 1, 1)


async def test_an_offline_box_tells_nothing_counts_no_tries_and_tells_it_at_once_when_it_is_back():
    desk = Desk()
    await desk.switch.set(True, "ann", 1)
    desk.alerts.tell(DISK)
    for _ in range(MOST_TRIES + 1):
        await desk.alerts.look()
        desk.clock.time_ms += HOUR_MS
    assert (desk.ways[0].told, desk.rows[0].state) == ([], "waiting")
    assert len(desk.alerts.waiting_since_ms) == 1
    await desk.switch.set(False, "ann", 2)
    await desk.alerts.look()
    assert (len(desk.ways[0].told), desk.rows[0].state) == (1, "delivered")
    assert desk.alerts.waiting_since_ms == []


async def test_an_alert_that_was_cut_waits_no_longer_than_the_box_is_offline():
    desk = Desk()
    desk.ways[0].refuses = True
    desk.alerts.tell(DISK)
    await desk.alerts.look()
    await desk.switch.set(True, "ann", 1)
    desk.ways[0].refuses = False
    running = asyncio.create_task(desk.alerts.run(lambda _: asyncio.Event().wait()))
    await desk.switch.set(False, "ann", 2)
    while not desk.ways[0].told:
        await asyncio.sleep(0)
    running.cancel()


async def test_one_matter_is_told_once_an_hour_and_then_how_often_it_was_seen():
    desk = Desk()
    for _ in range(5):
        desk.alerts.tell(DISK)
        await desk.alerts.look()
    desk.alerts.tell(replace(DISK, subject="models"))
    await desk.alerts.look()
    (way,) = desk.ways
    assert [(one.sign.subject, one.times) for one in way.told] == [("data", 1), ("models", 1)]
    desk.clock.time_ms += HOUR_MS
    await desk.alerts.look()
    assert [(one.sign.subject, one.times) for one in way.told][2:] == [("data", 5)]
    desk.clock.time_ms += HOUR_MS
    await desk.alerts.look()
    assert len(way.told) == 3
    desk.alerts.tell(DISK)
    await desk.alerts.look()
    assert way.told[3].times == 1


async def test_what_got_worse_is_told_at_once():
    desk = Desk()
    desk.alerts.tell(DISK)
    await desk.alerts.look()
    desk.alerts.tell(replace(DISK, level=AlertLevel.URGENT))
    await desk.alerts.look()
    assert [one.sign.level for one in desk.ways[0].told] == ["warn", "urgent"]


async def test_a_way_that_fails_is_tried_again_later_and_the_others_are_not():
    desk = Desk(ways=2)
    bad, good = desk.ways
    bad.refuses = True
    desk.alerts.tell(DISK)
    await desk.alerts.look()
    assert (len(good.told), desk.rows[0].state) == (1, "waiting")
    assert desk.rows[0].why == "way 0: a.lab cannot be reached."
    bad.refuses = False
    await desk.alerts.look()
    assert bad.told == []
    desk.clock.time_ms += int(pause_s(1) * 1000)
    await desk.alerts.look()
    assert (len(good.told), len(bad.told), desk.rows[0].state) == (1, 1, "delivered")


async def test_a_way_that_never_works_is_given_up_with_the_reason():
    desk = Desk()
    desk.ways[0].refuses = True
    desk.alerts.tell(DISK)
    for number in range(MOST_TRIES):
        await desk.alerts.look()
        desk.clock.time_ms += int(pause_s(number + 1) * 1000)
    assert (desk.rows[0].state, desk.rows[0].why) == ("failed", "way 0: a.lab cannot be reached.")
    assert 23 < sum(pause_s(tries) for tries in range(1, MOST_TRIES)) / 3600 < 25


async def test_what_is_below_the_level_or_has_nowhere_to_go_is_kept_and_says_so():
    desk = Desk(least=AlertLevel.URGENT)
    desk.alerts.tell(DISK)
    await desk.alerts.look()
    assert (desk.rows[0].state, desk.rows[0].why) == ("kept", "below `alert_level`")
    nowhere = Desk(ways=0)
    nowhere.alerts.tell(DISK)
    await nowhere.alerts.look()
    assert (nowhere.rows[0].state, "nowhere" in nowhere.rows[0].why) == ("kept", True)


async def test_what_was_not_told_is_told_after_a_restart():
    desk = Desk()
    desk.ways[0].refuses = True
    desk.alerts.tell(DISK)
    await desk.alerts.look()
    again = Desk(table=desk.table)
    await again.alerts.load()
    await again.alerts.look()
    assert [one.sign for one in again.ways[0].told] == [DISK]
    assert again.rows[0].state == "delivered"


async def test_more_than_it_can_hold_is_left_out_and_nobody_waits(monkeypatch):
    monkeypatch.setattr(alerts_module, "MOST_HELD", 3)
    desk = Desk()
    for number in range(9):
        desk.alerts.tell(replace(DISK, subject=str(number)))
    await desk.alerts.look()
    assert len(desk.ways[0].told) == 3
    assert [one[1] for one in desk.log.records].count("alert_left_out") == 6


async def test_a_disk_that_refuses_keeps_no_alert_from_being_told():
    desk = Desk()
    desk.table.refuses = True
    desk.alerts.tell(DISK)
    await desk.alerts.look()
    assert len(desk.ways[0].told) == 1
    desk.table.refuses = False
    await desk.alerts.look()
    assert [one.state for one in desk.rows] == ["delivered"]


async def test_it_is_told_as_soon_as_somebody_notices():
    desk = Desk()
    never = asyncio.Event()
    running = asyncio.create_task(desk.alerts.run(pause=lambda _seconds: never.wait()))
    await asyncio.sleep(0)
    desk.alerts.tell(DISK)
    async with asyncio.timeout(5):
        while not desk.rows:
            await asyncio.sleep(0)
    running.cancel()
    assert len(desk.ways[0].told) == 1


async def test_a_test_alert_says_what_came_of_it_way_by_way():
    desk = Desk(ways=2)
    desk.ways[1].refuses = True
    told = await desk.alerts.test()
    assert not told.ok
    assert [(one.way, one.reason) for one in told.tried] == [
        ("way 0", ""),
        ("way 1", "a.lab cannot be reached."),
    ]
    assert not (await Desk(ways=0).alerts.test()).ok
    assert (await Desk().alerts.test()).ok


def test_signs_of_one_matter_within_an_hour_are_one_alert():
    alert = Alert("alr_1", DISK, 1, 5, 5)
    assert joins(alert, DISK, 5 + HOUR_MS - 1)
    assert not joins(alert, DISK, 5 + HOUR_MS)
    assert not joins(alert, replace(DISK, subject="models"), 5)
    assert not joins(alert, replace(DISK, level=AlertLevel.URGENT), 5)
    assert joins(alert, replace(DISK, level=AlertLevel.NOTE), 5)


class Told:
    def __init__(self):
        self.signs = []

    def tell(self, sign):
        self.signs.append(sign)


async def test_what_goes_on_is_told_when_it_begins_and_again_after_a_day():
    clock, told, found = StillClock(), Told(), [DISK]

    async def probe():
        return found

    lookout = Lookout([probe], told, clock, SilentLog())
    for _ in range(3):
        await lookout.look()
    assert told.signs == [DISK]
    clock.time_ms += 24 * HOUR_MS
    await lookout.look()
    assert len(told.signs) == 2
    found.clear()
    await lookout.look()
    found.append(DISK)
    await lookout.look()
    assert len(told.signs) == 3
    found[0] = replace(DISK, level=AlertLevel.URGENT)
    await lookout.look()
    assert told.signs[3].level == "urgent"


async def test_a_probe_that_fails_keeps_nobody_from_hearing_of_the_others():
    told, log = Told(), SilentLog()

    async def fails():
        raise StorageUnavailable("full")

    async def works():
        return [DISK]

    await Lookout([fails, works], told, StillClock(), log).look()
    assert told.signs == [DISK]
    assert [one[1] for one in log.records] == ["probe_failed"]


class Sent:
    host = "a.lab"

    def __init__(self):
        self.sent = []

    async def send(self, *what):
        self.sent.append(what)


ALERT = Alert("alr_1", replace(DISK, subject="da\nta"), 3, 1_790_000_000_000, 1_790_000_000_000)


async def test_a_mail_says_what_since_when_and_the_next_command_and_no_more():
    mail, clock = Sent(), StillClock()
    sink = MailSink(mail, "box.lab", clock)
    assert sink.name == "mail through a.lab"
    await sink.tell(ALERT)
    ((subject, text, _),) = mail.sent
    assert subject == "[carrel] warn: disk da ta"
    for part in ("100 MiB are free.", "carrel doctor", "box.lab", "seen 3 times", "alr_1"):
        assert part in text


async def test_a_webhook_is_told_the_same_as_json():
    hook = Sent()
    await WebhookSink(hook, "box.lab").tell(ALERT)
    ((body,),) = hook.sent
    assert b'"object":"carrel.alert","box":"box.lab","id":"alr_1","kind":"disk"' in body


@pytest.mark.parametrize(("tries", "seconds"), [(1, 15), (2, 30), (5, 240), (9, 3600), (14, 3600)])
def test_pauses_grow_to_an_hour(tries, seconds):
    assert pause_s(tries) == seconds
