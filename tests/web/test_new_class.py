"""A class made on the page: looked at first, then written; files of all kinds, and those that are none."""

import pytest

from appliance.domain.actions.people import ROSTER_CHARACTERS
from appliance.errors import Conflict
from appliance.web.forms import UPLOAD_BYTES
from tests.web.class_box import class_box
from tests.web.fakes import parsed
from tests.web.lesson_results import detail

CANVAS = (
    "Student,ID,SIS Login ID,Section\n"
    "    Points Possible,,,\n"
    '"Oakley, Ada",17,aoakley,1\n'
    '"Birch, Bob",18,bbirch,1\n'
    "=evil(),19,cevil,1\n"
    '"Student, Test",,,\n'
)
EXCEL = (
    CANVAS.replace(",", ";").replace("Oakley;", "Oakley,").replace("Birch;", "Birch,").replace("t; T", "t, T")
)
FORM = {"title": "NLP, week 3", "first": "tiny", "models": ["tiny"], "minutes": "45"}


@pytest.fixture
def box():
    return class_box()


async def look(browser, roster=CANVAS, **fields):
    answer = await browser.send("/teach/_new", what="preview", roster=roster, **{**FORM, **fields})
    return answer, parsed(answer.text)


def mark(page):
    return page.one("input", name="previewed").attributes["value"]


async def test_the_form_offers_what_runs_and_may_be_used(box):
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/_new")
    radios = [one.attributes["value"] for one in page.all("input", name="first")]
    assert radios == ["tiny"]
    assert "checked" in page.one("input", name="first").attributes
    assert page.one("form", action="/teach/_new").attributes["enctype"] == "multipart/form-data"
    for mode in ("open", "exam", "offline"):
        assert page.all("input", name="mode", value=mode)
    assert "Whoever shares the network can read along" in page.words


async def test_nothing_is_written_before_it_was_looked_at(box):
    async with box.browser("crl_lead") as browser:
        answer, page = await look(browser)
        assert answer.status_code == 200
        words = page.one(class_="preview").words
        assert "Canvas: 2 students, 1 problem, 2 left out" in words
        rows = [[cell.words for cell in row.all("td")] for row in page.one("caption").parent.all("tr")[1:]]
        assert [row[0] for row in rows] == ["5", "2", "6"]
        assert "formula" in rows[0][2]
        assert "Ada Oakley" in words
        assert "aoakley" in words
        unseen = await browser.send("/teach/_new", what="make", roster=CANVAS, **FORM)
        assert "Nothing is written yet" in unseen.text
        changed = await browser.send(
            "/teach/_new", what="make", roster=CANVAS + "Zoe,20,zoe,1\n", previewed=mark(page), **FORM
        )
        assert "Nothing is written yet" in changed.text
    assert box.operations.calls == []


async def test_what_was_looked_at_is_made_and_opened(box):
    box.operations.answers["class.new"] = detail(id="nlp-week-3")
    async with box.browser("crl_lead") as browser:
        _, page = await look(browser, plain="on", address="10.20.0.5")
        kept = page.one("textarea", name="roster").text
        sent = {**FORM, "plain": "on", "address": "10.20.0.5", "previewed": mark(page)}
        answer = await browser.send("/teach/_new", what="open", roster=kept.removeprefix("\n"), **sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/teach/nlp-week-3?did=opened")
    (made,) = box.operations.called("class.new")
    assert made["name"] == "nlp-week-3"
    assert made["title"] == "NLP, week 3"
    assert made["models"] == "tiny"
    assert made["minutes"] == 45
    assert made["project"] == "seminar"
    assert made["roster"] == CANVAS.strip()
    assert box.operations.called("class.open") == [
        {"name": "nlp-week-3", "project": "seminar", "plain": True, "address": "10.20.0.5"}
    ]


async def test_one_that_is_opened_later_keeps_the_way_that_was_chosen(box):
    async with box.browser("crl_lead") as browser:
        _, page = await look(browser)
        sent = {**FORM, "plain": "on", "address": "10.20.0.5", "previewed": mark(page)}
        answer = await browser.send("/teach/_new", what="make", roster=CANVAS, **sent)
    assert answer.headers["location"] == "/teach/monday?did=made&plain=on&address=10.20.0.5"
    assert box.operations.called("class.open") == []


@pytest.mark.parametrize(
    "content",
    [
        CANVAS.encode(),
        b"\xef\xbb\xbf" + CANVAS.encode(),
        CANVAS.replace("\n", "\r\n").encode(),
        b"\xff\xfe" + EXCEL.encode("utf-16-le"),
        b"\xfe\xff" + CANVAS.encode("utf-16-be"),
    ],
    ids=["utf-8", "mark", "crlf", "excel", "utf-16-be"],
)
async def test_files_of_every_kind_are_read(box, content):
    files = {"roster_file": ("list.csv", content, "text/csv")}
    async with box.browser("crl_lead") as browser:
        answer = await browser.send("/teach/_new", what="preview", files=files, **FORM)
        page = parsed(answer.text)
        assert answer.status_code == 200, page.one("main").words
        assert "2 students" in page.one(class_="preview").words
        # The text travels on in the form: the next press needs no file.
        kept = page.one("textarea", name="roster").text
        made = await browser.send("/teach/_new", what="make", roster=kept, previewed=mark(page), **FORM)
    assert made.status_code == 303


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\xff\xfe\x00", 400, "no text"),
        (b"nothing,here\n1,2\n", 400, "heads of columns"),
        (b"Student\n", 400, "no student"),
        (b"Student\n" + b"x" * ROSTER_CHARACTERS, 413, "at most"),
        (b"x" * (UPLOAD_BYTES + 1), 413, ""),
        (b"PK\x03\x04" + b"\0" * 60, 400, "heads of columns"),
    ],
    ids=["picture", "table", "empty", "long", "huge", "zip"],
)
async def test_what_is_no_class_list_is_refused_with_the_reason(box, content, status, words):
    files = {"roster_file": ("list.csv", content, "text/csv")}
    async with box.browser("crl_lead") as browser:
        answer = await browser.send("/teach/_new", what="preview", files=files, **FORM)
    assert answer.status_code == status
    assert words in answer.text
    assert box.operations.calls == []


async def test_a_class_of_guests_needs_no_list(box):
    async with box.browser("crl_lead") as browser:
        nobody, _ = await look(browser, roster="")
        assert nobody.status_code == 400
        assert "how many guests" in nobody.text
        guests, page = await look(browser, roster="", guests="30")
        assert guests.status_code == 200
        assert "up to 30 guests" in page.words
        made = await browser.send("/teach/_new", what="make", guests="30", previewed=mark(page), **FORM)
        assert made.status_code == 303
    (called,) = box.operations.called("class.new")
    assert called["guests"] == 30
    assert "roster" not in called


async def test_what_the_box_refuses_is_told_in_the_form_with_all_that_was_written(box):
    box.operations.answers["class.new"] = Conflict("A class has this id already. Choose another one.")
    async with box.browser("crl_lead") as browser:
        _, page = await look(browser)
        answer = await browser.send("/teach/_new", what="make", roster=CANVAS, previewed=mark(page), **FORM)
    again = parsed(answer.text)
    assert answer.status_code == 409
    assert "A class has this id already" in again.one(role="alert").words
    assert again.one("input", name="title").attributes["value"] == FORM["title"]
    assert "aoakley" in again.one("textarea", name="roster").text


async def test_one_that_was_made_and_not_opened_says_why_on_its_page(box):
    box.operations.answers["class.open"] = Conflict("The box has several addresses. Choose one.")
    async with box.browser("crl_lead") as browser:
        _, page = await look(browser)
        answer = await browser.send("/teach/_new", what="open", roster=CANVAS, previewed=mark(page), **FORM)
    assert answer.status_code == 409
    assert "several addresses" in answer.text


@pytest.mark.parametrize(
    ("title", "name"),
    [("NLP, week 3", "nlp-week-3"), ("Übung Eins", "ubung-eins"), ("语言", "class"), ("-- . --", "class")],
)
async def test_a_title_makes_a_short_name(box, title, name):
    async with box.browser("crl_lead") as browser:
        _, page = await look(browser, title=title)
        sent = {**FORM, "title": title, "previewed": mark(page)}
        await browser.send("/teach/_new", what="make", roster=CANVAS, **sent)
    (called,) = box.operations.called("class.new")
    assert called["name"] == name


async def test_several_addresses_are_to_be_chosen_from(box):
    box.addresses = ("10.20.0.5", "192.168.7.1")
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/_new")
    assert [one.words for one in page.one("select", name="address").all("option")] == list(box.addresses)


async def test_who_leads_nothing_makes_no_class(box):
    async with box.browser("crl_student") as browser:
        assert (await browser.get("/teach/_new")).status_code == 404
        answer = await browser.send("/teach/_new", what="make", roster=CANVAS, **FORM)
    assert answer.status_code == 404
    assert box.operations.calls == []


async def test_fields_that_no_form_has_are_refused(box):
    async with box.browser("crl_lead") as browser:
        for fields in ({"project": "other"}, {"seat_tokens": "-1"}, {"mode": "free"}, {"what": "burn"}):
            answer = await browser.send("/teach/_new", **{**FORM, "roster": CANVAS, **fields})
            assert answer.status_code == 400, fields
    assert box.operations.calls == []
