"""The page of what somebody may use, why not, and what they do about it."""

from dataclasses import replace

import msgspec
import pytest

from appliance.domain.access import AccessDecision, Grant, OwnAccess
from appliance.domain.results import AgreementText, ApplicationList, ApplicationPreview, ApplicationSummary
from appliance.web.own_access import access_lines
from appliance.web.parts import OfferedModel
from tests.admin.fake_box import sample
from tests.api.fakes import TEXT_SHA256, FakeAccounts
from tests.web.fakes import NOON_MS, WebBox, parsed

SHA = "cd" * 32


def application(**changes):
    whole = {
        "id": "app_1",
        "model": "opt",
        "tier": "",
        "state": "open",
        "waits_for": "a reviewer: bea",
        "days": 90,
    }
    return msgspec.structs.replace(sample(ApplicationSummary), **{**whole, **changes})


def rule(model="opt", **changes):
    return OwnAccess(model, "restricted", AccessDecision(**changes))


@pytest.fixture
def box():
    box = WebBox()
    box.operations.answers["access.mine"] = ApplicationList(applications=())
    text = msgspec.structs.replace(
        sample(AgreementText),
        kind="conduct",
        text="Do no harm.\n<b>At all.</b>",
        text_sha256=SHA,
        signed=False,
    )
    box.operations.answers["agreement.show"] = text
    return box


def has_access(box, *rules):
    class Accounts(FakeAccounts):
        async def me(self, caller):
            return replace(await super().me(caller), access=rules)

    box.accounts = Accounts()


@pytest.mark.parametrize(
    ("decision", "step"),
    [
        ({"lacks": "agreement", "waits_for": "you", "message": "Sign."}, "sign"),
        ({"lacks": "purpose", "waits_for": "lead", "message": "Ask."}, ""),
        ({"lacks": "grant", "waits_for": "reviewer", "message": "Apply."}, "apply"),
        ({"lacks": "early", "waits_for": "operator", "message": "Wait."}, ""),
    ],
)
def test_the_next_step_is_the_caller_s_own_act_or_none(decision, step):
    (line,) = access_lines([OfferedModel("opt@q8", "OPT", usable=False)], [rule(**decision)], [])
    assert (line.usable, line.step, line.says) == (False, step, decision["message"])


def test_nobody_is_sent_to_apply_for_what_they_applied_for():
    decision = {"lacks": "grant", "waits_for": "reviewer", "message": "Application app_1 waits."}
    (line,) = access_lines([], [rule(**decision)], [], waiting={"opt"})
    assert line.step == ""


def test_whose_consent_is_missing_is_led_to_it():
    grant = Grant("gr_1", "opt", "", "seminar", NOON_MS, None, "", "", "bea", "app_1")
    decision = {"lacks": "countersignature", "waits_for": "you", "message": "Agree.", "grant": grant}
    (line,) = access_lines([], [rule(**decision)], [])
    assert (line.step, line.application) == ("consent", "app_1")


async def test_each_model_has_its_state_its_reason_and_its_way_on(box):
    has_access(box, rule(lacks="grant", waits_for="reviewer", message="It asks for a grant."))
    box.models[0] = replace(box.models[0], id="plain", title="Plain")
    async with box.browser("crl_student") as browser:
        rows = (await browser.page("/access")).all(data_testid="model")
        by_model = {row.one("th").words: row for row in rows}
        assert "YES" in by_model["plain"].words
        assert "NOT YET" in by_model["opt"].words
        assert "It asks for a grant." in by_model["opt"].words
        assert by_model["opt"].one("a").attributes["href"] == "/access/apply?model=opt"


async def test_one_applies_with_the_table_s_fields_and_the_text_that_was_read(box):
    box.operations.answers["access.apply"] = application()
    async with box.browser("crl_student") as browser:
        page = await browser.page("/access/apply?model=opt")
        assert page.one("input", name="model").attributes["value"] == "opt"
        assert page.one("input", name="agreement").attributes["value"] == SHA
        assert page.one("textarea", name="intended_use").attributes["maxlength"] == "2000"
        answer = await browser.send(
            "/access/apply", model="opt", affiliation="Uni", intended_use="Bias", agreement=SHA, days="90"
        )
        assert answer.headers["location"] == "/access/application?id=app_1"
    (asked,) = box.operations.called("access.apply")
    assert asked == {
        "model": "opt",
        "affiliation": "Uni",
        "intended_use": "Bias",
        "agreement": SHA,
        "days": 90,
        "project": "seminar",
        "person": "ada",
    }


async def test_nobody_applies_without_agreeing(box):
    async with box.browser("crl_student") as browser:
        answer = await browser.send("/access/apply", model="opt", affiliation="Uni", intended_use="Bias")
        assert answer.status_code == 400
        assert "agreement is missing" in parsed(answer.text).one(data_testid="error").words
    assert not box.operations.called("access.apply")


async def test_an_application_is_followed_to_its_decision(box):
    box.operations.answers["access.show"] = application(
        state="denied", waits_for="", reason="Say which data you use.", decided_ms=NOON_MS, decided_by="bea"
    )
    async with box.browser("crl_student") as browser:
        page = await browser.page("/access/application?id=app_1")
        assert "denied" in page.one(data_testid="state").words
        assert "Say which data you use." in page.words
        assert not page.all("form", action="/access/withdraw")


async def test_one_that_waits_can_be_taken_back(box):
    box.operations.answers["access.show"] = application()
    async with box.browser("crl_student") as browser:
        page = await browser.page("/access/application?id=app_1")
        assert "waits for a reviewer: bea" in page.one(data_testid="state").words
        answer = await browser.send("/access/withdraw", id="app_1")
        assert answer.headers["location"] == "/access"
    assert box.operations.called("access.withdraw") == [{"id": "app_1"}]


async def test_what_leaves_for_the_registry_is_shown_byte_for_byte_before_it_may(box):
    payload = '{"affiliation":"Uni <b>&amp;</b>","days":90,"text":"line\\n  two"}'
    preview = ApplicationPreview(
        application="app_1",
        model="opt",
        message="msg_1",
        payload=payload,
        sha256=SHA,
        agreed_ms=None,
        agreed_by="",
        state="shown",
        next_step="Agree.",
    )
    box.operations.answers["access.show"] = application(state="approved", waits_for="")
    box.operations.answers["access.preview"] = preview
    box.operations.answers["access.agree"] = msgspec.structs.replace(
        preview, state="agreed", agreed_ms=NOON_MS
    )
    async with box.browser("crl_student") as browser:
        page = await browser.page("/access/application?id=app_1")
        assert not page.all(data_testid="payload")
        assert not box.operations.called("access.preview")
        shown = parsed((await browser.send("/access/preview", id="app_1")).text)
        assert shown.one(data_testid="payload").text == payload
        form = shown.one("form", action="/access/agree")
        assert form.one("input", name="sha256").attributes["value"] == SHA
        done = parsed((await browser.send("/access/agree", id="app_1", model="opt", sha256=SHA)).text)
        assert not done.all("form", action="/access/agree")
    assert box.operations.called("access.agree") == [{"id": "app_1", "model": "opt", "sha256": SHA}]


async def test_the_code_of_conduct_is_read_and_signed(box):
    async with box.browser("crl_student") as browser:
        page = await browser.page("/access/conduct")
        assert page.one(data_testid="agreement").text == "Do no harm.\n<b>At all.</b>"
        assert not page.all("textarea")
        assert (await browser.send("/access/sign", text=SHA)).status_code == 400
        await browser.send("/access/sign", text=SHA, read="true")
    assert box.operations.called("agreement.sign") == [{"text": SHA, "project": "seminar", "person": "ada"}]


async def test_a_lead_says_what_the_course_does_where_it_says_nothing(box):
    async with box.browser("crl_lead") as browser:
        assert (await browser.page("/access/conduct")).one("textarea", name="purpose")


async def test_a_license_is_read_accepted_and_taken_back(box):
    async with box.browser("crl_student") as browser:
        (row, *_) = (await browser.page("/access")).all(data_testid="model")
        assert "Its license asks each of its users." in row.words
        page = await browser.page("/access/license?model=tiny")
        assert page.one(data_testid="license-text").text == "Do no harm."
        await browser.send("/access/license", model="tiny", text_sha256=TEXT_SHA256, purpose="Seminar")
        assert box.licenses.purposes == {"ada": "Seminar"}
        assert page.one("form", action="/access/license")
        assert (await browser.page("/access/license?model=tiny")).one(
            "form", action="/access/license/withdraw"
        )
        await browser.send("/access/license/withdraw", model="tiny")
        assert box.licenses.purposes == {}


async def test_a_key_of_nobody_is_told_whom_to_ask(box):
    async with box.browser("crl_nobody") as browser:
        page = await browser.page("/access")
        assert "Ask who runs the box for a key of your own" in page.words
        assert (await browser.get("/access/apply")).status_code == 403
    assert not box.operations.calls
