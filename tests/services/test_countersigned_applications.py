"""An application on its way to the registry: its applicant sees the exact bytes, agrees, reads the answer."""

import hashlib
import json
from dataclasses import replace

import msgspec
import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.errors import BadRequest, Conflict, IntegrityFailed, NotFound
from appliance.federation.protocol import kinds
from appliance.federation.protocol.checking import opened
from appliance.federation.protocol.messages import ApplicationMessage
from appliance.federation.protocol.statements import Denial
from appliance.policy.access.registry_words import NO_REGISTRY
from appliance.services.federation.ports import Item, Refusal
from appliance.trust.box_key import BoxKey
from tests.services.access_desk import ROOT, AccessDesk, caller, member

BOSS = Actor("uid 0", Permission.REVIEW)


@pytest.fixture
async def desk(clock, directory, tmp_path):
    desk = AccessDesk(clock, directory, tmp_path)
    desk.joins("ada")
    desk.joins("bob")
    await desk.open()
    await desk.signs("ada")
    await desk.signs("bob")
    desk.owner.enrolled = True
    return desk


async def approved(desk, model="restricted", **more):
    """The id of ada's application, with the words that a reviewer wrote."""
    application = await desk.applies("ada", model, **more)
    decided = await desk.applying.decide(
        id=application.id, approve=True, deny=False, reason="Sound.", actor=BOSS, days=90
    )
    return decided.id


def registry_of(desk, application):
    """What the rule and the lists say of the registry."""
    row = next(one for one in desk.application_rows.rows if one.id == application)
    [grant] = [one for one in desk.grant_book.grants if one.application == row.id]
    return desk.granting.registry_line(grant)


async def sent(desk, application):
    """Ada sees it, agrees, and it is in the outbox."""
    seen = await desk.countersigning.preview(id=application, actor=member("ada"))
    await desk.countersigning.agree(id=application, sha256=seen.sha256[:12], actor=member("ada"))
    await desk.sent.compose()
    return desk.outbox.messages[seen.message]


def signed(desk, claims, kind):
    return Item(kind, desk.registry.key.sign(kind, claims), msgspec.json.encode(claims), "key")


def yes_to(desk, message, clock):
    """The registry's yes, as it comes with a reply."""
    said = opened(message.token).message
    grant = desk.grant_book.find(said.grant)
    claims = desk.granting.summary(grant)
    token = desk.registry.countersigns(
        desk.box, msgspec.structs.replace(claims, model=said.model), now_ms=clock.time_ms
    )
    return Item(kinds.COUNTERSIGNATURE, token, b"", "key", said.jti)


def no_to(desk, message, reason="Not this year."):
    said = opened(message.token).message
    denial = Denial(
        iss="r", sub=desk.box, jti="den_1", iat=said.iat, re=said.jti, about=said.application, reason=reason
    )
    return signed(desk, denial, kinds.DENIAL)


async def test_what_is_shown_is_byte_for_byte_what_leaves(desk):
    application = await approved(desk)
    seen = await desk.countersigning.preview(id=application, actor=member("ada"))
    assert seen.sha256 == hashlib.sha256(seen.payload.encode()).hexdigest()
    message = await sent(desk, application)
    leaves = opened(message.token)
    assert leaves.payload.decode() == seen.payload
    assert (leaves.kind, leaves.signer.id, message.id) == (kinds.APPLICATION, desk.box, seen.message)


async def test_what_leaves_says_what_was_applied_for_and_decided_and_nothing_else(desk, clock):
    application = await approved(desk)
    said = opened((await sent(desk, application)).token).message
    assert (said.application, said.person, said.project, said.model) == (
        application,
        "ada",
        "nlp",
        "restricted",
    )
    assert (said.affiliation, said.intended_use, said.reviewed_by) == ("Uni", "A study.", "uid 0")
    assert said.until == clock.time_ms // 1000 + 90 * 86_400
    plain = json.loads(msgspec.json.encode(said))
    told = plain.pop("agreed_sha256")
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert told == hashlib.sha256(canonical.encode()).hexdigest()


async def test_nothing_leaves_before_the_applicant_has_agreed(desk):
    application = await approved(desk)
    await desk.countersigning.preview(id=application, actor=member("ada"))
    await desk.sent.compose()
    assert desk.outbox.messages == {}
    assert registry_of(desk, application).startswith("waits for the applicant")


@pytest.mark.parametrize("digits", ["", "0" * 12, "short"])
async def test_other_digits_than_those_of_the_bytes_agree_to_nothing(desk, digits):
    application = await approved(desk)
    with pytest.raises(BadRequest, match="preview"):
        await desk.countersigning.agree(id=application, sha256=digits, actor=member("ada"))
    await desk.countersigning.preview(id=application, actor=member("ada"))
    with pytest.raises(BadRequest, match="preview"):
        await desk.countersigning.agree(id=application, sha256=digits, actor=member("ada"))


async def test_agreeing_twice_sends_once_also_after_a_restart(desk):
    application = await approved(desk)
    first = await sent(desk, application)
    await desk.open()
    seen = await desk.countersigning.preview(id=application, actor=member("ada"))
    assert (seen.message, seen.state) == (first.id, "sent")
    await desk.countersigning.agree(id=application, sha256=seen.sha256, actor=member("ada"))
    await desk.sent.compose()
    assert list(desk.outbox.messages) == [first.id]


async def test_a_crash_between_outbox_and_book_sends_the_same_bytes_again(desk):
    application = await approved(desk)
    message = await sent(desk, application)
    row = desk.asked_rows.rows[message.id]
    desk.asked_rows.rows[message.id] = replace(row, sent_ms=None)
    await desk.open()
    await desk.sent.compose()
    assert desk.outbox.messages == {message.id: message}


async def test_nobody_else_sees_or_agrees_to_it(desk):
    application = await approved(desk)
    for act in (desk.countersigning.preview, desk.countersigning.agree):
        more = {"sha256": "0" * 12} if act == desk.countersigning.agree else {}
        with pytest.raises(NotFound):
            await act(id=application, actor=member("bob"), **more)


async def test_an_operator_who_agrees_for_somebody_says_who_did_and_it_is_kept(desk):
    application = await approved(desk)
    seen = await desk.countersigning.preview(id=application, actor=ROOT)
    with pytest.raises(BadRequest, match="--who"):
        await desk.countersigning.agree(id=application, sha256=seen.sha256, actor=ROOT)
    told = await desk.countersigning.agree(
        id=application, sha256=seen.sha256, actor=ROOT, who="Ada, by letter of May 3"
    )
    assert told.agreed_by == "Ada, by letter of May 3 (said by uid 0)"


async def test_an_application_that_nobody_approved_or_whose_grant_is_gone_goes_nowhere(desk):
    waiting = await desk.applies("ada", "restricted")
    with pytest.raises(Conflict, match="approve"):
        await desk.countersigning.preview(id=waiting.id, actor=member("ada"))
    await desk.applying.withdraw(id=waiting.id, actor=member("ada"))
    application = await approved(desk)
    await desk.granting.revoke(project="nlp", model="restricted")
    with pytest.raises(Conflict, match="grant"):
        await desk.countersigning.preview(id=application, actor=member("ada"))


async def test_a_model_that_no_registry_countersigns_sends_nothing(desk):
    with pytest.raises(BadRequest, match="tier approved"):
        await desk.countersigning.preview(id=await approved(desk, "approved"), actor=member("ada"))


async def test_an_application_for_a_tier_is_countersigned_model_by_model(desk, clock):
    application = await approved(desk, tier="restricted")
    with pytest.raises(BadRequest, match="--model"):
        await desk.countersigning.preview(id=application, actor=member("ada"))
    seen = await desk.countersigning.preview(id=application, actor=member("ada"), model="restricted")
    await desk.countersigning.agree(
        id=application, sha256=seen.sha256, actor=member("ada"), model="restricted"
    )
    await desk.sent.compose()
    await desk.answers.take(yes_to(desk, desk.outbox.messages[seen.message], clock))
    assert desk.lacks("restricted", caller("ada")) == ""
    assert registry_of(desk, application).startswith("restricted: countersigned until")


async def test_the_registrys_yes_lets_the_project_in_and_is_told(desk, clock):
    application = await approved(desk)
    assert desk.lacks("restricted", caller("ada")) == "countersignature"
    message = await sent(desk, application)
    assert "waits for the registry" in registry_of(desk, application)
    yes = yes_to(desk, message, clock)
    for _ in range(2):
        await desk.answers.take(yes)
    assert desk.lacks("restricted", caller("ada")) == ""
    shown = await desk.applying.show(id=application, actor=member("ada"))
    assert shown.registry.startswith("countersigned until")
    await desk.open()
    assert desk.lacks("restricted", caller("ada")) == ""


async def test_the_registrys_no_is_told_with_its_reason_and_may_be_asked_again(desk):
    application = await approved(desk)
    message = await sent(desk, application)
    await desk.answers.take(no_to(desk, message, "Ask\x1b[31m again\u202e in May."))
    shown = await desk.applying.show(id=application, actor=member("ada"))
    assert shown.registry == "denied by the registry: Ask [31m again in May."
    assert desk.lacks("restricted", caller("ada")) == "countersignature"
    again = await desk.countersigning.preview(id=application, actor=member("ada"))
    assert (again.message != message.id, again.state) == (True, "shown")


async def test_a_no_to_something_else_is_somebody_elses(desk):
    application = await approved(desk)
    await sent(desk, application)
    denial = Denial(iss="r", sub=desk.box, jti="d", iat=1, re="msg_other", about="m", reason="No.")
    await desk.answers.take(signed(desk, denial, kinds.DENIAL))
    assert "waits for the registry" in registry_of(desk, application)


async def test_a_message_that_the_registry_does_not_take_is_told_and_may_be_sent_anew(desk):
    application = await approved(desk)
    message = await sent(desk, application)
    refusal = Refusal(message.id, kinds.APPLICATION, "schema", "No such field.", {})
    assert await desk.sent.refused(refusal)
    assert not await desk.sent.refused(Refusal("msg_x", kinds.APPLICATION, "schema", "", {}))
    assert "No such field." in registry_of(desk, application)
    assert (await desk.countersigning.preview(id=application, actor=member("ada"))).state == "shown"


async def test_a_box_that_enrolled_anew_is_agreed_to_anew(desk, tmp_path):
    application = await approved(desk)
    seen = await desk.countersigning.preview(id=application, actor=member("ada"))
    desk.owner.key = BoxKey.at(tmp_path / "another-key.pem")
    other = await desk.countersigning.preview(id=application, actor=member("ada"))
    assert json.loads(other.payload)["box"] == desk.owner.box_id
    with pytest.raises(BadRequest):
        await desk.countersigning.agree(id=application, sha256=seen.sha256, actor=member("ada"))


async def test_a_row_that_was_changed_under_the_hand_does_not_leave(desk):
    application = await approved(desk)
    seen = await desk.countersigning.preview(id=application, actor=member("ada"))
    await desk.countersigning.agree(id=application, sha256=seen.sha256, actor=member("ada"))
    changed = msgspec.structs.replace(
        msgspec.json.decode(seen.payload, type=ApplicationMessage), intended_use="Other."
    )
    row = desk.asked_rows.rows[seen.message]
    desk.asked_rows.rows[seen.message] = replace(row, payload=msgspec.json.encode(changed).decode())
    await desk.open()
    with pytest.raises(IntegrityFailed, match="shown"):
        await desk.sent.compose()
    assert desk.outbox.messages == {}


# ---- who could countersign ----


async def test_without_any_registry_the_reviewers_word_stands_and_says_so(desk, tmp_path):
    desk.owner.enrolled = False
    (tmp_path / "registry-keys" / "registry.pem").unlink()
    await desk.open()
    application = await desk.applies("ada", "restricted")
    decided = await desk.applying.decide(
        id=application.id, approve=True, deny=False, reason="Sound.", actor=BOSS
    )
    assert decided.registry == NO_REGISTRY
    found = desk.rule.decision(caller("ada"), desk.catalog.find("restricted")[0])
    assert found.allowed
    assert found.notices == (f"restricted is of tier restricted, and {NO_REGISTRY}.",)
    [line] = (await desk.granting.show_all()).grants
    assert line.registry == NO_REGISTRY
    with pytest.raises(Conflict, match="belongs to no registry"):
        await desk.countersigning.preview(id=application.id, actor=member("ada"))


async def test_a_registrys_key_in_the_folder_asks_for_its_file_readable_or_not(desk, clock, tmp_path):
    desk.owner.enrolled = False
    (tmp_path / "registry-keys" / "registry.pem").write_text("damaged")
    await desk.open()
    application = await approved(desk)
    assert desk.lacks("restricted", caller("ada")) == "countersignature"
    assert "countersign FILE" in registry_of(desk, application)
    (tmp_path / "registry-keys" / "registry.pem").unlink()
    assert desk.lacks("restricted", caller("ada")) == "countersignature"
    clock.time_ms += 11_000
    assert desk.lacks("restricted", caller("ada")) == ""


@pytest.mark.parametrize(("who", "waits_for"), [("ada", "you"), ("bob", "applicant")])
async def test_a_refused_request_says_whose_step_is_next(desk, who, waits_for):
    application = await approved(desk)
    recipe = desk.catalog.find("restricted")[0]
    assert desk.rule.decision(caller(who), recipe).waits_for == "applicant"
    await desk.countersigning.preview(id=application, actor=member("ada"))
    found = desk.rule.decision(caller(who), recipe)
    assert (found.lacks, found.waits_for) == ("countersignature", waits_for)
    assert f'POST /v1/me/access/preview` with {{"id": "{application}"}}' in found.message
    await sent(desk, application)
    assert desk.rule.decision(caller(who), recipe).waits_for == "registry"


async def test_a_grant_without_an_application_says_that_somebody_has_to_apply(desk):
    [given] = (await desk.granting.grant(model="restricted", project="nlp", actor=ROOT)).grants
    assert "answers no application" in given.registry
    found = desk.rule.decision(caller("ada"), desk.catalog.find("restricted")[0])
    assert found.waits_for == "reviewer"
