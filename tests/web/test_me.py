"""The page of what is somebody's own."""

import json

import pytest

from appliance.domain.classes import SeatTrouble
from appliance.domain.results import KeyIssued, KeyList
from appliance.errors import BadRequest
from tests.admin.fake_box import sample
from tests.web.fakes import NOBODY, NOON_MS, STUDENT, WebBox, parsed

DAY_MS = 86_400_000


@pytest.fixture
def box():
    return WebBox()


def key(**changes):
    import msgspec

    listed = sample(KeyList, "laptop")
    one = msgspec.structs.replace(listed.keys[0], state="active", **changes)
    return KeyList(keys=(one,))


async def test_budgets_are_bars_with_the_numbers_beside_them(box):
    async with box.browser("crl_student") as browser:
        page = await browser.page("/me")
        bar = page.one(data_testid="bar")
        assert "You in this project, today" in bar.words
        assert "2.5 of 6 credits used, 3.5 left" in bar.words
        assert "about 7,000 tokens of tiny" in bar.words
        progress = bar.one("progress")
        assert progress.attributes["value"] == "41"
        assert page.one(id=progress.attributes["aria-labelledby"]).words == bar.one("p").words


async def test_seven_days_are_a_table_also_where_nothing_was_used(box):
    async with box.browser("crl_student") as browser:
        table = (await browser.page("/me")).one("table", id="days")
        rows = table.one("tbody").all("tr")
        assert [row.one("th").words for row in rows] == [f"2023-11-{day:02}" for day in range(8, 15)]
        used = rows[5]
        assert [cell.words for cell in used.all("td")] == ["3", "15", "0.00005"]
        assert rows[6].all("td")[0].attributes["data-value"] == "0"


async def test_only_the_asking_caller_s_days_are_asked_for(box):
    asked = []

    async def own_days(caller, since_ms):
        asked.append((caller, since_ms))
        return ()

    box.days.own_days = own_days
    async with box.browser("crl_student") as browser:
        await browser.page("/me")
    assert [caller.key_id for caller, _ in asked] == [STUDENT.key_id]
    assert asked[0][1] == NOON_MS - NOON_MS % DAY_MS - 6 * DAY_MS


async def test_errors_are_told_in_plain_words_and_of_this_key_alone(box):
    trouble = SeatTrouble("queue_full", "Too many wait; ask again in 5 s.", "req_1", NOON_MS, "tiny")
    box.troubles.by_key = {STUDENT.key_id: (trouble,), "key_other": (trouble, trouble)}
    async with box.browser("crl_student") as browser:
        row = (await browser.page("/me")).one(data_testid="trouble")
        assert "Too many wait; ask again in 5 s." in row.words
        assert "req_1" in row.words


async def test_a_new_key_is_shown_once_and_is_in_no_other_answer(box):
    box.operations.answers["key.new"] = KeyIssued(
        key="crl_secret", id="key_9", name="laptop", project="seminar", expires_ms=None
    )
    async with box.browser("crl_student") as browser:
        answer = await browser.send("/me/keys", name="laptop", expires_days="30")
        assert answer.status_code == 200
        assert parsed(answer.text).one(id="issued-key").words == "crl_secret"
        assert answer.headers["cache-control"] == "no-store"
        assert "crl_secret" not in (await browser.get("/me")).text
    assert box.operations.called("key.new") == [
        {"name": "laptop", "expires_days": 30, "project": "seminar", "person": "ada"}
    ]
    assert "crl_secret" not in str(box.log.lines)


async def test_nobody_makes_a_key_in_another_s_name(box):
    async with box.browser("crl_student") as browser:
        answer = await browser.send("/me/keys", name="laptop", person="prof", project="other")
        assert answer.status_code == 400
    assert not box.operations.called("key.new")


async def test_a_key_is_ended_and_the_page_shows_the_rest(box):
    box.operations.answers["key.list"] = key(id="key_7", name="old laptop")
    async with box.browser("crl_student") as browser:
        page = await browser.page("/me")
        form = page.one(data_testid="key").one("form")
        assert form.one("input", name="id").attributes["value"] == "key_7"
        answer = await browser.send("/me/keys/revoke", id="key_7")
        assert answer.headers["location"] == "/me#keys"
    assert box.operations.called("key.revoke") == [{"id": "key_7", "project": "seminar", "person": "ada"}]


async def test_what_is_refused_is_told_on_the_page_itself(box):
    box.operations.answers["budget.request"] = BadRequest("Ask for more than nothing.")
    async with box.browser("crl_student") as browser:
        answer = await browser.send("/me/budget", credits="0", reason="More")
        assert answer.status_code == 400
        page = parsed(answer.text)
        assert "Ask for more than nothing." in page.one(data_testid="error").words
        assert page.one("table", id="days")


async def test_more_budget_is_asked_for_by_the_table_s_own_fields(box):
    async with box.browser("crl_student") as browser:
        form = (await browser.page("/me")).one("form", action="/me/budget")
        named = {
            one.attributes["name"] for one in (*form.all("input"), *form.all("textarea"), *form.all("select"))
        }
        assert named == {"csrf", "credits", "reason", "whose"}
        await browser.send("/me/budget", credits="0.5", reason="A longer seminar.", whose="person")
    (asked,) = box.operations.called("budget.request")
    assert asked == {
        "credits": "0.5",
        "reason": "A longer seminar.",
        "whose": "person",
        "project": "seminar",
        "person": "ada",
    }


async def test_who_sits_in_a_class_is_sent_to_the_teacher_for_a_key(box):
    box.lesson()
    async with box.browser("crl_student") as browser:
        page = await browser.page("/me")
        assert not page.all("form", action="/me/keys")
        assert "ask your teacher for a new one" in page.words


async def test_spot_checks_are_refused_and_agreed_to_on_the_page(box):
    async with box.browser("crl_student") as browser:
        page = await browser.page("/me")
        assert page.one(data_testid="choice").words == "text"
        assert (
            page.one("form", action="/me/samples/refuse").one("input", name="answer").attributes["value"]
            == "yes"
        )
        answer = await browser.send("/me/samples/refuse", answer="yes")
        assert answer.headers["location"] == "/me#recorded"
        assert (await browser.send("/me/samples/consent", answer="maybe")).status_code == 400
    assert box.operations.called("sample.refuse") == [
        {"answer": "yes", "person": "ada", "project": "seminar"}
    ]
    assert not box.operations.called("sample.consent")


async def test_everything_about_oneself_is_a_file(box):
    async with box.browser("crl_student") as browser:
        answer = await browser.get("/me/export.json")
        assert json.loads(answer.content)["tables"]
        assert "attachment" in answer.headers["content-disposition"]
    assert box.operations.called("person.export") == [{"person": "ada"}]


async def test_a_key_of_nobody_sees_its_numbers_and_no_one_s_keys(box):
    async with box.browser("crl_nobody") as browser:
        page = await browser.page("/me")
        assert page.one(data_testid="bar")
        assert "of nobody in particular" in page.words
        assert (await browser.get("/me/export.json")).status_code == 403
    assert not box.operations.calls
    assert NOBODY.person_id == "default"
