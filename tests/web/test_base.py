"""What every answer of the page app has in common: headers, errors, files, banners."""

import re
from pathlib import Path

import pytest

import appliance.web.app as page_app
from appliance.web.assets import read_assets
from appliance.web.pages import page_templates
from appliance.web.paths import PLACES, is_page
from tests.web.fakes import ABROAD, LEAD, STUDENT, WebBox, parsed

STATIC = Path(page_app.__file__).with_name("static")
TEMPLATES = STATIC.with_name("templates")
PUBLIC = ("/login", "/join", "/start", "/handbook", "/handbook/me", "/favicon.svg")
OWN = ("/me", "/access", "/start", "/compare", "/")
LOST = ("/me/nothing", "/handbook/nothing", "/static/nothing.css", "/teach/a/b/c", "/project/a/b")


@pytest.fixture(scope="module")
def box():
    return WebBox()


def _check_headers(answer):
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_every_answer_keeps_the_page_to_itself(box):
    async with box.browser("crl_student") as browser:
        for path in (*PUBLIC, *OWN, *LOST, "/ca.crt", "/_class", "/me/export.json"):
            answer = await browser.get(path)
            _check_headers(answer)
            caching = answer.headers["cache-control"]
            assert caching == "no-store" or path == "/favicon.svg", path
        _check_headers(await browser.send("/logout", token=False))


async def test_no_page_has_a_script_or_a_style_of_its_own(box):
    async with box.browser("crl_lead") as browser:
        for path in (*PUBLIC[:-1], *OWN, "/teach", "/nothing/here"):
            html = (await browser.get(path)).text
            page = parsed(html)
            assert all(one.attributes.get("src") for one in page.all("script")), path
            assert not page.all("style"), path
            assert not re.search(r'\son[a-z]+="|\sstyle="|javascript:', html), path


async def test_whatever_a_page_loads_is_there_and_from_the_box(box):
    async with box.browser("crl_lead") as browser:
        for path in (*OWN, "/teach", "/login"):
            page = await browser.page(path)
            loaded = [one.attributes["src"] for one in (*page.all("script"), *page.all("img"))]
            loaded += [one.attributes["href"] for one in page.all("link")]
            for address in loaded:
                if not address.startswith("data:"):
                    assert address.startswith("/"), (path, address)
                    assert (await browser.get(address)).status_code == 200, (path, address)


async def test_a_lost_page_says_so_with_a_way_on_and_the_request(box):
    async with box.browser("crl_student") as browser:
        for path in LOST:
            answer = await browser.get(path)
            assert answer.status_code == 404, path
            page = parsed(answer.text)
            assert answer.headers["x-request-id"] in page.one(data_testid="error").words
            assert page.one(data_testid="who").words == "Ada Oakley"


async def test_an_error_of_htmx_is_a_fragment(box):
    async with box.browser("crl_student") as browser:
        answer = await browser.get("/handbook/nothing", **{"hx-request": "true"})
        assert answer.status_code == 404
        assert "<html" not in answer.text
        assert "handbook has no page" in answer.text


async def test_a_defect_is_told_without_its_text():
    box = WebBox()

    async def break_down(caller):
        raise RuntimeError("secret words")

    box.accounts.me = break_down
    async with box.browser("crl_student") as browser:
        answer = await browser.get("/me")
        assert answer.status_code == 500
        assert "secret words" not in answer.text
        assert "Something in the box broke" in answer.text
    assert any("request_broke" in line for line in box.log.lines)
    assert not any("secret words" in line for line in box.log.lines)


async def test_a_file_is_kept_by_browsers_for_ever_under_its_hash(box):
    async with box.browser() as browser:
        page = await browser.page("/login")
        sheet = page.all("link", rel="stylesheet")[0].attributes["href"]
        assert re.fullmatch(r"/static/[0-9a-f]{16}/vendor/pico\.min\.css", sheet)
        answer = await browser.get(sheet)
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        assert "immutable" in answer.headers["cache-control"]
        again = await browser.get(sheet, **{"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304
        assert again.content == b""


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2Fapp.py", "%2e%2e/%2e%2e/app.py", "/etc/passwd", "css", "css/page.css%00"]
)
async def test_no_path_of_a_client_reaches_the_disk(box, name):
    async with box.browser() as browser:
        prefix = (await browser.page("/login")).all("link", rel="stylesheet")[0].attributes["href"][:24]
        assert (await browser.get(f"/static/{name}")).status_code == 404
        assert (await browser.get(f"{prefix}/{name}")).status_code == 404


async def test_head_is_answered_as_get(box):
    async with box.browser() as browser:
        assert (await browser.http.head("/login")).status_code == 200
        assert (await browser.http.head("/handbook/nothing")).status_code == 404


async def test_the_badge_tells_online_from_offline_and_why():
    box = WebBox()
    async with box.browser("crl_student") as browser:
        assert (await browser.page("/me")).one(data_testid="badge").words == "ONLINE"
        box.outside.offline = True
        page = await browser.page("/me")
        assert page.one(data_testid="badge").words == "OFFLINE"
        assert page.one(data_testid="badge").attributes["title"] == box.outside.reasons[0]
        assert box.outside.reasons[0] in page.one(data_testid="banner-offline").words


async def test_over_plain_http_from_the_network_every_page_says_so():
    box = WebBox()
    box.plain.allowed.add(STUDENT.key_id)
    async with box.browser("crl_student", address=ABROAD) as browser:
        assert (await browser.page("/me")).one(data_testid="banner-plain")
    async with box.browser("crl_student") as browser:
        assert not (await browser.page("/me")).all(data_testid="banner-plain")
    async with box.browser("crl_student", address=ABROAD, base_url="https://box.test") as browser:
        assert not (await browser.page("/me")).all(data_testid="banner-plain")


async def test_a_session_that_may_not_go_in_the_clear_is_told_why():
    box = WebBox()
    async with box.browser("crl_lead", address=ABROAD) as browser:
        answer = await browser.get("/me")
        assert answer.status_code == 403
        assert "sent in the clear" in answer.text


async def test_the_class_s_message_is_on_every_page_and_asked_for_again():
    box = WebBox()
    lesson = box.lesson(message="Open notebook 3.")
    async with box.browser("crl_student") as browser:
        page = await browser.page("/me")
        assert "Open notebook 3." in page.one(data_testid="class-message").words
        place = page.one(id="class-words")
        assert place.attributes["hx-get"] == "/_class"
        assert place.attributes["hx-trigger"] == "every 10s"
        assert "Open notebook 3." in (await browser.get("/_class")).text
    async with box.browser("crl_lead") as browser:
        assert not (await browser.page("/me")).all(id="class-words")
    assert lesson.title == "Monday"


async def test_who_is_suspended_sees_what_is_theirs_and_why_nothing_else():
    box = WebBox()
    box.standing.suspended.add("ada")
    async with box.browser("crl_student") as browser:
        assert "You are suspended." in (await browser.page("/me")).words
        answer = await browser.get("/access/apply")
        assert answer.status_code == 403
        assert "You are suspended." in answer.text


async def test_who_left_sees_nothing():
    box = WebBox()
    box.standing.gone.add("ada")
    async with box.browser("crl_student") as browser:
        answer = await browser.get("/me")
        assert answer.status_code == 403
        assert "no project any more" in answer.text


async def test_the_authority_of_the_box_can_be_fetched_where_it_has_one():
    box = WebBox(authority=b"-----BEGIN CERTIFICATE-----\n")
    async with box.browser() as browser:
        answer = await browser.get("/ca.crt")
        assert answer.content == box.authority
        assert answer.headers["content-type"] == "application/x-x509-ca-cert"
    async with WebBox().browser() as browser:
        assert (await browser.get("/ca.crt")).status_code == 404


def _filled(path):
    """With a class, and an answer of a vote."""
    return re.sub(r"\{[^}]+\}", "monday", path.replace("{letter:str}", "a"))


def _routes(method):
    app = WebBox().app
    return sorted(
        {route.path for route in app.routes for one in route.route_handlers if method in one.http_methods}
    )


BEGIN_A_SESSION = {"/login", "/join", "/join/claim"}
"""Forms of somebody who has none: these look at the origin alone."""


@pytest.mark.parametrize("path", _routes("POST"))
async def test_no_form_is_taken_without_the_page_s_token(path):
    box = WebBox()
    filled = _filled(path)
    for key, caller in (("crl_student", STUDENT), ("crl_lead", LEAD)):
        box.lesson(caller)
        async with box.browser(key) as browser:
            wrong = {"csrf": "A" * 43}
            for fields in ({}, wrong):
                if path not in BEGIN_A_SESSION:
                    answer = await browser.send(filled, token=False, **fields)
                    assert answer.status_code == 403, (answer.status_code, answer.text[-900:])
            answer = await browser.send(filled, origin="http://evil.test")
            assert answer.status_code == 403
    assert not [call for call in box.operations.calls if not _reads(call[0])]
    assert not box.joining.claims


def _reads(name):
    return name in {"key.list", "sample.choice", "access.mine", "class.list", "class.show", "class.seats"}


@pytest.mark.parametrize("path", _routes("POST"))
async def test_no_form_does_anything_without_a_session(path):
    box = WebBox()
    async with box.browser() as browser:
        answer = await browser.send(_filled(path))
        assert answer.status_code in {303, 400, 401, 403, 404, 405}
        assert not box.operations.calls


def test_every_page_s_path_is_one_of_the_page_app():
    for path in _routes("GET"):
        filled = re.sub(r"\{[^}]+\}", "x", path)
        assert is_page(filled), path
    for path in PLACES.values():
        assert is_page(path)


@pytest.mark.parametrize(
    "path",
    ["/v1/me", "/v1/models", "/healthz", "/metrics", "/docs", "/openapi.json", "/v1", "//me", "/mexico"],
)
def test_the_api_s_paths_stay_the_api_s(path):
    assert not is_page(path)


def test_every_template_is_one_and_names_files_that_are_there():
    assets = read_assets(STATIC)
    templates = page_templates(assets)
    for name in templates.list_templates():
        templates.get_template(name)
    for path in TEMPLATES.glob("*.html"):
        for file in re.findall(r"asset\('([^']+)'\)", path.read_text(encoding="utf-8")):
            assert assets.file(file).body, (path.name, file)
        assert "|safe" not in path.read_text(encoding="utf-8"), path.name


def test_the_app_is_made_without_debug_pages():
    assert WebBox().app.debug is False
    assert page_app.web_app.__doc__
