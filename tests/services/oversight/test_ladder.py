"""From a note to a hold and down again, as a caller sees it."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.oversight import Level, Trip
from appliance.errors import NotPermitted, RateLimited
from tests.services.oversight.conftest import ADA, DAY, EVE, HOUR, MINUTE, NOBODY, REVIEWER


def trip(look, caller=ADA, wire="logprob-harvest", score=100):
    look.book.tripped(caller, look.tripwires.all[wire], Trip(wire, score, score))


async def test_a_note_changes_nothing_for_the_caller(look):
    trip(look, wire="burst")
    assert look.send(ADA).notices == ()
    assert (await look.one()).level is Level.NOTE


async def test_a_warning_is_told_beside_answers_and_refuses_nothing(look):
    trip(look)
    (sentence,) = look.send(ADA).notices
    assert "log-probabilities taken systematically" in sentence
    assert (await look.one()).id in sentence
    assert "a reviewer" in sentence
    assert "POST /v1/me/incident/appeal" in sentence
    assert sentence.isascii()
    assert look.send(EVE).notices == ()
    assert look.send(replace(ADA, project_id="other")).notices == ()


async def test_a_throttle_leaves_a_tenth_and_says_when_to_come_again(look):
    trip(look, score=400)
    for _ in range(6):
        assert "6 requests per minute" in look.send(ADA).notices[0]
    with pytest.raises(RateLimited) as refusal:
        look.send(ADA)
    assert refusal.value.retry_after_s == 10
    assert "a reviewer" in refusal.value.message
    # Asking whether one may ask takes nothing.
    assert look.gate.let(replace(look.asked(ADA), request=None)).notices
    look.clock.at_ms += 10_000
    look.send(ADA)


async def test_a_hold_refuses_and_says_who_decides_and_how_to_object(look):
    trip(look, score=1600)
    with pytest.raises(NotPermitted) as refusal:
        look.send(ADA)
    assert refusal.value.details == {"rule": {"name": "hold", "waits_for": "reviewer"}}
    assert "POST /v1/me/incident/appeal" in refusal.value.message
    with pytest.raises(NotPermitted):
        look.gate.let(replace(look.asked(ADA), request=None))
    look.send(EVE)
    assert look.gate.notices((await look.one()).scope) == (refusal.value.message,)


async def test_in_a_class_it_waits_for_the_lead(look):
    trip(look, EVE, score=1600)
    with pytest.raises(NotPermitted) as refusal:
        look.send(EVE)
    assert refusal.value.details["rule"]["waits_for"] == "lead"
    assert "lead of your class" in refusal.value.message


async def test_a_key_of_nobody_in_particular_objects_to_who_runs_the_box(look):
    trip(look, NOBODY)
    assert "tell who runs the box" in look.send(NOBODY).notices[0]
    look.send(replace(NOBODY, key_id="key_2"))
    assert look.send(replace(NOBODY, key_id="key_2")).notices == ()


async def test_trips_of_one_wire_and_holder_are_one_incident(look):
    trip(look)
    trip(look)
    look.clock.at_ms += MINUTE
    trip(look, score=150)
    one = await look.one()
    assert (one.trips, one.score) == (2, 150)
    trip(look, wire="burst")
    trip(look, EVE)
    await look.book.flush()
    assert len(look.tables.incidents) == 3


async def test_a_hold_that_nobody_looks_at_ends_after_a_day_and_that_is_audited(look):
    trip(look, score=1600)
    look.clock.at_ms += DAY - 1
    with pytest.raises(NotPermitted):
        look.send(ADA)
    await look.end()
    assert look.audit.acts == []
    look.clock.at_ms += 1
    assert look.send(ADA).notices == ()
    await look.end()
    one = await look.one()
    assert one.state == "expired"
    assert look.audit.acts == [
        ("box", "incident.expire", {"id": one.id, "wire": "logprob-harvest", "level": "hold"})
    ]
    await look.end()
    assert len(look.audit.acts) == 1


async def test_a_hold_survives_a_restart_and_ends_at_the_same_moment(look):
    trip(look, score=1600)
    look.clock.at_ms += 20 * HOUR
    later = await look.again()
    with pytest.raises(NotPermitted):
        later.send(ADA)
    later.clock.at_ms += 4 * HOUR
    later.send(ADA)


async def test_a_hold_that_ended_while_the_box_was_off_is_told_when_it_starts(look):
    trip(look, score=1600)
    look.clock.at_ms += 2 * DAY
    later = await look.again()
    later.send(ADA)
    await later.end()
    assert (await later.one()).state == "expired"
    assert [act for _, act, _ in later.audit.acts] == ["incident.expire"]


async def test_a_warning_that_nobody_looks_at_ends_after_a_quiet_week_and_is_no_act(look):
    trip(look)
    look.clock.at_ms += 7 * DAY
    assert look.send(ADA).notices == ()
    await look.end()
    assert (await look.one()).state == "expired"
    assert look.audit.acts == []


async def test_a_new_trip_after_the_end_is_a_new_incident(look):
    trip(look, score=1600)
    look.clock.at_ms += DAY
    trip(look)
    await look.book.flush()
    assert [one.state for one in look.tables.incidents.values()] == ["expired", "open"]
    assert "This" not in look.send(ADA).notices
    await look.end()
    assert look.audit.acts == []


async def test_what_stays_open_goes_up_once_a_day(look):
    trip(look)
    look.clock.at_ms += 21 * HOUR
    trip(look)
    assert (await look.one()).level is Level.THROTTLE
    look.clock.at_ms += 21 * HOUR
    trip(look)
    assert (await look.one()).level is Level.HOLD


async def test_listeners_hear_what_happens_and_not_what_is_only_counted(look):
    trip(look)
    look.clock.at_ms += MINUTE
    trip(look)
    trip(look, score=1600)
    one = await look.one()
    await look.incidents.decide(id=one.id, verdict="clear", reason="A study.", actor=REVIEWER)
    assert look.heard == [
        ("opened", "logprob-harvest", "warn"),
        ("raised", "logprob-harvest", "hold"),
        ("decided", "logprob-harvest", "note"),
    ]


async def test_what_could_not_be_written_is_written_later(look):
    trip(look)
    look.tables.refuses = True
    writing = asyncio.create_task(look.book.write())
    for _ in range(5):
        await asyncio.sleep(0)
    assert look.log.lines == ["incidents_not_written {'reason': 'The disk is full.'}"]
    writing.cancel()
    look.tables.refuses = False
    assert (await look.one()).wire == "logprob-harvest"


async def test_a_canary_is_told_and_holds_nobody(look):
    look.tripping.used_canary(ADA)
    assert look.heard == [("opened", "canary-key", "note")]
    assert look.send(ADA).notices == ()
