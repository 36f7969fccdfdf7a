"""The handbook as pages."""

from pathlib import Path

import pytest

import appliance
from appliance.errors import NotFound
from appliance.web.handbook import anchor_of, read_handbook
from tests.web.fakes import WebBox, parsed

FOLDER = Path(appliance.__file__).with_name("handbook")


@pytest.fixture(scope="module")
def handbook():
    return read_handbook(FOLDER)


def test_every_page_of_carrel_help_is_there(handbook):
    assert {one.name for one in handbook.pages} == {path.stem for path in FOLDER.glob("*.md")}
    assert all(one.title and one.html for one in handbook.pages)


def test_every_link_leads_to_a_page_and_a_place_that_are_there(handbook):
    pages = {one.name: parsed(str(one.html)) for one in handbook.pages}
    anchors = {
        name: {one.attributes.get("id") for one in page.all() if one.attributes.get("id")}
        for name, page in pages.items()
    }
    links = [(name, one.attributes["href"]) for name, page in pages.items() for one in page.all("a")]
    assert len(links) > 100
    for name, target in links:
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        page = path.removeprefix("/handbook/") or name
        assert page in pages, (name, target)
        assert not anchor or anchor in anchors[page], (name, target)


def test_no_html_of_the_text_counts(tmp_path):
    (tmp_path / "page.md").write_text(
        "# A <img src=x onerror=alert(1)> page\n\n<script>alert(1)</script>\n\n"
        "![pixel](https://evil.test/x.png) [go](javascript:alert(1)) [page](other.md#there)\n\n"
        "    <b>code</b>\n\n| a <i> |\n|---|\n| b |\n"
    )
    page = read_handbook(tmp_path).page("page")
    tree = parsed(str(page.html))
    assert {one.tag for one in tree.all()} <= {
        *("h1", "p", "a", "pre", "code", "div", "table", "thead", "tbody", "tr", "th", "td"),
    }
    assert [one.attributes["href"] for one in tree.all("a") if "evil" not in str(one.attributes)] == [
        "/handbook/other#there"
    ]
    assert "<b>code</b>" in tree.one("pre").text


def test_only_the_handbooks_own_pictures_are_shown(tmp_path):
    (tmp_path / "page.md").write_text(
        '# Page\n\n![The "first" screen](pictures/tui-now-80x24.png) ![pixel](https://evil.test/x.png)\n'
        "![up](pictures/../../secret.png) ![data](data:image/png;base64,AA==)\n"
    )
    page = parsed(str(read_handbook(tmp_path).page("page").html))
    shown = [(one.attributes["src"], one.attributes["alt"]) for one in page.all("img")]
    assert shown == [("/handbook/pictures/tui-now-80x24.png", 'The "first" screen')]
    assert "pixel" in page.one("p").text


def test_every_picture_of_a_page_is_there(handbook):
    pictures = [one.attributes["src"] for page in handbook.pages for one in parsed(str(page.html)).all("img")]
    for source in pictures:
        assert handbook.picture(source.rpartition("/")[2]).startswith(b"\x89PNG")


def test_no_other_file_is_served_as_a_picture(handbook):
    for name in ("../tui.md", "tui.md", "nothing.png", "..%2Ftui.md"):
        with pytest.raises(NotFound):
            handbook.picture(name)


def test_what_scrolls_sideways_is_reached_by_keyboard(handbook):
    for page in handbook.pages:
        tree = parsed(str(page.html))
        assert all(one.attributes.get("tabindex") == "0" for one in tree.all("pre"))
        assert all(one.parent.attributes.get("tabindex") == "0" for one in tree.all("table"))


def test_a_page_that_is_not_in_the_list_is_not_there(handbook):
    for name in ("../config", "configuration.md", "", "nothing"):
        with pytest.raises(NotFound):
            handbook.page(name)


def test_titles_and_headings_are_searched_in_any_order_of_words(handbook):
    assert handbook.search("MINUTES ten")[0].name == "first-ten-minutes"
    found = handbook.search("exit code")
    assert any(one.name == "commands" and one.headings for one in found)
    assert handbook.search("") == []
    assert handbook.search("zzz") == []


@pytest.mark.parametrize(
    ("title", "anchor"),
    [
        ("Licenses that you are asked to accept", "licenses-that-you-are-asked-to-accept"),
        ("`carrel up` & co.", "carrel-up--co"),
    ],
)
def test_anchors_are_as_links_have_them(title, anchor):
    assert anchor_of(title) == anchor


async def test_it_is_read_without_a_key_and_searched_without_a_script():
    async with WebBox().browser() as browser:
        page = await browser.page("/handbook?q=budget")
        assert "/handbook/budgets" in [
            one.attributes["href"] for one in page.one(data_testid="found").all("a")
        ]
        assert page.one("input", name="q").attributes["value"] == "budget"
        page = await browser.page("/handbook/me")
        assert page.one("h1").words == "Who am I"
        assert "/handbook/licenses" in [one.attributes["href"] for one in page.all("a")]
