"""What others wrote stays text on every page: names of keys, people, projects, models, classes, reasons."""

from dataclasses import replace

import pytest

from appliance.domain.access import AccessDecision, OwnAccess
from appliance.domain.classes import SeatTrouble
from appliance.domain.license import LicenseTerms
from appliance.domain.me import ModelRestriction
from appliance.domain.people import Project
from appliance.domain.usage import Meters, UsageSum
from appliance.errors import BadRequest
from appliance.services.licenses.own import OwnLicense
from appliance.web.filters import said
from appliance.web.parts import OfferedModel
from tests.api.fakes import FakeAccounts, FakeLicenses
from tests.web.fakes import NOON_MS, STUDENT, WebBox, card, parsed

CORPUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onfocus=alert(1) autofocus x='",
    "</textarea></title></style><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &amp;amp;",
    "`<b>code</b>`",
    "\u202e<b>right to left",
]
PAGES = (
    "/me",
    "/access",
    "/start",
    "/access/conduct",
    "/access/apply",
    "/access/application?id=app_1",
    "/login",
)


def _full_of(text):
    box = WebBox(box_name=text)
    box.operations.text = text

    class Accounts(FakeAccounts):
        async def me(self, caller):
            me = await super().me(caller)
            return replace(
                me,
                key=replace(me.key, name=text, last4=text[:4]),
                project=Project("seminar", text, 0),
                usage=(UsageSum(text, 1, Meters()),),
                notices=(text,),
                restrictions=(ModelRestriction(text, (text,), (text,), text, NOON_MS),),
                access=(OwnAccess(text, text, AccessDecision("grant", "reviewer", text)),),
                records=replace(me.records, statements=(text,)),
            )

    class Licenses(FakeLicenses):
        async def show_all(self, caller):
            terms = LicenseTerms("LicenseRef-x", title=text, text_sha256="ab" * 32, uses_denied=(text,))
            return [OwnLicense(text, text, terms, text, False, False)]

    box.accounts, box.licenses = Accounts(), Licenses()
    box.people.names["ada"] = text
    box.models = [
        OfferedModel(text, text, usable=True, card=card(text)),
        OfferedModel("opt", text, usable=False, why=text),
    ]
    box.troubles.by_key = {STUDENT.key_id: (SeatTrouble("code", text, "req_1", NOON_MS, text),)}
    box.outside.offline, box.outside.reasons = True, (text,)
    box.lesson(title=text, message=text)
    return box


def _dangers(page):
    """Elements and attributes that no page of ours has."""
    scripts = [one for one in page.all("script") if not one.attributes.get("src", "").startswith("/static/")]
    pictures = page.all("img") + page.all("svg") + page.all("iframe") + page.all("b")
    handlers = [
        name for one in page.all() for name in one.attributes if name.startswith("on") or name == "autofocus"
    ]
    links = [
        one.attributes["href"]
        for one in page.all("a")
        if one.attributes.get("href", "").split(":")[0].lower() in {"javascript", "data", "vbscript"}
    ]
    return [*scripts, *pictures, *handlers, *links]


@pytest.mark.parametrize("text", CORPUS)
async def test_it_stays_text_on_every_page(text):
    box = _full_of(text)
    async with box.browser("crl_student") as browser:
        for path in PAGES:
            answer = await browser.get(path)
            assert answer.status_code == 200, (path, answer.text)
            page = parsed(answer.text)
            assert not _dangers(page), path
            if "`" not in text:
                assert " ".join(text.split()) in page.words, path


@pytest.mark.parametrize("text", CORPUS)
async def test_it_stays_text_in_errors_and_fragments(text):
    box = _full_of(text)
    box.operations.answers["key.new"] = BadRequest(text)
    async with box.browser("crl_student") as browser:
        for answer in (
            await browser.send("/me/keys", name="laptop"),
            await browser.get("/_class"),
            await browser.get(f"/handbook?q={text}"),
            await browser.get("/login", referer="x"),
            await browser.get("/handbook/nothing", **{"hx-request": "true"}),
        ):
            assert not _dangers(parsed(answer.text))


async def test_a_cookie_and_a_host_that_are_no_text_break_nothing():
    async with WebBox().browser() as browser:
        answer = await browser.get("/me", cookie='carrel_session="><script>')
        assert answer.status_code == 303


def test_backticks_become_code_and_nothing_else_does():
    assert str(said("Ask: `carrel <b>`.")) == "Ask: <code>carrel &lt;b&gt;</code>."
    assert str(said("One ` alone <i>")) == "One ` alone &lt;i&gt;"
