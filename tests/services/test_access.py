"""Applications: asked, decided, taken back; and what everybody is told meanwhile."""

import pytest

from appliance.errors import (
    BadRequest,
    Conflict,
    ModelNotFound,
    NotFound,
    NotPermitted,
    RateLimited,
    StorageUnavailable,
)
from tests.services.access_desk import ROOT, AccessDesk, caller, member, reviewer

DAY_MS = 86_400_000
FINE = {"approve": True, "deny": False, "reason": "A good study."}


@pytest.fixture
async def desk(clock, directory, tmp_path):
    desk = AccessDesk(clock, directory, tmp_path)
    desk.joins("ada")
    desk.joins("bob")
    desk.joins("rev", "office", role="reviewer")
    await desk.open()
    await desk.signs("ada")
    return desk


async def test_from_application_to_grant_to_use_to_its_end(desk, clock):
    asked = await desk.applies(days=10, publications="Two papers.")
    assert (asked.state, asked.waits_for, asked.purpose) == ("open", "a reviewer: rev", "A study.")
    refused = desk.rule.decision(caller("ada"), desk.catalog.find("approved")[0])
    assert (refused.lacks, refused.waits_for, asked.id in refused.message) == ("grant", "reviewer", True)
    clock.time_ms += DAY_MS
    [waiting] = (await desk.applying.queue()).applications
    assert waiting.waiting_s == 86_400
    decided = await desk.applying.decide(
        id=asked.id, actor=reviewer("rev"), conditions="No publication of outputs.", **FINE
    )
    assert (decided.state, decided.decided_by, decided.waits_for) == ("approved", "rev", "")
    assert decided.until_ms == clock.time_ms + 10 * DAY_MS
    [grant] = (await desk.granting.show_all()).grants
    assert (grant.application, grant.given_by, grant.conditions, grant.self_approved) == (
        asked.id, "rev", "No publication of outputs.", False,
    )  # fmt: skip
    assert desk.lacks("approved", caller("ada")) == ""
    assert (await desk.applying.queue()).applications == ()
    clock.time_ms = decided.until_ms
    assert desk.lacks("approved", caller("ada")) == "grant"
    assert [one.state for one in (await desk.granting.show_all()).grants] == ["run out"]
    assert desk.service.ended == []


@pytest.mark.parametrize(
    ("asked", "decided", "days"), [({}, {}, 180), ({"days": 9}, {}, 9), ({"days": 9}, {"days": 5}, 5)]
)
async def test_every_approval_ends(desk, clock, asked, decided, days):
    application = await desk.applies(**asked)
    answer = await desk.applying.decide(id=application.id, actor=ROOT, **FINE, **decided)
    assert answer.until_ms == clock.time_ms + days * DAY_MS


async def test_a_key_of_another_project_shows_nothing_of_this_one(desk):
    asked = await desk.applies()
    elsewhere = member("ada", "vision")
    assert (await desk.applying.mine(actor=elsewhere, person="ada")).applications == ()
    for act in (desk.applying.show, desk.applying.withdraw):
        with pytest.raises(NotFound):
            await act(id=asked.id, actor=elsewhere)
    assert (await desk.applying.show(id=asked.id, actor=member("ada"))).state == "open"


async def test_a_denial_gives_nothing_and_its_reason_is_read_by_the_applicant(desk):
    asked = await desk.applies()
    await desk.applying.decide(id=asked.id, approve=False, deny=True, reason="Too vague.", actor=ROOT)
    assert desk.lacks("approved", caller("ada")) == "grant"
    [mine] = (await desk.applying.mine(actor=member("ada"), person="ada")).applications
    assert (mine.state, mine.reason, mine.until_ms) == ("denied", "Too vague.", None)
    assert (await desk.granting.show_all()).grants == ()


async def test_a_tier_that_was_applied_for_opens_its_models(desk):
    asked = await desk.applies(tier="approved")
    await desk.applying.decide(id=asked.id, actor=ROOT, **FINE)
    assert desk.lacks("approved", caller("ada")) == ""
    assert desk.lacks("restricted", caller("ada")) == "grant"


async def test_a_reviewer_does_not_decide_their_own_application_where_another_can(desk):
    desk.joins("rev")
    asked = await desk.applies("rev")
    assert asked.waits_for == "a reviewer: who runs the box"
    desk.joins("boss", "office", role="admin")
    with pytest.raises(NotPermitted, match="another reviewer") as refused:
        await desk.applying.decide(id=asked.id, actor=reviewer("rev"), **FINE)
    assert refused.value.details == {"rule": {"name": "own decision", "waits_for": "reviewer"}}
    assert desk.lacks("approved", caller("rev")) != ""
    await desk.applying.decide(id=asked.id, actor=reviewer("boss"), **FINE)
    [grant] = (await desk.granting.show_all()).grants
    assert not grant.self_approved


async def test_the_only_reviewer_decides_for_themself_and_it_is_marked(desk):
    desk.joins("rev")
    asked = await desk.applies("rev")
    await desk.applying.decide(id=asked.id, actor=reviewer("rev"), **FINE)
    [grant] = (await desk.granting.show_all()).grants
    assert grant.self_approved


async def test_what_is_decided_is_not_decided_again(desk):
    asked = await desk.applies()
    await desk.applying.decide(id=asked.id, approve=False, deny=True, reason="No.", actor=ROOT)
    with pytest.raises(Conflict, match="is decided already"):
        await desk.applying.decide(id=asked.id, actor=ROOT, **FINE)
    with pytest.raises(Conflict):
        await desk.applying.withdraw(id=asked.id, actor=member("ada"))
    assert (await desk.granting.show_all()).grants == ()


async def test_a_decision_that_the_disk_refuses_leaves_the_application_waiting(desk):
    asked = await desk.applies()
    desk.application_rows.refuses = StorageUnavailable("full")
    with pytest.raises(StorageUnavailable):
        await desk.applying.decide(id=asked.id, actor=ROOT, **FINE)
    assert [one.id for one in (await desk.applying.queue()).applications] == [asked.id]
    desk.application_rows.refuses = None
    await desk.applying.decide(id=asked.id, actor=ROOT, **FINE)
    assert len((await desk.granting.show_all()).grants) == 1


async def test_an_applicant_takes_it_back(desk):
    asked = await desk.applies()
    assert (await desk.applying.withdraw(id=asked.id, actor=member("ada"))).state == "withdrawn"
    assert (await desk.applying.queue()).applications == ()
    assert (await desk.applies()).state == "open"


async def test_nobody_reads_or_withdraws_anothers_application(desk):
    asked = await desk.applies()
    for verb in (desk.applying.show, desk.applying.withdraw):
        with pytest.raises(NotFound) as hidden:
            await verb(id=asked.id, actor=member("bob"))
        with pytest.raises(NotFound) as missing:
            await verb(id="app_0", actor=member("bob"))
        assert str(hidden.value) == str(missing.value)
    mine = await desk.applying.mine(actor=member("bob"), person="bob")
    assert mine.applications == ()
    assert (await desk.applying.show(id=asked.id, actor=member("ada"))).id == asked.id


async def test_few_applications_of_one_person_wait_and_few_are_made_a_day(desk, clock):
    first = await desk.applies()
    with pytest.raises(Conflict, match=first.id):
        await desk.applies()
    for project in ("p1", "p2", "p3", "p4"):
        desk.joins("ada", project)
        await desk.applies(project=project)
    with pytest.raises(RateLimited, match="at most 5 wait"):
        await desk.applies("ada", "restricted")
    assert (await desk.applies("bob", "restricted")).state == "open"
    for _ in range(15):
        await desk.applying.withdraw(id=first.id, actor=member("ada"))
        first = await desk.applies()
    await desk.applying.withdraw(id=first.id, actor=member("ada"))
    with pytest.raises(RateLimited, match="20 are made a day"):
        await desk.applies()
    clock.time_ms += DAY_MS + 1
    assert (await desk.applies()).state == "open"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"model": "none"}, ModelNotFound),
        ({"model": "small"}, BadRequest),
        ({"model": "registered"}, BadRequest),
        ({"model": None}, BadRequest),
        ({"agreement": "0" * 12}, BadRequest),
        ({"affiliation": "\x1b"}, BadRequest),
        ({"project": "nowhere"}, NotFound),
        ({"project": "office"}, NotFound),
    ],
)
async def test_what_is_applied_for_badly_is_not_in_the_queue(desk, changed, error):
    with pytest.raises(error):
        await desk.applies(**changed)
    assert (await desk.applying.queue()).applications == ()


async def test_a_key_of_nobody_applies_for_nothing(desk):
    with pytest.raises(NotPermitted, match="carrel access grant MODEL --project nlp"):
        await desk.applies("default")
    with pytest.raises(BadRequest, match="--person"):
        await desk.applies(None)


async def test_what_was_agreed_to_with_an_application_is_signed(desk):
    await desk.applies()
    assert [one.kind for one in desk.agreement_rows.signed] == ["conduct", "access"]
    assert desk.agreement_rows.signed[1].person == "ada"


async def test_approving_and_denying_at_once_decides_nothing(desk):
    asked = await desk.applies()
    for both in (True, False):
        with pytest.raises(BadRequest, match="either"):
            await desk.applying.decide(id=asked.id, approve=both, deny=both, reason="?", actor=ROOT)
