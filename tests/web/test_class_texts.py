"""Whatever a teacher, a student or a class list writes stays text on every page of a class."""

import msgspec
import pytest

from tests.web.class_box import class_box
from tests.web.fakes import parsed

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'--><svg/onload=alert(1)>",
    "</textarea></select></title><iframe src=//evil.example>",
    "{{ 7*7 }}{% raw %}",
    'javascript:alert(1)" onfocus="alert(1)" autofocus="',
)
PATHS = (
    "/teach",
    "/teach/monday?seat=ada",
    "/teach/monday/_seats",
    "/teach/monday/_seat?seat=ada",
    "/teach/monday/end",
    "/teach/monday/settings",
    "/teach/monday/roster",
    "/teach/monday/cards",
    "/teach/monday/report",
    "/project/monday",
    "/project/monday/_screen",
)
FOREIGN = ("title", "name", "message", "trouble", "given", "prompt", "why", "initials", "models", "mode")
"""What people write; ids and addresses are the box's own."""


def written(result, text):
    """The result with ``text`` in all that people wrote."""
    changes = {}
    for name in result.__struct_fields__:
        value = getattr(result, name)
        if name in FOREIGN and isinstance(value, str):
            changes[name] = text
        elif name in FOREIGN and isinstance(value, tuple):
            changes[name] = (text,)
        elif isinstance(value, msgspec.Struct):
            changes[name] = written(value, text)
        elif isinstance(value, tuple) and value and isinstance(value[0], msgspec.Struct):
            changes[name] = tuple(written(one, text) for one in value)
    return msgspec.structs.replace(result, **changes)


def check(page):
    for tag in ("iframe", "img"):
        assert not page.all(tag), tag
    scripts = [one for one in page.all("script") if not one.attributes.get("src", "").startswith("/static/")]
    assert not scripts
    for one in page.all():
        on = [name for name in one.attributes if name.startswith("on")]
        assert not on, one.attributes
        assert not one.attributes.get("href", "").startswith("javascript:")


@pytest.fixture(params=HOSTILE)
def text(request):
    return request.param


@pytest.fixture
def box(text):
    box = class_box()
    for name, answer in box.operations.answers.items():
        box.operations.answers[name] = written(answer, text)
    return box


async def test_pages_of_a_lead_show_it_as_text(box, text):
    seen = ""
    async with box.browser("crl_lead") as browser:
        for path in PATHS:
            page = await browser.page(path)
            check(page)
            seen += page.text
    assert text in seen


async def test_lists_of_students_show_it_as_text(box, text):
    quoted = text.replace('"', '""')
    roster = f'Student,SIS Login ID\n"{quoted}",ada\n'
    async with box.browser("crl_lead") as browser:
        answer = await browser.send("/teach/_new", roster=roster, title=text, name=text[:60])
        page = parsed(answer.text)
        check(page)
        assert text in page.one("textarea", name="roster").text.replace('""', '"')
        other = await browser.send("/teach/monday/roster", roster=roster)
        check(parsed(other.text))


async def test_cards_show_it_as_text(box, text):
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday/cards")
        once = page.one("input", name="once").attributes["value"]
        made = parsed((await browser.send("/teach/monday/cards", once=once)).text)
    check(made)
    assert text in made.text


async def test_the_file_of_a_report_has_a_plain_name(text):
    box = class_box()
    answers = box.operations.answers
    answers["class.report"] = msgspec.structs.replace(answers["class.report"], id=text)
    async with box.browser("crl_lead") as browser:
        answer = await browser.get("/teach/monday/report.csv")
    name = (
        answer.headers["content-disposition"]
        .removeprefix('attachment; filename="class-')
        .removesuffix('.csv"')
    )
    assert name.replace("-", "").isalnum()
