"""Flaw reports that go to the lab that shares the model: the bytes that were agreed to, and the answer."""

import hashlib
import json

import msgspec
import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.people import Caller
from appliance.domain.reports import Drawn
from appliance.errors import BadRequest, Conflict, NotFound
from appliance.federation.protocol.letters import FlawAnswer, FlawReport
from appliance.services.federation.ports import Refusal
from appliance.services.letters.ports import Reader
from appliance.services.reports.filing import Case
from appliance.trust.sealing import PrivateKey, SealingKey, make_key_pair
from tests.letters.labs import LISTED, OPERATOR

PROMPT = "Go on: MARKER-4711"
PROMPT_SHA256 = hashlib.sha256(PROMPT.encode()).hexdigest()
ADA = Caller("key_0123456789ab", "default", "default")
OF_ADA = Actor("ada", Permission.MEMBER, person=ADA.holder, project="default")
BOB = Actor("bob", Permission.MEMBER, person="bob", project="default")


def case(**changed):
    said = {"to_owner": True, "prompt": PROMPT} | changed
    drawn = Drawn(2**63 - 1, temperature=0.7, max_tokens=5)
    return Case(LISTED, drawn, "high", "bias", "It says 'she'\tin 48 of 50.", 48, **said)


async def preview(lab, report, *, prompt=None, actor=OPERATOR):
    return await lab.travelling.preview(
        id=report.id, prompt_file=prompt, project=None, person=None, actor=actor
    )


async def consent(lab, report, digits, *, prompt=None, actor=OF_ADA):
    return await lab.travelling.consent(
        id=report.id, sha256=digits, prompt_file=prompt, project=None, person=None, actor=actor
    )


async def send(lab, report, *, prompt=None):
    return await lab.travelling.send(id=report.id, prompt_file=prompt, actor=OPERATOR)


@pytest.fixture
async def filed(labs):
    """A report of south's about north's model."""
    await labs.list()
    return await labs.south.own_reports.file(ADA, case())


async def sent(labs, filed, prompt=None):
    seen = await preview(labs.south, filed, prompt=prompt)
    await consent(labs.south, filed, seen.sha256[:12], prompt=prompt)
    await send(labs.south, filed, prompt=prompt)
    await labs.sync()
    (line,) = (await labs.north.reviews.list_reports(all=True, limit=10)).reports
    return line


async def test_the_owner_gets_what_was_agreed_to_and_the_answer_comes_back(labs, filed):
    line = await sent(labs, filed)
    assert (line.model, line.severity, line.category, line.seen) == ("handbook-tiny", "high", "bias", 48)
    assert (line.seed, line.temperature, line.max_tokens) == (2**63 - 1, "0.7", 5)
    assert (line.prompt_sha256, line.prompt) == (PROMPT_SHA256, "not kept")
    assert line.origin == f"box {labs.south.box.id[:12]} of South College"
    with pytest.raises(BadRequest, match="own people"):
        await labs.north.reviews.triage(
            id=line.id, verdict="accepted", reason="Seen.", credits="5", actor=OPERATOR
        )
    await labs.north.reviews.triage(
        id=line.id, verdict="accepted", reason="Seen in 45 of 50.\nThanks.", credits=None, actor=OPERATOR
    )
    assert labs.north.ledger.given == []
    await labs.sync()
    shown = await labs.south.reviews.show(id=filed.id)
    assert (shown.owner, shown.owner_verdict) == ("answered", "accepted")
    assert shown.owner_reason == "Seen in 45 of 50. Thanks."
    assert shown.state == "open"
    journeys = await labs.south.own_reports.journeys([filed])
    assert journeys[filed.id].travel.verdict == "accepted"
    assert labs.north.log.why == labs.south.log.why == []


async def test_the_preview_shows_the_very_bytes_that_arrive(labs, filed, monkeypatch):
    seen = await preview(labs.south, filed)
    assert hashlib.sha256(seen.content.encode()).hexdigest() == seen.sha256
    assert (seen.organization, seen.sealed, seen.consented) == ("north", True, False)
    said = json.loads(seen.content)
    assert PROMPT not in seen.content
    assert set(said) <= set(FlawReport.__struct_fields__)
    assert not {"person", "project", "key"} & set(said)
    for secret in (ADA.key_id, filed.id):
        assert secret not in seen.content
    opened = []
    open_ = labs.north.opener.open
    monkeypatch.setattr(labs.north.opener, "open", lambda text: opened.append(open_(text)) or opened[-1])
    await sent(labs, filed)
    assert opened == [seen.content.encode()]


async def test_nothing_leaves_without_consent_to_these_bytes(labs, filed):
    with pytest.raises(Conflict, match="has not agreed"):
        await send(labs.south, filed)
    seen = await preview(labs.south, filed)
    for digits in ("", seen.sha256[:11], "0" * 64):
        with pytest.raises(BadRequest, match="other bytes"):
            await consent(labs.south, filed, digits)
    await consent(labs.south, filed, seen.sha256)
    with pytest.raises(Conflict, match="other bytes"):
        await send(labs.south, filed, prompt=PROMPT)
    with pytest.raises(BadRequest, match="another prompt"):
        await send(labs.south, filed, prompt="another")
    await labs.sync()
    assert (await labs.north.reviews.list_reports(all=True, limit=10)).reports == ()


@pytest.mark.slow
async def test_a_prompt_goes_along_only_where_its_reporter_agreed_to_it(labs, filed):
    with_prompt = await preview(labs.south, filed, prompt=PROMPT)
    assert PROMPT in with_prompt.content
    line = await sent(labs, filed, prompt=PROMPT)
    assert line.prompt == "not kept"
    for lab in (labs.south, labs.north):
        dump = await lab.store._reader.run(lambda database: "\n".join(database.conn.iterdump()))
        assert "MARKER-4711" not in dump


@pytest.mark.slow
async def test_a_prompt_that_came_along_is_sealed_to_the_reviewers(labs, filed):
    pair = make_key_pair()
    labs.north.readers.keys["rkey"] = SealingKey.read(pair.public)
    add = "INSERT INTO reviewer_key (id, label, public, added_by, added_ms) VALUES ('rkey', '', '', '', 0)"
    await labs.north.store._writer.run(lambda database: database.execute(add).rowcount)
    line = await sent(labs, filed, prompt=PROMPT)
    assert line.prompt == "sealed"
    (kept,) = (await labs.north.reviews.fetch(id=line.id)).sealed
    assert PROMPT in PrivateKey.read(pair.private).open(kept.jwe).decode()


async def test_a_member_sees_and_sends_their_own_reports_alone(labs, filed):
    assert (await preview(labs.south, filed, actor=OF_ADA)).id == filed.id
    for job in (preview(labs.south, filed, actor=BOB), consent(labs.south, filed, "0" * 12, actor=BOB)):
        with pytest.raises(NotFound):
            await job


@pytest.mark.slow
async def test_a_report_is_sent_once_and_who_agreed_is_told(labs, filed):
    seen = await preview(labs.south, filed)
    agreed = await consent(labs.south, filed, seen.sha256[:12], actor=OPERATOR)
    assert (agreed.owner, agreed.consented_by) == ("consented", "uid 0")
    assert (await send(labs.south, filed)).owner == "sent"
    for again in (send(labs.south, filed), consent(labs.south, filed, seen.sha256[:12])):
        with pytest.raises(Conflict, match="sent already"):
            await again


@pytest.mark.slow
async def test_a_report_that_the_registry_does_not_carry_can_be_sent_again(labs, filed):
    seen = await preview(labs.south, filed)
    await consent(labs.south, filed, seen.sha256[:12])
    await send(labs.south, filed)
    (one,) = labs.south.outbox.rows.values()
    assert await labs.south.sender.refused(Refusal(one.id, one.kind, "not-found", "No such box.", {}))
    shown = await labs.south.reviews.show(id=filed.id)
    assert (shown.owner, shown.owner_reason) == ("consented", "the registry did not carry it: No such box.")
    assert (await send(labs.south, filed)).owner == "sent"


@pytest.mark.slow
async def test_an_answer_of_nobody_who_was_asked_is_refused(labs, filed, make_lab):
    await sent(labs, filed)
    thread = (await labs.south.store.correspondence.travel.of(filed.id)).thread
    west = await make_lab("West College", "west")
    answer = FlawAnswer(model=LISTED, verdict="declined", reason="No.")
    for one in (thread, "thr_000000000000"):
        await west.sender.send(Reader(box=labs.south.box.id), one, answer)
    await labs.sync(west)
    assert len(labs.south.log.why) == 2
    assert (await labs.south.reviews.show(id=filed.id)).owner == "sent"


@pytest.mark.slow
async def test_reports_of_models_that_are_not_shared_or_with_another_prompt_are_refused(labs, filed):
    await sent(labs, filed)
    good = FlawReport(
        model=LISTED, revision=1, file_sha256="", severity="low", category="other", description="x", seen=1,
        seed="1", prompt_sha256=PROMPT_SHA256, prompt=PROMPT,
    )  # fmt: skip
    for changed in ({"model": "north.other"}, {"prompt": "another"}):
        bad = msgspec.structs.replace(good, **changed)
        await labs.south.sender.send(Reader(organization="north"), "thr_0123456789ab", bad)
    await labs.sync()
    assert len(labs.north.log.why) == 2


@pytest.mark.slow
async def test_one_box_has_so_many_open_reports_and_no_more(labs, filed):
    await sent(labs, filed)
    good = FlawReport(
        model=LISTED, revision=1, file_sha256="", severity="low", category="other", description="x", seen=1,
        seed="1", prompt_sha256=PROMPT_SHA256,
    )  # fmt: skip
    for number in range(20):
        await labs.south.sender.send(Reader(organization="north"), f"thr_{number:012x}", good)
    await labs.sync()
    assert len((await labs.north.reviews.list_reports(all=True, limit=100)).reports) == 20


@pytest.mark.slow
async def test_there_is_no_owner_to_tell_of_one_s_own_models(labs):
    await labs.list()
    with pytest.raises(BadRequest, match="no owner"):
        await labs.south.own_reports.file(
            ADA, Case("handbook-tiny", Drawn(1), "low", "other", "x", prompt="p", to_owner=True)
        )
    plain = await labs.south.own_reports.file(
        ADA, Case("handbook-tiny", Drawn(1), "low", "other", "x", prompt="p")
    )
    with pytest.raises(BadRequest, match="no owner"):
        await preview(labs.south, plain)
