"""Each tripwire is touched at its threshold and not one before, and forgets when its time is over."""

from dataclasses import replace

import pytest

from appliance.domain.oversight import Trip, WireSetting
from appliance.policy.tripwires.addresses import hashed_address
from appliance.policy.tripwires.counters import Counters, KeyCounters
from appliance.policy.tripwires.seen import FULL, OWN_ONLY, PackHit, Seen
from appliance.policy.tripwires.wires import (
    ADDRESSES,
    BURST,
    CLASSIFIER,
    HARVEST,
    NEAR_EQUAL,
    OFF_HOURS,
    VOLUME,
    WIRES,
    Wire,
    as_set,
)

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOON = 20_000 * DAY + 12 * HOUR


def wires(name: str, threshold: int, **more: object) -> dict[str, Wire]:
    found = next(one for one in WIRES if one.id == name)
    return {name: replace(found, threshold=threshold, on=True, **more)}


def trips(counters, on, seens):
    return [trip for seen in seens for trip in counters.note(seen, on)]


def words(number: int, *, slot: int = 10) -> tuple[int, ...]:
    """A sentence of twelve words, one of them its own."""
    return tuple(1000 + place if place != slot else 5000 + number for place in range(12))


def test_a_burst_is_so_many_requests_within_sixty_seconds():
    on = wires(BURST, 5)
    spread = [Seen(now_ms=NOON + second * 1000) for second in (0, 10, 20, 30)]
    counters = Counters()
    assert trips(counters, on, spread) == []
    assert trips(counters, on, [Seen(now_ms=NOON + 40_000)]) == [Trip(BURST, 100, 5)]


def test_requests_of_the_minute_before_count_for_the_part_of_it_that_is_within_sixty_seconds():
    on = wires(BURST, 6)
    counters = Counters()
    assert trips(counters, on, [Seen(now_ms=NOON)] * 4) == []
    half_past_the_next = NOON + MINUTE + MINUTE // 2
    assert trips(counters, on, [Seen(now_ms=half_past_the_next)] * 3) == []
    assert trips(counters, on, [Seen(now_ms=half_past_the_next)]) == [Trip(BURST, 100, 6)]


def test_what_is_usual_for_somebody_is_no_burst():
    on = wires(BURST, 5)
    counters = Counters()
    for minute in range(300):
        trips(counters, on, [Seen(now_ms=NOON + 2 * minute * MINUTE)] * 4)
    later = NOON + 1000 * MINUTE
    # Nearly ten times the usual four, and then ten times.
    assert trips(counters, on, [Seen(now_ms=later)] * 38) == []
    assert trips(counters, on, [Seen(now_ms=later)] * 3)


def test_lines_of_a_batch_come_when_the_box_has_time_and_are_no_burst():
    assert trips(Counters(), wires(BURST, 2), [Seen(now_ms=NOON, at_once=False)] * 50) == []


def test_volume_counts_requests_and_tokens_of_the_last_24_hours():
    on = wires(VOLUME, 10)
    counters = Counters()
    assert trips(counters, on, [Seen(now_ms=NOON)] * 8) == []
    assert counters.used(999, NOON, on) == []
    assert counters.used(1999, NOON, on) == []
    assert counters.used(1000, NOON, on) == [Trip(VOLUME, 100, 10)]
    assert trips(counters, on, [Seen(now_ms=NOON + DAY)]) == []


def test_five_times_the_usual_day_is_much_however_little_the_usual_day_is():
    on = wires(VOLUME, 10)
    counters = Counters()
    for day in range(6):
        trips(counters, on, [Seen(now_ms=NOON + day * DAY)] * 4)
    assert trips(counters, on, [Seen(now_ms=NOON + 7 * DAY)] * 19) == []
    assert trips(counters, on, [Seen(now_ms=NOON + 7 * DAY)]) == [Trip(VOLUME, 100, 20)]


def test_ten_times_the_threshold_is_much_however_usual_it_has_become():
    on = wires(VOLUME, 10)
    counters = Counters()
    for day in range(10):
        trips(counters, on, [Seen(now_ms=NOON + day * DAY)] * 99)
    found = trips(counters, on, [Seen(now_ms=NOON + 11 * DAY)] * 100)
    assert found == [Trip(VOLUME, 100, 100)]


def test_a_template_with_its_slot_filled_is_counted_and_its_repetition_is_not():
    on = wires(NEAR_EQUAL, 5)
    counters = Counters()
    # The first three are what the others are near to.
    assert trips(counters, on, [Seen(now_ms=NOON, words=words(one)) for one in range(7)]) == []
    assert trips(counters, on, [Seen(now_ms=NOON, words=words(6))] * 50) == []
    assert trips(counters, on, [Seen(now_ms=NOON, words=words(7))]) == [Trip(NEAR_EQUAL, 100, 5)]


def test_prompts_that_have_nothing_in_common_are_never_counted():
    counters, on = Counters(), wires(NEAR_EQUAL, 1)
    foreign = [Seen(now_ms=NOON, words=tuple(range(100 * one, 100 * one + 12))) for one in range(1, 400)]
    assert trips(counters, on, foreign) == []


def test_log_probabilities_count_by_their_beginnings_and_those_of_the_token_alone_an_eighth():
    on = wires(HARVEST, 100)
    counters = Counters()
    same = [Seen(now_ms=NOON, tells=FULL, beginning=7)] * 1000
    assert trips(counters, on, same) == []
    own = [Seen(now_ms=NOON, tells=OWN_ONLY, beginning=one * 7919) for one in range(300)]
    assert trips(counters, on, own) == []
    full = [Seen(now_ms=NOON, tells=FULL, beginning=one * 104_729) for one in range(110)]
    assert trips(counters, on, full[:50]) == []
    assert trips(counters, on, full[50:])
    assert trips(counters, on, [Seen(now_ms=NOON + DAY, tells=FULL, beginning=1)]) == []


def test_the_hours_of_the_night_go_over_midnight():
    on = wires(OFF_HOURS, 2, hours="22-5")
    counters = Counters()
    midnight = NOON + 12 * HOUR
    outside = [Seen(now_ms=midnight + hours * HOUR) for hours in (-3, 5, 8)]
    assert trips(counters, on, outside * 5) == []
    within = [Seen(now_ms=midnight - 2 * HOUR), Seen(now_ms=midnight + 5 * HOUR - 1)]
    assert trips(counters, on, within) == [Trip(OFF_HOURS, 100, 2)]


def test_addresses_of_one_key_are_told_apart_for_a_day():
    on = wires(ADDRESSES, 3)
    counters = KeyCounters()
    hashes = [hashed_address(f"10.0.0.{one}", b"s" * 32) for one in range(3)]
    seens = [Seen(now_ms=NOON, address=one) for one in (hashes[0], hashes[0], hashes[1])]
    assert trips(counters, on, seens) == []
    assert trips(counters, on, [Seen(now_ms=NOON, address=hashes[2])]) == [Trip(ADDRESSES, 100, 3)]
    assert trips(counters, on, [Seen(now_ms=NOON + DAY, address=one) for one in hashes[:2]]) == []
    assert trips(counters, on, [Seen(now_ms=NOON + DAY)] * 5) == []


def test_an_address_is_its_network_under_ipv6_and_another_hash_each_day():
    salt = b"s" * 32
    assert hashed_address("2001:db8::1", salt) == hashed_address("2001:db8::ffff", salt)
    assert hashed_address("2001:db8::1", salt) != hashed_address("2001:db8:0:1::1", salt)
    assert hashed_address("::ffff:10.0.0.1", salt) == hashed_address("10.0.0.1", salt)
    assert hashed_address("10.0.0.1", salt) != hashed_address("10.0.0.1", b"t" * 32)
    assert hashed_address("not an address", salt)


def test_a_pack_counts_hits_once_there_are_so_many_different_texts():
    wire = Wire("pack", "", "", 5, *[WIRES[0].first] * 2, "", window_hours=2, distinct=2)
    counters = Counters()
    same = [Seen(now_ms=NOON, hits=(PackHit("pack", 1, 1),))] * 20
    assert trips(counters, {"pack": wire}, same) == []
    other = [Seen(now_ms=NOON, hits=(PackHit("pack", 3, 2),))]
    assert trips(counters, {"pack": wire}, other) == [Trip("pack", 460, 23)]
    later = [Seen(now_ms=NOON + 2 * HOUR, hits=(PackHit("pack", 4, 3),))]
    assert trips(counters, {"pack": wire}, later) == []


def test_a_guard_models_verdicts_add_up():
    counters, on = Counters(), wires(CLASSIFIER, 2)
    assert counters.unsafe(NOON, on) == []
    assert counters.unsafe(NOON, on) == [Trip(CLASSIFIER, 100, 2)]
    assert counters.unsafe(NOON + 25 * HOUR, on) == []


@pytest.mark.parametrize("name", [BURST, VOLUME, NEAR_EQUAL, HARVEST])
def test_a_wire_that_is_off_counts_nothing(name):
    counters = Counters()
    seens = [Seen(now_ms=NOON, words=words(one), tells=FULL, beginning=one) for one in range(50)]
    assert trips(counters, {}, seens) == []
    assert counters.used(10**9, NOON, {}) == []


def test_a_clock_that_goes_back_breaks_nothing():
    counters = Counters()
    on = {**wires(BURST, 9), **wires(VOLUME, 9), **wires(HARVEST, 99)}
    trips(counters, on, [Seen(now_ms=NOON)] * 4)
    found = trips(counters, on, [Seen(now_ms=NOON - 3 * DAY, tells=FULL, beginning=3)] * 5)
    assert {trip.wire for trip in found} == {BURST, VOLUME}


def test_what_the_lab_sets_stands_before_what_the_release_has():
    wire = next(one for one in WIRES if one.id == OFF_HOURS)
    assert as_set(wire, None) is wire
    changed = as_set(wire, WireSetting(OFF_HOURS, on=True, threshold=7, hours="1-2"))
    assert (changed.on, changed.threshold, changed.hours) == (True, 7, "1-2")
    assert as_set(wire, WireSetting(OFF_HOURS, threshold=7)).on is False
