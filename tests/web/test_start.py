"""The page of the first call."""

import json

from appliance.web.parts import OfferedModel
from tests.web.fakes import WebBox


async def test_each_snippet_has_the_address_and_a_model_that_the_visitor_may_use():
    box = WebBox()
    async with box.browser("crl_student", base_url="http://lab-01.local:7480") as browser:
        page = await browser.page("/start")
        for language in ("python", "curl", "llm", "httr2", "javascript", "continue"):
            text = page.one(data_testid=f"snippet-{language}").text
            assert "http://lab-01.local:7480/v1" in text
            assert "tiny" in text
            assert "OPENAI_API_KEY" in text
            assert "crl_student" not in text
        assert "export OPENAI_BASE_URL=http://lab-01.local:7480/v1" in page.one(id="key-lines").text


async def test_another_model_of_one_s_own_is_chosen_and_none_of_others():
    box = WebBox()
    box.models.insert(1, OfferedModel("large", "Large", usable=True))
    async with box.browser("crl_student") as browser:
        assert '"large"' in (await browser.page("/start?model=large")).one(data_testid="snippet-python").text
        assert '"tiny"' in (await browser.page("/start?model=opt")).one(data_testid="snippet-python").text


async def test_who_has_not_signed_in_reads_it_too():
    async with WebBox().browser() as browser:
        page = await browser.page("/start")
        assert '"MODEL"' in page.one(data_testid="snippet-python").text
        assert not page.all(id="test-button")


async def test_the_connection_is_tested_without_a_script_too():
    async with WebBox().browser("crl_student") as browser:
        assert not (await browser.page("/start")).one(data_testid="test-result").words
        words = (await browser.page("/start/test")).one(data_testid="test-result").words
        assert words.startswith("It works: the box knows you as Ada Oakley in Default, by the key laptop")


async def test_the_box_s_own_authority_is_told_where_programs_have_to_trust_it():
    box = WebBox(authority=b"-----BEGIN CERTIFICATE-----\n")
    async with box.browser(base_url="https://lab-01.local:7443") as browser:
        text = (await browser.page("/start")).one(id="authority-lines").text
        assert "https://lab-01.local:7443/ca.crt" in text
        assert box.door.fingerprint() in text
        assert "SSL_CERT_FILE" in text
    async with box.browser() as browser:
        assert not (await browser.page("/start")).all(id="authority-lines")


async def test_each_section_is_there_without_a_script():
    async with WebBox().browser("crl_student") as browser:
        sections = (await browser.page("/start")).one(data_tabs="Language").all("section")
        assert all("hidden" not in one.attributes for one in sections)
        assert json.dumps([one.attributes["data-tab"] for one in sections])
