"""Who decides, what follows, and who may object."""

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.oversight import Level, Trip
from appliance.errors import BadRequest, Conflict, NotFound, NotPermitted
from appliance.policy.packs.pack import Needs, Pack, PackPattern
from appliance.services.oversight.pack_files import PackFault
from tests.services.oversight.conftest import ADA, DAY, EVE, HEAD, HOUR, REVIEWER, TEACHER


async def held(look, caller):
    wire = look.tripwires.all["logprob-harvest"]
    look.book.tripped(caller, wire, Trip(wire.id, 1600, 16_000))
    return (await look.one()).id


async def test_a_reviewer_clears_and_the_wire_leads_to_nothing_for_a_month(look):
    number = await held(look, ADA)
    shown = await look.incidents.decide(id=number, verdict="clear", reason="A study.", actor=REVIEWER)
    assert (shown.incident.level, shown.incident.state, shown.waits_for) == ("note", "reviewed", "")
    assert look.send(ADA).notices == ()
    look.clock.at_ms += 20 * DAY
    await held(look, ADA)
    assert look.send(ADA).notices == ()
    look.clock.at_ms += 10 * DAY
    wire = look.tripwires.all["logprob-harvest"]
    look.book.tripped(ADA, wire, Trip(wire.id, 1600, 16_000))
    with pytest.raises(NotPermitted):
        look.send(ADA)


async def test_an_upheld_hold_stays_for_as_long_as_was_said_and_the_caller_is_told(look):
    number = await held(look, ADA)
    await look.incidents.decide(id=number, verdict="uphold", reason="No.", days=3, actor=REVIEWER)
    look.clock.at_ms += 3 * DAY - HOUR
    later = await look.again()
    with pytest.raises(NotPermitted) as refusal:
        later.send(ADA)
    assert "has looked and upheld it until" in refusal.value.message
    later.clock.at_ms += HOUR
    later.send(ADA)
    await later.end()
    assert (await later.one()).state == "reviewed"
    assert later.audit.acts == []


async def test_a_reviewer_can_make_less_of_it(look):
    number = await held(look, ADA)
    await look.incidents.decide(id=number, verdict="uphold", level="warn", reason="Mild.", actor=REVIEWER)
    assert look.send(ADA).notices


async def test_a_lead_decides_in_a_class_and_a_reviewer_elsewhere(look):
    number = await held(look, EVE)
    detail = await look.incidents.show(id=number, project="class")
    assert detail.waits_for == "lead"
    assert number in detail.next_step
    decided = await look.incidents.decide(
        id=number, verdict="clear", reason="A worksheet.", project="class", actor=TEACHER
    )
    assert decided.incident.decided_by == "tom"


async def test_a_lead_of_a_research_project_waits_for_a_reviewer(look):
    number = await held(look, ADA)
    with pytest.raises(NotPermitted) as refusal:
        await look.incidents.decide(id=number, verdict="clear", reason="Mine.", project="lab", actor=HEAD)
    assert refusal.value.details["rule"]["waits_for"] == "reviewer"


async def test_nobody_by_key_decides_on_their_own(look):
    tom = EVE.__class__("key_tom", "tom", "class")
    number = await held(look, tom)
    assert (await look.incidents.show(id=number)).waits_for == "reviewer"
    with pytest.raises(NotPermitted):
        await look.incidents.decide(id=number, verdict="clear", reason="Me.", project="class", actor=TEACHER)
    # With another lead it waits for that one, and for nobody less.
    look.people.parts = {**look.people.parts, ("class", "tia"): "lead"}
    assert (await look.incidents.show(id=number)).waits_for == "lead"
    with pytest.raises(NotPermitted):
        await look.incidents.decide(id=number, verdict="clear", reason="Me.", project="class", actor=TEACHER)
    own = Actor("uid 0", Permission.ADMIN, person="tom")
    decided = await look.incidents.decide(id=number, verdict="clear", reason="Only me here.", actor=own)
    assert decided.incident.decided_by == "tom (self)"


async def test_an_incident_of_another_project_is_one_that_is_not_there(look):
    number = await held(look, ADA)
    with pytest.raises(NotFound) as foreign:
        await look.incidents.show(id=number, project="class")
    with pytest.raises(NotFound) as missing:
        await look.incidents.show(id="inc_none", project="class")
    assert type(foreign.value) is type(missing.value)
    assert (await look.incidents.show_all(project="class")).incidents == ()
    assert len((await look.incidents.show_all()).incidents) == 1
    with pytest.raises(NotFound):
        await look.incidents.decide(id=number, verdict="clear", reason="x", project="class", actor=TEACHER)


async def test_the_holder_appeals_and_it_waits_again(look):
    number = await held(look, ADA)
    await look.incidents.decide(id=number, verdict="uphold", reason="No.", actor=REVIEWER)
    shown = await look.incidents.appeal(id=number, why="It is a study.", person="ada", project="lab")
    assert (shown.incident.state, shown.incident.appeal, shown.waits_for) == (
        "appealed",
        "It is a study.",
        "reviewer",
    )
    with pytest.raises(NotPermitted):
        look.send(ADA)
    await look.incidents.decide(id=number, verdict="clear", reason="Right.", actor=REVIEWER)
    look.send(ADA)


@pytest.mark.parametrize(("person", "project"), [("bob", "lab"), ("ada", "class"), ("bob", "class")])
async def test_nobody_appeals_for_somebody_else(look, person, project):
    number = await held(look, ADA)
    with pytest.raises(NotFound):
        await look.incidents.appeal(id=number, why="x", person=person, project=project)


async def test_there_is_nothing_to_object_to_in_a_note_and_nothing_to_decide_once_it_is_over(look):
    wire = look.tripwires.all["burst"]
    look.book.tripped(ADA, wire, Trip(wire.id, 100, 120))
    number = (await look.one()).id
    with pytest.raises(Conflict):
        await look.incidents.appeal(id=number, why="x", person="ada", project="lab")
    look.clock.at_ms += 8 * DAY
    with pytest.raises(Conflict):
        await look.incidents.decide(id=number, verdict="clear", reason="x", actor=REVIEWER)


async def test_declaring_what_explains_it_makes_a_note_of_it_at_once(look):
    number = await held(look, ADA)
    await look.wires.expect(pattern="log-probabilities", project="lab", why="Calibration.", actor=REVIEWER)
    assert look.send(ADA).notices == ()
    assert (await look.incidents.show(id=number)).incident.explained_by == "log-probabilities"
    listed = await look.wires.forget(pattern="log-probabilities", project="lab", actor=REVIEWER)
    assert listed.declared == ()
    look.clock.at_ms += HOUR
    await held(look, ADA)
    with pytest.raises(NotPermitted):
        look.send(ADA)


async def test_a_declaration_ends_with_its_days_and_survives_a_restart(look):
    await look.wires.expect(pattern="logprob-harvest", project="lab", why="x", days=2, actor=REVIEWER)
    later = await look.again()
    await held(later, ADA)
    assert later.send(ADA).notices == ()
    later.clock.at_ms += 2 * DAY
    assert later.tripwires.declared("lab") == []


async def test_a_lead_declares_shapes_and_a_reviewer_what_prompts_are_about(look):
    await look.wires.expect(pattern="templated", project="lab", why="A study.", actor=HEAD)
    with pytest.raises(NotPermitted) as refusal:
        await look.wires.expect(pattern="political-bulk", project="lab", why="A study.", actor=HEAD)
    assert refusal.value.details["rule"]["waits_for"] == "reviewer"
    await look.wires.expect(pattern="political-bulk", project="lab", why="A study.", actor=REVIEWER)
    with pytest.raises(BadRequest):
        await look.wires.expect(pattern="everything", project="lab", why="x", actor=REVIEWER)
    with pytest.raises(NotFound):
        await look.wires.expect(pattern="bulk", project="none", why="x", actor=REVIEWER)
    with pytest.raises(NotFound):
        await look.wires.forget(pattern="bulk", project="lab", actor=REVIEWER)


async def test_a_lead_sees_what_their_own_project_declared_and_no_other(look):
    await look.wires.expect(pattern="bulk", project="class", why="x", actor=REVIEWER)
    listed = await look.wires.expect(pattern="bulk", project="lab", why="y", actor=HEAD)
    assert [one.project for one in listed.declared] == ["lab"]
    assert len((await look.wires.show_all()).declared) == 2


async def test_a_wire_is_switched_off_and_on_and_its_threshold_set(look):
    await look.wires.set(wire="near-equal", switch="off")
    assert "near-equal" not in look.tripwires.on
    await look.wires.set(wire="near-equal", threshold=7)
    assert "near-equal" not in (await look.again()).tripwires.on
    await look.wires.set(wire="near-equal", switch="on")
    assert (await look.again()).tripwires.on["near-equal"].threshold == 7
    await look.wires.set(wire="off-hours", switch="on", hours="1-5")
    assert look.tripwires.on["off-hours"].hours == "1-5"


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"wire": "none", "switch": "on"}, NotFound),
        ({"wire": "burst"}, BadRequest),
        ({"wire": "burst", "hours": "1-5"}, BadRequest),
        ({"wire": "off-hours", "hours": "5-5"}, BadRequest),
        ({"wire": "off-hours", "hours": "24-5"}, BadRequest),
        ({"wire": "off-hours", "hours": "night"}, BadRequest),
    ],
)
async def test_what_cannot_be_set_is_refused(look, given, refusal):
    with pytest.raises(refusal):
        await look.wires.set(**given)


async def test_packs_of_the_lab_are_read_again_and_faults_are_named(look):
    own = Pack(
        *("own", 3, "words of the lab", "lab", "w", Level.WARN, Level.WARN),
        Needs(("any",), 1),
        (PackPattern("a", "any", "xyzzy"),),
        origin="lab",
    )
    look.lab_packs = ([own], [PackFault("bad.toml", "It is bad.")])
    listed = await look.wires.reload()
    assert {one.wire: one.origin for one in listed.wires}["own"] == "lab pack 3"
    assert [one.file for one in listed.left_out] == ["bad.toml"]
    look.send(ADA, "Say xyzzy to them all, please.")
    assert "words of the lab" in look.send(ADA).notices[0]
    # Gone with its pack: nothing follows from it any more.
    look.lab_packs = ([], [])
    await look.wires.reload()
    assert look.send(ADA).notices == ()
    assert (await look.incidents.show(id=(await look.one()).id)).title == "a pack that is not used any more"
