"""Joining: a code, a name, and one is in, with a key that is shown once."""

from dataclasses import dataclass

import pytest

from appliance.edge.sessions import csrf_token
from appliance.errors import Conflict, NotFound, RateLimited
from tests.web.class_box import class_box
from tests.web.fakes import ABROAD, HOUR_MS, NOON_MS, STUDENT, parsed
from tests.web.lesson_results import KEY

CODE = "K7QM-2F9X"


@dataclass(frozen=True)
class Offer:
    class_id: str = "monday"
    title: str = "Monday"
    mode: str = "open"
    names: tuple = ((1, "Ada Oakley"), (2, "Bob Birch"))
    guests: bool = False
    ends_ms: int = NOON_MS + HOUR_MS


@dataclass(frozen=True)
class Claimed:
    secret: str = KEY
    key_id: str = STUDENT.key_id
    class_id: str = "monday"
    person: str = "ada"
    name: str = "Ada Oakley"
    expires_ms: int = NOON_MS + HOUR_MS


@pytest.fixture
def box():
    box = class_box()
    box.lesson(plain=True)
    box.joining.offers[CODE] = Offer()
    box.joining.claimed = Claimed()
    return box


async def test_without_a_code_one_is_asked_for(box):
    async with box.browser() as browser:
        page = await browser.page("/join")
    form = page.one("form", action="/join")
    assert form.attributes["method"] == "get"
    assert "autofocus" in form.one("input", name="code").attributes
    assert page.all("a", href="/login")


async def test_the_code_of_the_address_leads_to_the_names(box):
    async with box.browser() as browser:
        page = await browser.page(f"/join?code={CODE}")
    options = [one.words for one in page.one("select", name="number").all("option")]
    assert options == ["Choose your name", "Ada Oakley", "Bob Birch"]
    assert "1 h 0 min left" in page.words
    assert not page.all("button", name="guest")


async def test_one_name_and_one_is_in(box):
    async with box.browser(address=ABROAD) as browser:
        box.plain.allowed.add(STUDENT.key_id)
        answer = await browser.send("/join", code=CODE, number="1")
        page = parsed(answer.text)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert box.joining.claims == [(CODE, 1)]
        assert "You are in, Ada Oakley" in page.words
        assert page.one(id="key-shown").attributes["value"] == KEY
        assert page.all("svg", class_="qr")
        assert 'base_url="http://10.20.0.5:7480/v1"' in page.one("pre").text
        assert "class-model" in page.one("pre").text
        assert (await browser.get("/me")).status_code == 200


async def test_a_page_of_another_place_joins_nobody(box):
    async with box.browser() as browser:
        answer = await browser.send("/join", origin="http://elsewhere.example", code=CODE, number="1")
    assert answer.status_code == 403
    assert box.joining.claims == []


async def test_who_is_not_in_the_list_joins_as_a_guest_where_that_is_allowed(box):
    box.joining.offers[CODE] = Offer(guests=True)
    async with box.browser() as browser:
        page = await browser.page(f"/join?code={CODE}")
        assert page.one("button", name="guest").words == "I am not in the list"
        await browser.send("/join", code=CODE, guest="on")
    assert box.joining.claims == [(CODE, None)]


async def test_no_name_chosen_is_told_beside_the_list(box):
    async with box.browser() as browser:
        answer = await browser.send("/join", code=CODE)
    assert answer.status_code == 400
    assert "Choose your name" in parsed(answer.text).one(role="alert").words
    assert box.joining.claims == []


@pytest.mark.parametrize("path", ["/join?code=WRONG", "/join?code=%3Cscript%3E"])
async def test_a_wrong_code_is_told_and_another_one_asked_for(box, path):
    async with box.browser() as browser:
        answer = await browser.get(path)
    page = parsed(answer.text)
    assert answer.status_code == 404
    assert "Look at the projector" in page.one(role="alert").words
    assert page.all("input", name="code")
    assert not page.one("main").all("script")


async def test_a_seat_that_somebody_took_meanwhile_is_told_with_the_names_left(box):
    async def taken(code, number, address, *, secure):
        raise Conflict("Somebody took this seat a moment ago. Choose another name, or ask your teacher.")

    box.joining.claim = taken
    async with box.browser() as browser:
        answer = await browser.send("/join", code=CODE, number="1")
    assert answer.status_code == 409
    assert "ask your teacher" in answer.text
    assert "Bob Birch" in answer.text


async def test_too_many_tries_are_told_when_to_go_on(box):
    async def limited(code, address, *, secure):
        raise RateLimited("Too many wrong codes from here. Wait a minute.", retry_after_s=40)

    box.joining.look = limited
    async with box.browser() as browser:
        answer = await browser.get(f"/join?code={CODE}")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "40")


async def test_a_class_that_is_over_can_not_be_joined(box):
    async def over(code, number, address, *, secure):
        raise NotFound("This code is wrong, or its minutes are over.")

    box.joining.claim = over
    box.joining.offers.clear()
    async with box.browser() as browser:
        answer = await browser.send("/join", code=CODE, number="1")
    assert answer.status_code == 404
    assert "its minutes are over" in answer.text


async def test_who_sits_there_already_is_led_on(box):
    async with box.browser("crl_student") as browser:
        page = await browser.page(f"/join?code={CODE}")
    assert "You are in Monday already" in page.words
    assert not page.all("select", name="number")


async def test_an_exam_says_what_it_is_and_gives_no_code_for_another_device(box):
    box.lesson(mode="exam")
    box.joining.offers[CODE] = Offer(mode="exam")
    async with box.browser() as browser:
        words = (await browser.page(f"/join?code={CODE}")).words
        assert "One device a seat" in words
        assert "The box records" in words
        answer = await browser.send("/join", code=CODE, number="1")
    assert not parsed(answer.text).all("svg", class_="qr")


async def test_the_file_for_programs_is_made_from_the_key_that_was_shown(box):
    async with box.browser() as browser:
        page = parsed((await browser.send("/join", code=CODE, number="1")).text)
        form = page.one("form", action="/join/env")
        fields = {one.attributes["name"]: one.attributes["value"] for one in form.all("input")}
        assert fields["csrf"] == csrf_token(browser.cookie)
        answer = await browser.send("/join/env", key=fields["key"])
        refused = await browser.send("/join/env", token=False, key=fields["key"])
        hostile = await browser.send("/join/env", key="crl_abc\nOPENAI_BASE_URL=http://evil.example")
    assert answer.text.splitlines() == [
        f"OPENAI_API_KEY={KEY}",
        "OPENAI_BASE_URL=http://10.20.0.5:7480/v1",
        "OPENAI_MODEL=class-model",
    ]
    assert answer.headers["content-disposition"] == 'attachment; filename=".env"'
    assert answer.headers["cache-control"] == "no-store"
    assert (refused.status_code, hostile.status_code) == (403, 400)


async def test_over_tls_with_an_authority_of_its_own_the_page_tells_how_to_trust_it(box):
    box.door.addresses = lambda lesson: ("https://10.20.0.5:7443",)
    async with box.browser(base_url="https://box.test") as browser:
        page = parsed((await browser.send("/join", code=CODE, number="1")).text)
        assert ":".join(["AB"] * 32) in page.words
        assert page.all("a", href="/ca.crt")
        assert "SSL_CERT_FILE" in page.words
        assert "SSL_CERT_FILE=carrel-ca.crt" in (await browser.send("/join/env", key=KEY)).text


async def test_over_plain_http_no_certificate_is_spoken_of(box):
    async with box.browser() as browser:
        page = parsed((await browser.send("/join", code=CODE, number="1")).text)
    assert "certificate" not in page.one("main").words
