"""Cards: what stands on one, that keys are made once, and that nothing of it leaves the page."""

import base64
import re

import pytest

from appliance.web.cards import cards_html, sign_in_url
from appliance.web.key_groups import key_groups
from appliance.web.qr import qr_svg
from tests.web.class_box import class_box
from tests.web.fakes import parsed
from tests.web.lesson_results import KEY, URL, cards

FINGERPRINT = ":".join(["AB"] * 32)


@pytest.fixture
def box():
    return class_box()


def test_a_key_is_in_groups_that_join_to_it():
    groups = key_groups(KEY)
    assert "".join(groups) == KEY
    assert groups[0] == "crl_"
    assert {len(one) for one in groups[1:-1]} == {4}
    assert len(groups[-1]) > 1


def test_a_card_has_all_that_a_student_needs():
    page = parsed(cards_html(cards(1, fingerprint=FINGERPRINT)))
    words = page.one("article").words
    for wanted in (
        "Monday",
        "1 Student 1",
        URL,
        "http://carrel.local:7480",
        f'base_url = "{URL}/v1"',
        'model = "class-model"',
        "This card is a password",
        FINGERPRINT,
        f"{URL}/ca.crt",
        "SSL_CERT_FILE",
    ):
        assert wanted in words, wanted
    assert [one.text for one in page.one(class_="card-key").all("span")] == list(key_groups(KEY))


def test_without_an_authority_of_its_own_a_card_says_nothing_of_certificates():
    page = cards_html(cards(1))
    assert "SSL_CERT_FILE" not in page
    assert "ca.crt" not in page


def test_ten_cards_are_a_page():
    page = parsed(cards_html(cards(30)))
    assert [len(one.all("article")) for one in page.all("section")] == [10, 10, 10]
    assert [len(one.all("article")) for one in parsed(cards_html(cards(11))).all("section")] == [10, 1]


def test_the_file_needs_nothing_else_and_runs_nothing():
    html = cards_html(cards(3))
    assert "<script" not in html
    assert "http://www.w3.org" not in html
    assert not re.search(r"(src|href)=", html)
    assert "@page" in parsed(html).one("style").text


def test_the_code_holds_the_key_where_no_server_is_told_it():
    assert sign_in_url(f"{URL}/", KEY) == f"{URL}/login#key={KEY}"


def test_a_code_is_shapes_alone():
    svg = str(qr_svg("<script>alert(1)</script>"))
    assert set(re.findall(r"<(\w+)", svg)) == {"svg", "path"}
    assert "style" not in svg


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}"])
def test_foreign_text_stays_text(text):
    made = cards(1, title=text, url=URL, model=text)
    page = parsed(cards_html(made))
    assert page.one(class_="card-class").text == text
    assert not page.all("script")
    assert not page.all("img")


async def test_the_page_asks_before_it_makes_keys(box):
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday/cards")
    assert "password" in page.one("main").words
    assert box.operations.called("class.cards") == []


async def test_keys_are_made_once_however_often_the_page_is_loaded(box):
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday/cards")
        once = page.one("input", name="once").attributes["value"]
        made = await browser.send("/teach/monday/cards", once=once, reissue="on")
        again = await browser.send("/teach/monday/cards", once=once, reissue="on")
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    assert len(parsed(made.text).all("article")) == 2
    assert again.status_code == 409
    assert KEY not in again.text
    assert box.operations.called("class.cards") == [{"name": "monday", "project": "seminar", "reissue": True}]


async def test_seats_that_keep_their_keys_are_named(box):
    box.operations.answers["class.cards"] = cards(0, kept=("s1", "s2"))
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday/cards")
        once = page.one("input", name="once").attributes["value"]
        words = parsed((await browser.send("/teach/monday/cards", once=once)).text).one("main").words
    assert "every seat has its key already" in words
    assert "s1, s2" in words


async def test_a_key_is_in_no_address_of_the_page(box):
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday/cards")
        once = page.one("input", name="once").attributes["value"]
        html = (await browser.send("/teach/monday/cards", once=once)).text
    assert KEY not in html
    assert base64.b64encode(KEY.encode()).decode() not in html
    assert not re.search(r'(href|src|action)="[^"]*crl_', html)
