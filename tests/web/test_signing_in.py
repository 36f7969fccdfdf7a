"""A key becomes a session of the browser, and the session ends."""

import pytest

from appliance.edge.ways import IN_THE_CLEAR
from tests.web.fakes import ABROAD, STUDENT, WebBox, parsed


@pytest.fixture
def box():
    return WebBox()


async def test_a_key_is_exchanged_for_a_cookie_that_no_script_reads(box):
    async with box.browser() as browser:
        answer = await browser.sign_in()
        assert answer.headers["location"] == "/me"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Path=/" in cookie
        assert "Max-Age=3600" in cookie


async def test_over_tls_the_cookie_is_bound_to_tls_and_host(box):
    async with box.browser(base_url="https://box.test") as browser:
        cookie = (await browser.sign_in()).headers["set-cookie"]
        assert cookie.startswith("__Host-carrel_session=")
        assert "Secure" in cookie


async def test_a_wrong_key_is_told_and_not_repeated(box):
    async with box.browser() as browser:
        answer = await browser.send("/login", key="crl_wrong<script>", to="me")
        assert answer.status_code == 401
        page = parsed(answer.text)
        assert "unknown or was revoked" in page.one(data_testid="error").words
        assert "crl_wrong" not in answer.text
        assert page.one("input", name="to").attributes["value"] == "me"


async def test_a_refused_key_in_the_clear_tells_why(box):
    async def refuse(raw_key, *, secure, address):
        box.sessions.seen.append((secure, address))
        box.plain.check(STUDENT)

    box.sessions.begin = refuse
    async with box.browser(address=ABROAD) as browser:
        answer = await browser.send("/login", key="crl_student")
        assert answer.status_code == 403
        assert IN_THE_CLEAR.split(":")[0] in answer.text
        assert "crl_student" not in answer.text
    assert box.sessions.seen == [(False, ABROAD)]


async def test_one_goes_on_to_a_place_of_the_list_alone(box):
    async with box.browser() as browser:
        for to, path in (("teach", "/teach"), ("//evil.test", "/"), ("/me", "/")):
            answer = await browser.send("/login", key="crl_lead", to=to)
            assert answer.headers["location"] == path


async def test_a_page_of_another_place_can_not_sign_a_browser_in(box):
    async with box.browser() as browser:
        answer = await browser.send("/login", key="crl_student", origin="http://evil.test")
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert not box.sessions.going_on


async def test_signing_out_ends_the_session(box):
    async with box.browser("crl_student") as browser:
        answer = await browser.send("/logout")
        assert answer.headers["location"] == "/login"
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert not box.sessions.going_on


async def test_signing_out_without_the_token_ends_nothing(box):
    async with box.browser("crl_student") as browser:
        answer = await browser.send("/logout", token=False)
        assert answer.status_code == 403
        assert box.sessions.going_on


async def test_a_page_for_persons_sends_to_the_login_and_says_where_to_go_on(box):
    async with box.browser() as browser:
        answer = await browser.get("/_class")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/login?to=try"


async def test_htmx_is_told_to_go_to_the_login_itself(box):
    async with box.browser() as browser:
        answer = await browser.get("/_class", **{"hx-request": "true"})
        assert answer.status_code == 200
        assert answer.headers["hx-redirect"] == "/login?to=try"


async def test_the_header_names_who_is_signed_in(box):
    async with box.browser("crl_student") as browser:
        page = await browser.page("/login")
        assert page.one(data_testid="who").words == "Ada Oakley"
        assert {link.words for link in page.one("nav").all("a")} >= {"Try it", "Me", "Access"}
        assert "Teach" not in page.one("nav").words


async def test_only_leads_are_led_to_teaching(box):
    async with box.browser("crl_lead") as browser:
        assert "Teach" in (await browser.page("/login")).one("nav").words


async def test_wrong_keys_of_one_address_are_listened_to_sixty_times_a_minute():
    box = WebBox()
    async with box.browser(address="10.20.0.77") as browser:
        for _ in range(60):
            assert (await browser.send("/login", key="crl_wrong")).status_code == 401
        answer = await browser.send("/login", key="crl_student")
        assert answer.status_code == 429
        assert "Too many wrong keys" in answer.text
        assert int(answer.headers["retry-after"]) > 0
        box.clock.ms += 61_000
        assert (await browser.send("/login", key="crl_student")).status_code == 303
