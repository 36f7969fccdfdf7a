"""Accepting, withdrawing, granting: what holds when, and what a model may do then."""

from dataclasses import replace

import pytest

from appliance.errors import (
    BadRequest,
    IntegrityFailed,
    ModelNotFound,
    NotFound,
    NotLicensed,
    StorageUnavailable,
)
from appliance.policy.licenses import Act
from appliance.services.licenses.records import KIND, AcceptanceStatement
from appliance.trust.box_key import BoxKey
from appliance.trust.signed import verify
from tests.services.license_fakes import ADA, BOB, NEW_TEXT, TEXT, Bureau


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return BoxKey.at(tmp_path_factory.mktemp("keys") / "box-key.pem")


@pytest.fixture
async def bureau(clock, key):
    return Bureau(clock, key)


def may(bureau, model, act=Act.LOAD):
    return bureau.permits.decision(bureau.recipe(model), act).allowed


async def test_a_model_is_pulled_loaded_and_asked_once_its_license_is_accepted(bureau):
    small = bureau.recipe("small")
    for act in (Act.PULL, Act.LOAD):
        with pytest.raises(NotLicensed, match="carrel license accept small --text a1a1a1a1a1a1") as refused:
            bureau.permits.check(small, act)
        assert refused.value.details == {"license": {"lacks": "acceptance"}}
    with pytest.raises(NotLicensed, match="Ask who runs the box"):
        bureau.permits.check_request(ADA, small)
    shown = await bureau.accept()
    assert (shown.terms.lacks, shown.terms.next_step) == (None, None)
    assert shown.terms.accepted.who == "Dr. A"
    for act in (Act.PULL, Act.LOAD):
        bureau.permits.check(small, act)
    bureau.permits.check_request(ADA, small)


async def test_an_acceptance_is_signed_by_the_box(bureau, key):
    await bureau.accept()
    [row] = bureau.acceptances.rows
    assert verify(row.record, KIND, key.public, AcceptanceStatement) == AcceptanceStatement(
        id=row.id,
        model="small",
        text_sha256=TEXT,
        level="institution",
        person="",
        who="Dr. A",
        authority="head of the lab",
        purpose="study",
        accepted_ms=row.accepted_ms,
    )


async def test_what_was_accepted_and_granted_holds_after_a_restart(bureau):
    await bureau.accept()
    await bureau.accept("each", person="key_a")
    bureau.open()
    assert not may(bureau, "small")
    await bureau.book.load()
    assert may(bureau, "small")
    assert bureau.permits.standing(bureau.recipe("each"), ADA).personal[0].person == "key_a"


@pytest.mark.parametrize(
    "changes",
    [{"text_sha256": NEW_TEXT}, {"model": "each"}, {"who": "Eve"}, {"person": "key_b"}, {"record": "x.y.z"}],
)
async def test_a_row_that_is_not_what_was_signed_is_not_believed(bureau, changes):
    await bureau.accept()
    bureau.acceptances.rows = [replace(bureau.acceptances.rows[0], **changes)]
    bureau.open()
    await bureau.book.load()
    assert not may(bureau, "small")
    assert (await bureau.licenses.show_all()).not_believed == 1
    model = changes.get("model", "small")
    assert [one.state for one in (await bureau.licenses.show(model=model)).acceptances] == ["not believed"]


async def test_another_boxs_record_is_not_believed(bureau, tmp_path):
    await bureau.accept()
    bureau.key = BoxKey.at(tmp_path / "another.pem")
    bureau.open()
    await bureau.book.load()
    assert not may(bureau, "small")


async def test_without_its_key_a_box_believes_nothing_and_accepts_nothing(bureau):
    await bureau.accept()

    def damaged():
        raise IntegrityFailed("The box's key is damaged.")

    bureau.open()
    bureau.book._records._key = damaged
    await bureau.book.load()
    assert not may(bureau, "small")
    with pytest.raises(IntegrityFailed):
        await bureau.accept()


async def test_a_new_text_asks_again(bureau):
    await bureau.accept()
    bureau.catalog.change("small", text_sha256=NEW_TEXT)
    with pytest.raises(NotLicensed, match="has changed; read and accept it again"):
        bureau.permits.check(bureau.recipe("small"), Act.LOAD)
    assert [one.state for one in (await bureau.licenses.show(model="small")).acceptances] == ["another text"]
    await bureau.accept(text=NEW_TEXT)
    assert may(bureau, "small")


async def test_accepting_again_changes_nothing(bureau):
    await bureau.accept()
    await bureau.accept(who="Dr. B")
    assert len(bureau.acceptances.rows) == 1


@pytest.mark.parametrize(
    "text", [None, "", TEXT[:11], "f" * 12, TEXT[1:14], TEXT + "a", "a1a1a1a1a1a1\n", "."]
)
async def test_whoever_accepts_must_know_the_text(bureau, text):
    with pytest.raises(BadRequest, match="carrel license show small --text"):
        await bureau.accept(text=text)
    assert bureau.acceptances.rows == []


async def test_the_hash_may_be_typed_in_any_case_and_whole(bureau):
    await bureau.accept(text=TEXT.upper())
    assert may(bureau, "small")


async def test_a_text_that_is_not_here_cannot_be_accepted(bureau):
    bureau.texts.known.clear()
    with pytest.raises(BadRequest, match="not on this box"):
        await bureau.accept()
    with pytest.raises(BadRequest, match="not on this box"):
        await bureau.licenses.show(model="small", text=True)


async def test_a_model_that_asks_for_no_acceptance_takes_none(bureau):
    with pytest.raises(BadRequest, match="needs no acceptance"):
        await bureau.accept("open")


@pytest.mark.parametrize("field", ["who", "authority", "purpose"])
async def test_names_are_plain_text(bureau, field):
    with pytest.raises(BadRequest) as refused:
        await bureau.accept(**{field: "a\x1b[2Jb"})
    assert refused.value.param == field


@pytest.mark.parametrize(("model", "person"), [("small", "key_a"), ("each", "a b"), ("each", "x" * 65)])
async def test_a_person_is_named_where_persons_are_asked(bureau, model, person):
    with pytest.raises(BadRequest) as refused:
        await bureau.accept(model, person=person)
    assert refused.value.param == "person"


async def test_a_refused_disk_leaves_nothing_accepted(bureau):
    bureau.acceptances.refuses = StorageUnavailable("full")
    with pytest.raises(StorageUnavailable):
        await bureau.accept()
    assert not may(bureau, "small")


async def test_withdrawing_ends_requests_stops_the_model_and_stays(bureau):
    await bureau.accept()
    answer = await bureau.licenses.withdraw(model="small")
    [(model, project, holder, error)] = bureau.service.ended
    assert (model, project, holder, error.code) == ("small", "", "", "not_licensed")
    assert bureau.service.stopped == ["small"]
    assert answer.note.endswith("nothing opens them until the license is accepted again.")
    assert [one.state for one in answer.acceptances] == ["withdrawn"]
    bureau.open()
    await bureau.book.load()
    assert not may(bureau, "small")


async def test_what_was_withdrawn_can_be_accepted_again_after_a_restart(bureau):
    await bureau.accept()
    await bureau.licenses.withdraw(model="small")
    bureau.open()
    await bureau.book.load()
    await bureau.accept()
    assert may(bureau, "small")
    states = [one.state for one in (await bureau.licenses.show(model="small")).acceptances]
    assert states == ["withdrawn", "holds"]


async def test_withdrawing_says_where_a_license_wants_the_files_deleted(bureau):
    bureau.catalog.change("small", on_revocation="delete")
    await bureau.accept()
    assert "`carrel model remove small` deletes them" in (await bureau.licenses.withdraw(model="small")).note


async def test_withdrawing_holds_and_stops_the_model_even_where_the_disk_refuses(bureau):
    await bureau.accept()
    bureau.acceptances.refuses = StorageUnavailable("full")
    with pytest.raises(StorageUnavailable):
        await bureau.licenses.withdraw(model="small")
    assert not may(bureau, "small")
    assert bureau.service.stopped == ["small"]


async def test_a_model_that_left_the_catalog_can_still_be_withdrawn(bureau):
    await bureau.accept()
    bureau.catalog.drop("small")
    answer = await bureau.licenses.withdraw(model="small")
    assert (answer.terms, bureau.service.stopped) == (None, ["small"])


async def test_there_must_be_something_to_withdraw(bureau):
    with pytest.raises(NotFound, match="carrel license show small"):
        await bureau.licenses.withdraw(model="small")
    with pytest.raises(NotFound):
        await bureau.licenses.withdraw(model="each", person="key_a")
    assert bureau.service.ended == []


async def test_one_persons_withdrawal_ends_only_their_requests(bureau):
    await bureau.accept("each")
    for person in ("key_a", "key_b"):
        await bureau.accept("each", person=person)
    await bureau.licenses.withdraw(model="each", person="key_a")
    assert [one[:3] for one in bureau.service.ended] == [("each", "", "key_a")]
    assert bureau.service.stopped == []
    with pytest.raises(NotLicensed):
        bureau.permits.check_request(ADA, bureau.recipe("each"))
    bureau.permits.check_request(BOB, bureau.recipe("each"))


async def test_the_list_names_what_wants_something_and_what_to_do(bureau):
    await bureau.accept()
    listed = await bureau.licenses.show_all()
    assert [(one.model, one.lacks) for one in listed.models] == [
        ("small", None), ("each", "acceptance"), ("gated", "grant"),
    ]  # fmt: skip
    assert listed.models[2].next_step == "No grant for gated."


async def test_text_and_terms_are_shown_for_the_asking(bureau):
    assert (await bureau.licenses.show(model="small")).text is None
    assert (await bureau.licenses.show(model="small@f16", text=True)).text == "Do no harm."
    with pytest.raises(ModelNotFound):
        await bureau.licenses.show(model="none")


async def test_a_model_that_no_project_may_use_is_neither_fetched_nor_started(bureau):
    gated = bureau.recipe("gated")
    for act in (Act.PULL, Act.LOAD):
        with pytest.raises(NotLicensed, match="No grant for gated") as refused:
            bureau.permits.check(gated, act)
        assert refused.value.details == {"license": {"lacks": "grant"}}
    bureau.tiers.granted = True
    bureau.permits.check(gated, Act.PULL)
