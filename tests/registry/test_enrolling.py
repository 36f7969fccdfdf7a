import pytest

from appliance.errors import BadRequest
from appliance.federation.protocol.kinds import ENROLL, LEASE_REQUEST
from appliance.federation.protocol.limits import CODE_LIFE_S
from appliance.federation.protocol.messages import LeaseRequest, WantedLease
from appliance.federation.protocol.replies import Refused
from appliance.registry.operating.boxes import link_box, list_boxes
from tests.federation.made import new_key
from tests.registry.desks import BoxForTests, at_once


def test_box_enrolls_with_a_code(desk):
    box = BoxForTests(desk)
    reply = box.enroll(desk.code("North College", organization="north"))
    enrollment = desk.only(reply, "enrollment+jwt")
    assert (enrollment.sub, enrollment.cnf.jkt) == (box.id, box.key.public.id)
    assert (enrollment.institution, enrollment.organization) == ("North College", "north")
    assert (enrollment.registry, enrollment.root_sha256) == ("central", "a" * 64)
    assert enrollment.keys == desk.signers.listed


def test_enrollment_token_reuse_is_refused(desk):
    code = desk.code()
    BoxForTests(desk).enroll(code)
    with pytest.raises(Refused) as refused:
        BoxForTests(desk).enroll(code)
    assert refused.value.name == "token-spent"
    assert len(list_boxes(desk.office)) == 1


def test_enrollment_token_expiry_is_told(desk):
    code = desk.code()
    desk.clock.now_s += CODE_LIFE_S + 1
    with pytest.raises(Refused) as refused:
        BoxForTests(desk).enroll(code)
    assert refused.value.name == "token-spent"


def test_code_still_counts_in_its_last_second(desk):
    code = desk.code()
    desk.clock.now_s += CODE_LIFE_S
    assert BoxForTests(desk).enroll(code).items


def test_enrollment_token_race_has_one_winner(desk):
    code = desk.code()
    boxes = [BoxForTests(desk) for _ in range(6)]
    outcomes = at_once(*[lambda box=box: box.enroll(code) for box in boxes])
    refused = [one for one in outcomes if isinstance(one, Refused)]
    assert [one.name for one in refused] == ["token-spent"] * 5
    assert len(list_boxes(desk.office)) == 1


def test_unknown_code_is_refused(desk):
    with pytest.raises(Refused, match="unknown"):
        BoxForTests(desk).enroll("x" * 30)


def test_enrollment_whose_reply_was_lost_is_answered_again(desk):
    box, code = BoxForTests(desk), desk.code()
    first = box.enroll(code)
    again = box.enroll(code)
    assert again.duplicate
    assert not first.duplicate
    assert desk.only(again, "enrollment+jwt").sub == box.id
    assert len(list_boxes(desk.office)) == 1


def test_enrollment_of_another_key_than_the_one_that_signs_is_refused(desk):
    box = BoxForTests(desk, id=new_key().public.id)
    with pytest.raises(Refused) as refused:
        box.enroll(desk.code())
    assert refused.value.name == "not-yours"


def test_code_is_kept_as_its_hash_alone(desk):
    code = desk.code()
    BoxForTests(desk).enroll(code)
    with desk.database.reading() as session:
        kept = [str(dict(row)) for row in session.rows("SELECT * FROM enrollment_code")]
        kept += [str(dict(row)) for row in session.rows("SELECT * FROM message")]
        kept += [str(dict(row)) for row in session.rows("SELECT * FROM audit")]
    assert kept
    assert not any(code in row for row in kept)
    assert len(code) * 6 >= 128


def test_box_that_stands_for_a_lost_one_is_linked_by_a_person(desk):
    lost = desk.box()
    new = BoxForTests(desk)
    new.enroll(desk.code(), replaces=lost.id)
    assert {box.id: box.state for box in list_boxes(desk.office)} == {lost.id: "active", new.id: "active"}
    linked = link_box(desk.office, new.id, replaces=lost.id)
    assert linked.replaces == lost.id
    assert {box.id: box.state for box in list_boxes(desk.office)} == {lost.id: "suspended", new.id: "active"}
    with pytest.raises(Refused, match="suspended"):
        lost.say(LEASE_REQUEST, LeaseRequest, wanted=(WantedLease(model="demo", files=()),))


def test_code_of_nobody_is_not_made(desk):
    with pytest.raises(BadRequest):
        desk.code(" ")


def test_enrollment_by_stick_needs_no_proof(desk):
    box = BoxForTests(desk)
    token = box.key.sign(ENROLL, box.enroll_message(desk.code()))
    assert desk.only(desk.desk.receive(token), "enrollment+jwt").sub == box.id
