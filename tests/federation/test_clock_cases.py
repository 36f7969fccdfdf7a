"""A clock that was set wrong lengthens no lease, and ends none for good."""

import pytest

from appliance.errors import IntegrityFailed
from appliance.federation.protocol import kinds
from tests.federation.leased_box import DAY_S, HOUR_S, NOON_S, YEAR_S

NOTHING = 0


async def leased(box, **changed):
    await box.hears(box.lease(**changed))
    return box.leases.counting("leased")


async def test_a_box_that_no_registry_ever_signed_for_goes_by_its_clock(box):
    for wall_s in (NOON_S, 1, NOON_S + 100 * YEAR_S):
        box.clock.set_wall(wall_s)
        assert box.time.now_ms() == wall_s * 1000
        assert (box.time.words().state, box.time.suspect, box.time.alarms()) == ("sound", False, ())
    await box.time.keep()
    assert await box.store.leasing.times.read() is None


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("back_s", [DAY_S, YEAR_S], ids=["a day", "a year"])
async def test_a_clock_set_back_lengthens_no_lease(box, back_s, restarted):
    lease = await leased(box, grace_s=0)
    box.clock.passes(29 * DAY_S)
    assert box.state() == "valid"
    box.clock.set_wall(box.clock.wall_s - back_s)
    if restarted:
        await box.restart()
    assert box.time.words().state == "behind"
    assert "earlier than it can be" in box.time.alarms()[0]
    # A clock that cannot be right serves and begins nothing new.
    assert box.state() == "clock-suspect"
    left_s = lease.until_ms / 1000 - box.time.now_ms() / 1000
    assert left_s == pytest.approx(DAY_S, abs=1)
    box.clock.passes(left_s - 1)
    assert box.state() == "clock-suspect"
    box.clock.passes(1)
    assert box.state() == "lapsed"


async def test_a_clock_set_a_hundred_years_ahead_while_the_box_runs_is_not_followed(box):
    await leased(box)
    box.clock.set_wall(NOON_S + 100 * YEAR_S)
    assert box.time.words().state == "ahead"
    assert (box.state(), box.time.now_ms()) == ("clock-suspect", NOON_S * 1000)
    box.clock.passes(HOUR_S)
    assert box.time.now_ms() == (NOON_S + HOUR_S) * 1000
    box.clock.set_wall(NOON_S + HOUR_S)
    assert (box.time.words().state, box.state()) == ("sound", "valid")


async def test_a_clock_a_hundred_years_ahead_at_the_start_ends_no_lease_for_good(box):
    await leased(box)
    box.clock.reboot(off_s=100 * YEAR_S)
    await box.restart()
    assert (box.time.words().state, box.state()) == ("unconfirmed", "lapsed")
    assert "36500 days past" in box.time.words().trouble
    box.clock.passes(DAY_S)
    await box.restart()
    box.clock.set_wall(NOON_S + DAY_S)
    assert (box.time.words().state, box.state()) == ("sound", "valid")
    await box.restart()
    assert box.state() == "valid"
    assert box.time.now_ms() == pytest.approx((NOON_S + DAY_S) * 1000, abs=1000)


async def test_a_dead_battery_at_1970_lengthens_no_lease_and_the_mended_clock_is_followed(box):
    await leased(box, grace_s=0)
    box.clock.passes(20 * DAY_S)
    await box.time.keep()
    known_ms = box.time.now_ms()
    box.clock.reboot(wall_s=NOTHING)
    await box.open()
    assert (box.time.now_ms(), box.time.words().state) == (known_ms, "behind")
    assert box.state() == "clock-suspect"
    box.clock.passes(60)
    # The network tells the time: it was off for eleven days.
    box.clock.set_wall(NOON_S + 31 * DAY_S)
    assert (box.time.words().state, box.state()) == ("unconfirmed", "lapsed")
    await box.hears(box.lease())
    assert (box.time.words().state, box.state()) == ("sound", "valid")


async def test_a_dead_battery_keeps_no_box_from_what_its_registry_signs_now(box):
    await leased(box)
    now_s = NOON_S + 90 * DAY_S
    box.clock.reboot(wall_s=NOTHING)
    await box.open()
    await box.hears(box.lease(at_s=now_s))
    assert box.state() == "clock-suspect"
    assert box.time.now_ms() == now_s * 1000


async def test_what_is_signed_far_ahead_of_a_sound_clock_is_refused(box):
    await leased(box)
    with pytest.raises(IntegrityFailed, match="in the future"):
        await box.hears(box.lease(at_s=NOON_S + 301))
    await box.hears(box.lease(at_s=NOON_S + 300))
    assert box.time.now_ms() == (NOON_S + 300) * 1000


async def test_a_weekend_without_power_is_believed_and_a_summer_is_told(box):
    await leased(box)
    box.clock.reboot(off_s=36 * HOUR_S)
    await box.open()
    assert (box.time.words().state, box.state()) == ("sound", "valid")
    await box.time.keep()
    box.clock.reboot(off_s=10 * DAY_S)
    await box.open()
    assert (box.time.words().state, box.state()) == ("unconfirmed", "valid")
    assert box.time.alarms() == ()
    box.clock.set_wall(box.clock.wall_s - 10 * DAY_S)
    assert box.time.now_ms() == (NOON_S + 36 * HOUR_S) * 1000


async def test_time_that_the_machine_counts_while_the_gateway_is_down_is_not_lost(box):
    await leased(box)
    await box.time.keep()
    box.close()
    box.clock.passes(5 * DAY_S)
    box.clock.set_wall(NOON_S)
    await box.open()
    assert box.time.now_ms() == (NOON_S + 5 * DAY_S) * 1000


async def test_a_registry_sets_a_floor_that_was_too_high(box):
    await leased(box, at_s=NOON_S + 200)
    box.clock.set_wall(NOON_S + 36 * HOUR_S)
    await box.restart()
    box.clock.set_wall(NOON_S)
    assert (box.time.words().state, box.state()) == ("behind", "clock-suspect")
    reset = box.time_reset(NOON_S)
    await box.hears(reset, kinds.TIME_RESET)
    assert (box.time.words().state, box.time.now_ms()) == ("sound", NOON_S * 1000)
    await box.restart()
    assert box.time.now_ms() == NOON_S * 1000


async def test_an_old_time_reset_that_turns_up_again_sets_nothing_back(box):
    old, new = box.time_reset(NOON_S), box.time_reset(NOON_S + DAY_S)
    await box.hears(old, kinds.TIME_RESET)
    box.clock.passes(DAY_S)
    await box.hears(new, kinds.TIME_RESET)
    await box.restart()
    await box.hears(old, kinds.TIME_RESET)
    box.clock.set_wall(NOON_S)
    assert box.time.now_ms() == (NOON_S + DAY_S) * 1000


async def test_the_time_is_written_down_while_the_box_runs(box):
    await leased(box)
    box.clock.passes(HOUR_S)

    async def once(seconds):
        raise TimeoutError(seconds)

    with pytest.raises(TimeoutError, match="600"):
        await box.time.run(once)
    kept = await box.store.leasing.times.read()
    assert (kept.floor_ms, kept.signed_ms) == ((NOON_S + HOUR_S) * 1000, NOON_S * 1000)
