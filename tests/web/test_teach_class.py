"""The page of a class: what it shows, and what is done from it."""

import pytest

from appliance.errors import Conflict, NotFound
from tests.web.class_box import class_box
from tests.web.fakes import NOON_MS
from tests.web.lesson_results import detail, poll, screen, seat, seats

POSTS = (
    ("/teach/_new", {"title": "Monday"}),
    ("/teach/monday/open", {}),
    ("/teach/monday/pause", {}),
    ("/teach/monday/resume", {}),
    ("/teach/monday/end", {}),
    ("/teach/monday/message", {"text": "Hello"}),
    ("/teach/monday/model", {"model": "tiny"}),
    ("/teach/monday/seat", {"seat": "ada", "what": "top-up"}),
    ("/teach/monday/roster", {"what": "take", "roster": "Student\nAda"}),
    ("/teach/monday/cards", {}),
    ("/teach/monday/rehearse", {"seats": "3"}),
    ("/teach/monday/poll", {"what": "end"}),
    ("/project/monday/code", {}),
)
GETS = (
    "/teach/monday",
    "/teach/monday/end",
    "/teach/monday/_seats",
    "/teach/monday/_seat",
    "/teach/monday/settings",
    "/teach/monday/roster",
    "/teach/monday/cards",
    "/teach/monday/_rehearsal",
    "/teach/monday/report",
    "/teach/monday/report.csv",
    "/project/monday",
    "/project/monday/_screen",
)


@pytest.fixture
def box():
    return class_box()


@pytest.mark.parametrize("path", GETS)
async def test_whoever_does_not_lead_finds_no_class(box, path):
    async with box.browser("crl_student") as browser:
        answer = await browser.get(path)
    assert answer.status_code == 404
    assert "Monday" not in answer.text
    assert box.operations.calls == []


@pytest.mark.parametrize("path", GETS)
async def test_a_class_of_another_project_is_not_there(box, path):
    for name in ("class.show", "class.seats", "class.projector", "class.report"):
        box.operations.answers[name] = NotFound("No class has this id.")
    async with box.browser("crl_lead") as browser:
        assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize(("path", "fields"), POSTS)
async def test_nothing_is_done_without_the_token_of_the_page(box, path, fields):
    async with box.browser("crl_lead") as browser:
        answer = await browser.send(path, token=False, **fields)
        elsewhere = await browser.send(path, origin="http://elsewhere.example", **fields)
    assert (answer.status_code, elsewhere.status_code) == (403, 403)
    assert box.operations.calls == []


@pytest.mark.parametrize(("path", "fields"), POSTS)
async def test_nothing_is_done_for_who_does_not_lead(box, path, fields):
    async with box.browser("crl_student") as browser:
        answer = await browser.send(path, **fields)
    assert answer.status_code in {400, 404}
    assert box.operations.calls == []


@pytest.mark.parametrize(("path", "fields"), POSTS)
async def test_nothing_is_done_without_a_session(box, path, fields):
    async with box.browser() as browser:
        answer = await browser.send(path, **fields)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/login?to=teach" if "teach" in path else "/login?to=try",
    )
    assert box.operations.calls == []


async def test_a_class_that_is_over_asks_no_more_and_offers_nothing_to_do(box):
    box.operations.answers["class.seats"] = seats(state="over", now_ms=NOON_MS + 10 * 3_600_000)
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday?seat=ada")
    assert "hx-get" not in page.one(id="seats-now").attributes
    actions = {form.attributes["action"] for form in page.one("main").all("form")}
    assert actions == set()


@pytest.mark.parametrize(
    ("state", "there", "not_there"),
    [
        ("planned", ("open",), ("pause", "resume")),
        ("open", ("pause",), ("open", "resume")),
        ("paused", ("resume",), ("open", "pause")),
    ],
)
async def test_only_what_fits_the_state_can_be_pressed(box, state, there, not_there):
    box.operations.answers["class.seats"] = seats(state=state)
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday")
    actions = {form.attributes["action"] for form in page.all("form")}
    assert actions >= {f"/teach/monday/{one}" for one in there}
    assert not actions & {f"/teach/monday/{one}" for one in not_there}


@pytest.mark.parametrize(
    ("what", "action"), [("pause", "class.pause"), ("resume", "class.resume"), ("end", "class.close")]
)
async def test_what_holds_for_all_is_one_press(box, what, action):
    async with box.browser("crl_lead") as browser:
        answer = await browser.send(f"/teach/monday/{what}")
        assert answer.status_code == 303
        assert (await browser.page(answer.headers["location"])).all(class_="notice good")
    assert box.operations.called(action) == [{"name": "monday", "project": "seminar"}]


async def test_opening_takes_the_way_that_was_chosen(box):
    box.operations.answers["class.seats"] = seats(state="planned")
    box.addresses = ("10.20.0.5", "192.168.7.1")
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday?plain=on&address=192.168.7.1")
        assert "checked" in page.one("input", name="plain").attributes
        chosen = [
            one for one in page.one("select", name="address").all("option") if "selected" in one.attributes
        ]
        assert [one.words for one in chosen] == ["192.168.7.1"]
        await browser.send("/teach/monday/open", plain="on", address="192.168.7.1")
    assert box.operations.called("class.open") == [
        {"name": "monday", "project": "seminar", "plain": True, "address": "192.168.7.1"}
    ]


async def test_what_was_refused_is_told_on_the_page_of_the_class(box):
    box.operations.answers["class.open"] = Conflict("Port 7480 is taken. Close the other class first.")
    box.operations.answers["class.seats"] = seats(state="planned")
    async with box.browser("crl_lead") as browser:
        answer = await browser.send("/teach/monday/open", plain="on")
    assert answer.status_code == 409
    assert "Port 7480 is taken" in answer.text
    assert "Monday" in answer.text


async def test_ending_first_says_what_is_lost(box):
    box.operations.answers["class.seats"] = seats(seat(running=2, waiting=3), seat(2, "bob", running=1))
    async with box.browser("crl_lead") as browser:
        words = (await browser.page("/teach/monday/end")).one("main").words
    assert "3 running" in words
    assert "3 waiting" in words
    assert "keys of 1 taken seats" in words
    assert box.operations.called("class.close") == []


async def test_a_message_is_shown_and_taken_away(box):
    async with box.browser("crl_lead") as browser:
        await browser.send("/teach/monday/message", text="Five more minutes")
        await browser.send("/teach/monday/message", text="Five more minutes", what="clear")
    first, second = box.operations.called("class.message")
    assert first["text"] == "Five more minutes"
    assert "text" not in second


async def test_swapping_the_model_keeps_the_others(box):
    box.operations.answers["class.show"] = detail(models=("tiny", "other"))
    async with box.browser("crl_lead") as browser:
        await browser.send("/teach/monday/model", model="other")
    assert box.operations.called("class.set") == [
        {"name": "monday", "project": "seminar", "models": "other,tiny"}
    ]


async def test_a_vote_shows_its_tally_and_is_ended_from_the_page(box):
    box.operations.answers["class.projector"] = screen(poll=poll())
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday")
        assert "A 3, B 5, tie 1" in page.one("main").words
        await browser.send("/teach/monday/poll", what="end")
        await browser.send("/teach/monday/poll", what="begin", prompt="Why?", a="tiny", b="other", seed="7")
        nothing = await browser.send("/teach/monday/poll", what="begin", a="tiny", b="other", seed="7")
    assert nothing.status_code == 400
    ended, begun = box.operations.called("class.poll")
    assert ended["end"] is True
    assert begun == {
        "name": "monday",
        "project": "seminar",
        "prompt": "Why?",
        "a": "tiny",
        "b": "other",
        "seed": 7,
    }


async def test_settings_are_filled_with_what_is_set_and_sent_back_whole(box):
    box.operations.answers["class.show"] = detail(
        networks=("10.0.0.0/24",), models=("tiny", "gone"), guests=4
    )
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday/settings")
        form = page.one("form", action="/teach/monday/settings")
        fields = {one.attributes["name"]: one.attributes.get("value", "") for one in form.all("input")}
        assert fields["networks"] == "10.0.0.0/24"
        assert fields["guests"] == "4"
        assert "does not run now" in form.words
        sent = {
            "title": "Tuesday",
            "mode": "exam",
            "first": "tiny",
            "models": ["tiny", "gone"],
            "seat_tokens": "9",
            "seat_running": "1",
            "seat_requests_per_minute": "0",
            "seat_tokens_per_minute": "0",
            "grace_min": "5",
            "guests": "0",
        }
        answer = await browser.send("/teach/monday/settings", **sent)
    assert answer.status_code == 303
    (called,) = box.operations.called("class.set")
    assert called["models"] == "tiny,gone"
    assert called["networks"] == "none"
    assert (called["title"], called["mode"], called["seat_tokens"]) == ("Tuesday", "exam", 9)
    assert "ends" not in called
