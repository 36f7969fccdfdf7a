"""What a student is asked to accept, and what follows from it."""

import pytest

from appliance.errors import BadRequest, ModelNotFound, NotFound, NotLicensed, RateLimited
from appliance.services.licenses.own import MOST_ACTS
from appliance.trust.box_key import BoxKey
from tests.services.license_fakes import ADA, BOB, NEW_TEXT, TEXT, Bureau


@pytest.fixture
async def bureau(clock, tmp_path):
    made = Bureau(clock, BoxKey.at(tmp_path / "box-key.pem"))
    await made.accept("each")
    return made


async def accept(bureau, caller=ADA, model="each", text=TEXT[:12]):
    return await bureau.own.accept(caller, model=model, text_sha256=text, purpose="course")


async def states(bureau, caller):
    return {one.model: one.accepted for one in await bureau.own.show_all(caller)}


async def test_a_student_finds_accepts_and_uses_a_model(bureau):
    assert await states(bureau, ADA) == {"each": False}
    assert (await accept(bureau)).accepted
    bureau.permits.check_request(ADA, bureau.recipe("each"))
    assert (await states(bureau, ADA), await states(bureau, BOB)) == ({"each": True}, {"each": False})
    with pytest.raises(NotLicensed, match="GET /v1/me/licenses"):
        bureau.permits.check_request(BOB, bureau.recipe("each"))


async def test_the_record_names_the_pseudonym_and_nobody_else(bureau):
    await accept(bureau)
    row = bureau.acceptances.rows[-1]
    assert (row.person, row.who, row.authority, row.purpose) == ("key_a", "key_a", "for themselves", "course")


async def test_a_model_that_the_box_may_not_serve_is_neither_shown_nor_accepted(bureau):
    await bureau.licenses.withdraw(model="each")
    assert await states(bureau, ADA) == {}
    with pytest.raises(NotLicensed, match="Ask who runs the box"):
        await accept(bureau)


@pytest.mark.parametrize("model", ["small", "open", "none", "each@f16"])
async def test_a_model_that_does_not_ask_its_users_is_not_found(bureau, model):
    with pytest.raises(ModelNotFound):
        await accept(bureau, model=model)


@pytest.mark.parametrize("text", [NEW_TEXT, "f" * 12, TEXT[:11], "z" * 12])
async def test_another_text_is_refused(bureau, text):
    with pytest.raises(BadRequest) as refused:
        await accept(bureau, text=text)
    assert refused.value.param == "text_sha256"


async def test_a_new_text_asks_again_and_says_so(bureau):
    await accept(bureau)
    bureau.catalog.change("each", text_sha256=NEW_TEXT)
    await bureau.accept("each", text=NEW_TEXT)
    [own] = await bureau.own.show_all(ADA)
    assert (own.accepted, own.accepted_another_text, own.text) == (False, True, "Do no harm at all.")


async def test_taking_it_back_ends_ones_own_requests(bureau):
    await accept(bureau)
    await accept(bureau, BOB)
    await bureau.own.withdraw(ADA, model="each")
    assert [one[:3] for one in bureau.service.ended] == [("each", "", "key_a")]
    assert (await states(bureau, ADA), await states(bureau, BOB)) == ({"each": False}, {"each": True})
    with pytest.raises(NotFound):
        await bureau.own.withdraw(ADA, model="each")


async def test_one_person_cannot_fill_the_book(bureau):
    for _ in range(MOST_ACTS):
        await accept(bureau)
        await bureau.own.withdraw(ADA, model="each")
    with pytest.raises(RateLimited):
        await accept(bureau)
    await accept(bureau, BOB)
