"""The page "Compare": several streams at once, side by side."""

import re

import pytest_asyncio
from playwright.async_api import Page, expect

from appliance.domain.fidelity import FidelityDistance, FidelityMeasures, FidelityRecord, FidelitySubject
from appliance.errors import PersonLimitReached
from appliance.web.parts import OfferedModel
from tests.api.fakes import answers
from tests.browser.page_box import KEY, PageBox, SpokenByHand
from tests.browser.watched import WatchedPages, address, signed_in
from tests.web.fakes import card

MIB = 2**20
Q4, BF16 = "olmo@q4", "olmo@bf16"


def measured(model: str) -> FidelityRecord:
    subject = FidelitySubject("olmo", 1, model.partition("@")[2], "ab" * 32, "fake-1", "cd" * 32)
    measures, distance = FidelityMeasures(100, 2.0, 9.5), FidelityDistance(0.01, 0.957, 0.1, 0.2)
    return FidelityRecord(subject, BF16, 9.0, measures, distance, 64, 1.0, 5)


@pytest_asyncio.fixture(loop_scope="session")
async def spoken(scripted: PageBox) -> SpokenByHand:
    web = scripted.web
    web.models += [
        OfferedModel(Q4, "OLMo", usable=True, card=card(Q4, fidelity=measured(Q4))),
        OfferedModel(BF16, "OLMo", usable=True, card=card(BF16)),
    ]
    web.memory |= {Q4: 400 * MIB, BF16: 1500 * MIB}
    spoken = SpokenByHand()
    scripted.generations.script = spoken.script
    return spoken


@pytest_asyncio.fixture(loop_scope="session")
async def page(scripted: PageBox, pages: WatchedPages, spoken: SpokenByHand) -> Page:
    page = await signed_in(await pages(f"{scripted.url}/login"), KEY)
    await page.goto(address(page, "/compare"))
    return page


async def ask(page: Page, *models: str) -> None:
    for letter, model in zip("ABCD", models, strict=False):
        await page.get_by_label(f"Model {letter}").select_option(model)
    await page.get_by_label("Your question").fill("What is new?")
    await page.get_by_role("button", name="Ask all").click()


async def test_two_answers_come_side_by_side_each_at_its_own_pace(
    page: Page, scripted: PageBox, spoken: SpokenByHand
):
    await ask(page, Q4, BF16)
    left, right = page.locator(".answer .words").first, page.locator(".answer .words").last
    spoken.say(Q4, "quick")
    await expect(left).to_have_text("quick")
    await expect(right).to_have_text("")
    spoken.say(BF16, "slow")
    await expect(right).to_have_text("slow")
    spoken.say(Q4, " and more")
    await expect(left).to_have_text("quick and more")
    spoken.end(BF16)
    spoken.end(Q4)
    await expect(page.locator("#said")).to_have_text("All answers are there: A has 3 words, B has 1 word.")
    one, other = scripted.generations.requests
    assert {one.model, other.model} == {Q4, BF16}
    assert one.sampling.seed == other.sampling.seed is not None
    rows = page.locator("#beneath tr")
    await expect(rows).to_have_count(2)
    first, second = [await row.inner_text() for row in await rows.all()]
    assert first.startswith("A: olmo@q4\t7\t3\t")
    assert "\t400 MiB\t95.7% as olmo@bf16\t42" in first
    assert "\t1.5 GiB\tnot known\t42" in second


async def test_all_are_stopped_at_once(page: Page, scripted: PageBox, spoken: SpokenByHand):
    await ask(page, Q4, BF16, "tiny")
    for model in (Q4, BF16, "tiny"):
        spoken.say(model, "going on")
    await expect(page.locator(".answer .words")).to_have_text(["going on"] * 3)
    await page.get_by_role("button", name="Stop all").click()
    for run in scripted.generations.runs:
        await run.closed.wait()
    await expect(page.get_by_role("button", name="Ask all")).to_be_enabled()
    await expect(page.get_by_text("You stopped it.")).to_have_count(3)


async def test_which_is_which_is_hidden_until_one_asks(page: Page, spoken: SpokenByHand):
    await page.get_by_label("Hide which answer is whose").check()
    await ask(page, Q4, BF16)
    for model in (Q4, BF16):
        spoken.say(model, f"I am {model.partition('@')[2]}")
        spoken.end(model)
    await expect(page.locator("#said")).to_contain_text("All answers are there")
    shown = await page.locator("#columns").inner_text()
    assert "olmo" not in shown
    assert "Tokens" not in shown
    await expect(page.locator("#table")).to_be_hidden()
    await page.get_by_role("button", name="Show which is which").click()
    for letter in ("A", "B"):
        column = page.locator(".answer", has=page.get_by_role("heading", name=re.compile(f"^{letter}: ")))
        title = await column.get_by_role("heading", level=3).first.inner_text()
        form = title.partition("@")[2]
        await expect(column.locator(".words")).to_have_text(f"I am {form}")
    await expect(page.locator("#table")).to_be_visible()


async def test_order_is_by_chance_where_it_is_hidden(page: Page, scripted: PageBox, spoken: SpokenByHand):
    scripted.generations.script = answers("Yes")
    await page.get_by_label("Hide which answer is whose").check()
    firsts = set()
    for _ in range(40):
        await page.locator("#said").evaluate("one => one.textContent = ''")
        await ask(page, Q4, BF16)
        await expect(page.locator("#said")).to_contain_text("All answers are there")
        await page.get_by_role("button", name="Show which is which").click()
        firsts.add(await page.locator("#columns h3").first.inner_text())
        if len(firsts) == 2:
            break
    assert firsts == {f"A: {Q4}", f"A: {BF16}"}


async def test_one_that_is_refused_leaves_the_other_its_answer(
    page: Page, scripted: PageBox, spoken: SpokenByHand
):
    start = scripted.generations.start

    async def refuse_one(caller, request):
        if request.model == BF16:
            raise PersonLimitReached("You have 2 requests running, and may have 2.", retry_after_s=1)
        return await start(caller, request)

    scripted.generations.start = refuse_one
    await ask(page, Q4, BF16)
    spoken.say(Q4, "here")
    spoken.end(Q4)
    await expect(page.locator(".answer .words").first).to_have_text("here")
    await expect(page.locator(".answer .refused")).to_contain_text("You have 2 requests running")
    await expect(page.locator("#said")).to_contain_text("All answers are there")


async def test_the_columns_are_one_below_the_other_on_a_phone(
    scripted: PageBox, pages: WatchedPages, spoken: SpokenByHand
):
    page = await pages(f"{scripted.url}/login", viewport={"width": 390, "height": 844})
    await signed_in(page, KEY)
    await page.goto(address(page, "/compare"))
    await ask(page, Q4, BF16)
    spoken.say(Q4, "word " * 200)
    spoken.say(BF16, "x" * 500)
    for model in (Q4, BF16):
        spoken.end(model)
    await expect(page.locator("#said")).to_contain_text("All answers are there")
    boxes = [await one.bounding_box() for one in await page.locator("#columns .answer").all()]
    assert boxes[0]["x"] == boxes[1]["x"]
    assert boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"]
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
