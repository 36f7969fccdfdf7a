"""The code of conduct: who signs it for whom, what a new text does, and what is believed."""

from dataclasses import replace

import pytest

from appliance.domain.people import Project
from appliance.errors import BadRequest, NotFound, NotPermitted, StorageUnavailable
from appliance.services.access.records import KIND, SignatureStatement
from appliance.trust.signed import verify
from tests.services.access_desk import KEY_OF_NOBODY, ROOT, AccessDesk, caller, member

DAY_MS = 86_400_000


@pytest.fixture
async def desk(clock, directory, tmp_path):
    desk = AccessDesk(clock, directory, tmp_path)
    desk.joins("pi", part="lead")
    desk.joins("ada")
    await desk.open()
    return desk


async def test_a_member_signs_for_themself_with_the_digits_of_the_text_that_they_were_shown(desk):
    shown = await desk.agreeing.show(kind="conduct", actor=member("ada"))
    assert not shown.signed
    assert f'{{"text": "{shown.text_sha256[:12]}"}} signs it' in shown.next_step
    assert desk.lacks("registered", caller("ada")) == "agreement"
    signed = await desk.agreeing.sign(project="nlp", actor=member("ada"), text=shown.text_sha256[:12])
    assert (signed.person, signed.for_project, signed.who, signed.origin) == ("ada", False, "ada", "10.0.0.7")
    assert desk.lacks("registered", caller("ada")) == ""
    assert desk.lacks("registered", caller("pi")) == "agreement"
    assert (await desk.agreeing.show(kind="conduct", actor=member("ada"))).signed


async def test_a_lead_of_a_course_signs_once_for_all_of_it_and_nobody_fills_a_form(desk):
    desk.directory.put_project(Project("cs50", "cs50", 1, kind="course", purpose="A course."))
    desk.joins("prof", "cs50", "lead")
    students = [f"student{number}" for number in range(30)]
    for one in students:
        desk.joins(one, "cs50")
    assert {desk.lacks("registered", caller(one, "cs50")) for one in students} == {"agreement"}
    assert (await desk.signs("prof", "cs50")).for_project
    assert {desk.lacks("registered", caller(one, "cs50")) for one in students} == {""}


async def test_a_lead_of_a_research_group_signs_for_themself(desk):
    assert not (await desk.signs("pi")).for_project
    assert desk.lacks("registered", caller("ada")) == "agreement"


async def test_one_command_is_enough_for_a_project_whose_keys_are_of_nobody(desk):
    desk.directory.put_project(Project("nlp", "nlp", 1))
    digits = desk.agreements.current("conduct").text_sha256[:12]
    assert desk.lacks("registered", KEY_OF_NOBODY) == "agreement"
    signed = await desk.agreeing.sign(
        project="nlp", actor=ROOT, text=digits, who="Dr. A", purpose="A study of bias."
    )
    assert (signed.person, signed.for_project, signed.purpose) == ("", True, "A study of bias.")
    assert desk.lacks("registered", KEY_OF_NOBODY) == ""


async def test_a_purpose_that_is_there_is_not_changed_by_signing(desk):
    assert (await desk.signs("pi", purpose="Something else.")).purpose == "A study."


async def test_only_a_lead_says_what_a_project_does(desk):
    desk.directory.put_project(Project("nlp", "nlp", 1))
    with pytest.raises(NotPermitted, match=r"its lead says \(pi\)") as refused:
        await desk.signs("ada", purpose="Spam.")
    assert refused.value.details == {"rule": {"name": "purpose", "waits_for": "lead"}}
    assert desk.lacks("registered", caller("ada")) == "agreement"
    assert (await desk.signs("pi", purpose="A study.")).purpose == "A study."


async def test_nobody_signs_with_a_key_of_nobody(desk):
    with pytest.raises(NotPermitted, match="nobody can sign with it"):
        await desk.signs("default")
    assert desk.agreement_rows.signed == []


async def test_an_operator_signs_for_a_person_who_signed_on_paper(desk):
    digits = desk.agreements.current("conduct").text_sha256
    signed = await desk.agreeing.sign(project="nlp", actor=ROOT, text=digits, person="ada")
    assert (signed.person, signed.for_project, signed.who) == ("ada", False, "uid 0")
    assert desk.lacks("registered", caller("ada")) == ""


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"text": None}, BadRequest),
        ({"text": "0" * 12}, BadRequest),
        ({"project": "nowhere"}, NotFound),
        ({"who": None}, BadRequest),
        ({"who": "a\nb"}, BadRequest),
        ({"purpose": "a\x1bb"}, BadRequest),
        ({"person": "nobody"}, NotFound),
        ({"person": "default"}, NotFound),
    ],
)
async def test_what_is_signed_badly_is_not_signed(desk, changed, error):
    digits = desk.agreements.current("conduct").text_sha256[:12]
    words = {"project": "nlp", "text": digits, "who": "Dr. A", **changed}
    with pytest.raises(error):
        await desk.agreeing.sign(actor=ROOT, **words)
    assert desk.agreement_rows.signed == []


async def test_signing_twice_is_signing_once(desk):
    first = await desk.signs("ada")
    assert await desk.signs("ada") == first
    assert len(desk.agreement_rows.signed) == 1


async def test_a_signature_is_signed_by_the_box_and_holds_after_a_restart(desk):
    await desk.signs("ada")
    [row] = desk.agreement_rows.signed
    statement = verify(row.record, KIND, desk.key.public, SignatureStatement)
    assert (statement.person, statement.text_sha256) == ("ada", row.text_sha256)
    await desk.open()
    assert desk.lacks("registered", caller("ada")) == ""


@pytest.mark.parametrize(
    "changes", [{"person": "pi"}, {"for_project": True}, {"text_sha256": "00" * 32}, {"record": "x.y.z"}]
)
async def test_a_row_that_is_not_what_was_signed_does_not_count(desk, changes):
    await desk.signs("ada")
    desk.agreement_rows.signed = [replace(desk.agreement_rows.signed[0], **changes)]
    await desk.open()
    assert {desk.lacks("registered", caller(one)) for one in ("ada", "pi")} == {"agreement"}
    assert (await desk.agreeing.show_all()).not_believed == 1


async def test_what_the_disk_refuses_is_not_signed(desk):
    desk.agreement_rows.refuses = StorageUnavailable("full")
    with pytest.raises(StorageUnavailable):
        await desk.signs("ada")
    assert desk.lacks("registered", caller("ada")) == "agreement"


async def test_a_new_text_asks_again_from_its_day_on_and_says_so_before(desk, clock):
    await desk.signs("ada")
    await desk.agreeing.publish(file="Be better.\n", kind="conduct", asks_from="2026-10-01")
    recipe = desk.catalog.find("registered")[0]
    [notice] = desk.rule.decision(caller("ada"), recipe).notices
    assert "asks from 2026-10-01 on" in notice
    listed = await desk.agreeing.show_all()
    states = [(one.state, one.origin, one.signatures) for one in listed.agreements if one.kind == "conduct"]
    assert states == [("counts", "release", 1), ("asks", "lab", 0)]
    clock.time_ms += 60 * DAY_MS
    assert desk.lacks("registered", caller("ada")) == "agreement"
    await desk.signs("ada")
    assert desk.lacks("registered", caller("ada")) == ""


async def test_a_new_text_without_a_day_asks_at_once(desk):
    await desk.signs("ada")
    await desk.agreeing.publish(file="Be better.\n", kind="conduct")
    assert desk.lacks("registered", caller("ada")) == "agreement"


@pytest.mark.parametrize("text", ["", " \n", "a\x1b[31m", None])
async def test_what_nobody_can_read_and_what_holds_already_is_not_published(desk, text):
    with pytest.raises(BadRequest):
        await desk.agreeing.publish(
            file=desk.agreements.current("conduct").text if text is None else text, kind="conduct"
        )


async def test_a_new_release_gives_a_month_and_leaves_a_labs_own_text_alone(desk, clock):
    await desk.signs("ada")
    [conduct] = [one for one in desk.agreement_rows.rows if one.kind == "conduct"]
    older = replace(conduct, text="Older.", text_sha256="0d" * 32)
    desk.agreement_rows.rows = [older if one.kind == "conduct" else one for one in desk.agreement_rows.rows]
    await desk.open()
    assert desk.agreements.current("conduct").asks_from_ms == clock.time_ms + 30 * DAY_MS
    assert desk.agreements.accepted("conduct") == {older.text_sha256, conduct.text_sha256}
    own = replace(older, origin="lab")
    desk.agreement_rows.rows = [own]
    await desk.open()
    assert desk.agreements.current("conduct") == own
    assert [one.kind for one in desk.agreement_rows.rows] == ["conduct", "access"]
