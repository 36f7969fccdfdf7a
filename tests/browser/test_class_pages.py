"""A class's pages in a browser over a scripted box: what asks again, what keys do, what is printed."""

import re

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from appliance.web.cards import cards_html
from tests.browser.page_box import PageBox
from tests.browser.watched import WatchedPages, signed_in
from tests.web.class_box import class_box
from tests.web.lesson_results import KEY, cards, detail, poll, screen, seat, seats
from tests.web.test_join import CODE, Claimed, Offer

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
VIEWS = (
    ("light", {"width": 1280, "height": 900}),
    ("dark", {"width": 1280, "height": 900}),
    ("light", {"width": 390, "height": 800}),
)
PLACES = ("", "/end", "/settings", "/roster", "/cards", "/report")
STATES = ("ok", "idle", "waits", "error", "limit", "free")
_A_PAGE = re.compile(rb"/Type\s*/Page\b")


@pytest.fixture
def lesson():
    box = class_box(warnings=("The model has room for 20 at once.",), message="Five more minutes")
    lines = [
        seat(
            number,
            f"s{number}",
            name=f"Student {number}",
            state=STATES[number % 6],
            waits_s=8,
            running=number % 2,
        )
        for number in range(1, 31)
    ]
    box.operations.answers["class.seats"] = seats(*lines, taken=25)
    box.operations.answers["class.cards"] = cards(12)
    box.lesson(plain=True)
    box.joining.offers[CODE] = Offer(
        names=tuple((one, f"Student {one}") for one in range(1, 21)), guests=True
    )
    box.joining.claimed = Claimed()
    return box


@pytest_asyncio.fixture(loop_scope="session")
async def served(lesson):
    async with PageBox(web=lesson).running() as running:
        yield running


async def lead(served: PageBox, pages: WatchedPages, **view) -> Page:
    page = await pages(f"{served.url}/login", **view)
    return await signed_in(page, "crl_lead")


@pytest.mark.timeout(600)
async def test_every_page_of_a_class_can_be_used_by_everybody(served: PageBox, pages: WatchedPages):
    """Looked at in the light, in the dark and on a narrow screen; what is done is done on the narrow one."""

    async def check():
        for colors, size in VIEWS:
            await page.emulate_media(color_scheme=colors)
            await page.set_viewport_size(size)
            found = (await Axe().run(page, options=RULES)).response["violations"]
            assert not found, (
                page.url,
                colors,
                size,
                [(one["id"], one["nodes"][0]["html"]) for one in found],
            )
            wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide, (page.url, size)

    # Without motion a page has other colors at once when they are asked for.
    page = await pages(f"{served.url}/join", reduced_motion="reduce")
    await check()
    await page.goto(f"{served.url}/join?code={CODE}")
    await check()
    await page.locator("select").select_option("3")
    await page.get_by_role("button", name="Join", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("You are in")
    await check()
    await signed_in(page, "crl_lead")
    for path in ("/teach", "/teach/_new", *(f"/teach/monday{one}" for one in PLACES), "/project/monday"):
        await page.goto(served.url + path)
        await check()
    await page.goto(f"{served.url}/teach/monday?seat=s3")
    await check()
    await page.goto(f"{served.url}/teach/_new")
    await page.locator("input[name=title]").fill("NLP")
    await page.get_by_label("Or paste it here").fill("Student,Login\n=x,b\nAda,ada")
    await page.get_by_role("button", name="Look at it before it is made").click()
    await expect(page.get_by_role("heading", name="Nothing is written yet")).to_be_focused()
    await check()
    await page.goto(f"{served.url}/teach/monday/cards")
    await page.get_by_role("button", name="Make the cards").click()
    await expect(page.locator(".card")).to_have_count(12)
    await check()


async def test_the_grid_changes_by_itself_and_leaves_the_focus_where_it_is(
    served: PageBox, pages: WatchedPages, lesson
):
    page = await lead(served, pages)
    await page.goto(f"{served.url}/teach/monday")
    link = page.locator("#seat-2")
    await link.focus()
    lesson.operations.answers["class.seats"] = seats(
        seat(1, "s1"), seat(2, "s2", state="waits", waits_s=12, waiting=1), taken=2
    )
    await expect(link).to_contain_text("waits 12 s")
    await expect(link).to_be_focused()


async def test_a_seat_is_opened_and_helped_by_keys_alone(served: PageBox, pages: WatchedPages, lesson):
    lesson.operations.answers["class.seats"] = seats(
        seat(1, "s1"),
        seat(2, "s2", state="error", trouble="Your key is unknown.", trouble_request="req_7", mend="reissue"),
    )
    page = await lead(served, pages)
    await page.goto(f"{served.url}/teach/monday")
    await page.locator("#seat-2").focus()
    await page.keyboard.press("Enter")
    panel = page.locator("#seat-panel")
    await expect(panel).to_contain_text("Your key is unknown.")
    await expect(panel.get_by_role("heading")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(panel.get_by_role("button", name="New key")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("New key for Ada Oakley")
    await expect(page.locator("#key-shown")).to_have_value(KEY)
    assert len(lesson.operations.called("class.reissue")) == 1


async def test_a_page_whose_box_is_gone_says_so_and_keeps_what_it_shows(
    served: PageBox, pages: WatchedPages, lesson
):
    page = await lead(served, pages)
    await page.goto(f"{served.url}/teach/monday")
    await page.route(
        "**/_seats*", lambda route: route.fulfill(status=503, body="<p>no</p>", content_type="text/html")
    )
    await expect(page.locator("[data-stale]")).to_be_visible()
    await expect(page.locator("#seats-now li")).to_have_count(30)
    await page.unroute("**/_seats*")
    await expect(page.locator("[data-stale]")).to_be_hidden()
    assert all("503" in one for one in pages.troubles)
    pages.troubles.clear()


async def test_a_rehearsal_shows_its_result_without_a_new_page(served: PageBox, pages: WatchedPages, lesson):
    lesson.operations.answers["class.show"] = detail(id="rehearsed")
    lesson.operations.answers["class.seats"] = seats(id="rehearsed")
    page = await lead(served, pages)
    await page.goto(f"{served.url}/teach/rehearsed")
    await page.get_by_role("button", name="Rehearse").click()
    await expect(page.locator("#rehearsal")).to_contain_text("✓ Ready. 30 of 30 were answered")


@pytest.mark.parametrize("size", [(1024, 768), (1920, 1080)])
@pytest.mark.parametrize("voting", [False, True])
async def test_the_projector_is_read_from_ten_meters(
    served: PageBox, pages: WatchedPages, lesson, size, voting
):
    width, height = size
    lesson.operations.answers["class.projector"] = screen(
        offline=True, mode="exam", poll=poll() if voting else None, fingerprint=":".join(["AB"] * 32)
    )
    page = await lead(served, pages, viewport={"width": width, "height": height})
    await page.goto(f"{served.url}/project/monday")
    code = page.locator(".projector-code")
    font = await code.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert font >= 0.12 * width
    assert await code.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight"), (
        "it has to be scrolled"
    )
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for ratio in await page.locator("#projector *").evaluate_all(_CONTRASTS):
        assert ratio >= 7


_CONTRASTS = """all => {
  const light = (rgb) => {
    const [r, g, b] = rgb.match(/[\\d.]+/g).slice(0, 3).map((one) => one / 255)
      .map((one) => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const back = (one) => {
    const color = getComputedStyle(one).backgroundColor;
    return color === "rgba(0, 0, 0, 0)" && one.parentElement ? back(one.parentElement) : color;
  };
  return all.filter((one) => one.textContent.trim() && !one.closest("svg")).map((one) => {
    const [a, b] = [light(getComputedStyle(one).color), light(back(one))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  });
}"""


async def test_a_card_signs_in_without_sending_its_key_in_an_address(
    served: PageBox, pages: WatchedPages, lesson
):
    page = await pages(f"{served.url}/login#key=crl_student")
    field = page.locator("input[name=key]")
    await expect(field).to_have_value("crl_student")
    assert "crl_" not in page.url
    assert not [one for one in pages.asked if "crl_student" in one.partition("#")[0]]
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{served.url}/")


async def test_a_name_is_found_by_typing_a_part_of_it(served: PageBox, pages: WatchedPages, lesson):
    lesson.joining.offers[CODE] = Offer(
        names=(*((one, f"Student {one}") for one in range(1, 20)), (20, "Zoë Müller"))
    )
    page = await pages(f"{served.url}/join?code={CODE}")
    await expect(page.get_by_label("Find your name")).to_be_focused()
    await page.keyboard.type("zoe")
    await expect(page.locator("select")).to_have_value("20")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("You are in")
    assert lesson.joining.claims == [(CODE, 20)]


@pytest.mark.parametrize("paper", ["A4", "Letter"])
async def test_thirty_cards_are_three_pages(browser: Browser, tmp_path, paper):
    long = "Maximiliane Wolkenstein-Trostburg von und zu Hohenaschau " * 2
    made = cards(30, title=long[:100], fingerprint=":".join(["AB"] * 32), url="https://192.168.100.107:7443")
    file = tmp_path / "cards.html"
    file.write_text(cards_html(made))
    page = await browser.new_page()
    await page.goto(file.as_uri())
    await page.emulate_media(media="print")
    assert len(_A_PAGE.findall(await page.pdf(format=paper))) == 3
    cut = "all => all.filter((one) => one.scrollHeight > one.clientHeight + 1).length"
    assert await page.locator(".card").evaluate_all(cut) == 0
    await page.close()


async def test_the_page_with_cards_prints_cards_alone(served: PageBox, pages: WatchedPages, lesson):
    lesson.operations.answers["class.cards"] = cards(30)
    page = await lead(served, pages)
    await page.goto(f"{served.url}/teach/monday/cards")
    await page.get_by_role("button", name="Make the cards").click()
    await expect(page.locator(".card")).to_have_count(30)
    await page.emulate_media(media="print")
    assert len(_A_PAGE.findall(await page.pdf(format="A4"))) == 3
    await expect(page.locator("h1")).to_be_hidden()
