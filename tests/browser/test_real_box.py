"""Both pages over a real gateway with real workers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.watched import WatchedPages, address, signed_in
from tests.system.box import RealBox
from tests.system.mortal_box import mortal_box

TALLY = """() => [...document.querySelectorAll("#tally tbody tr")].map((row) => ({
  answer: row.cells[0].textContent, votes: row.cells[2].textContent,
}))"""
DEMO, F16 = "handbook-tiny", "handbook-tiny@f16"


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealBox]:
    box = RealBox(tmp_path_factory.mktemp("home")).start()
    box.carrel("model", "run", F16)
    yield box
    box.stop()


@pytest.fixture(scope="module")
def slow_box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealBox]:
    """Its models say a word every tenth of a second, and never end by themselves."""
    box = mortal_box(
        tmp_path_factory.mktemp("slow"), hang={}, restarts={}, options={"step_delay_ms": "100"}
    ).start()
    for model in ("mortal", "neighbor"):
        box.carrel("model", "run", model)
    yield box
    box.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def page(box: RealBox, key: str, pages: WatchedPages) -> Page:
    return await signed_in(await pages(f"http://127.0.0.1:{box.port}/login"), key)


async def test_a_question_is_answered_and_charged(box: RealBox, page: Page):
    before = len(box.rows())
    await page.get_by_label("Model", exact=True).select_option(DEMO)
    await page.get_by_text("Options").click()
    await page.get_by_label("Seed").fill("7")
    await page.get_by_label("Your question").fill("What is a credit?")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#said")).to_contain_text("Answer finished")
    figures = await page.locator(".answer .figures").inner_text()
    (row,) = box.rows()[before:]
    assert f"Tokens in\n{row['prompt_tokens']}\nTokens out\n{row['completion_tokens']}" in figures
    assert "Seed\n7\n" in figures
    assert "crl-r" in figures
    assert row["request_id"].startswith("req_")
    await expect(page.get_by_test_id("left")).to_have_text("No limit on what you may spend.")


async def test_without_scripts_the_same_question_has_the_same_answer(
    box: RealBox, key: str, pages: WatchedPages
):
    plain = await pages(f"http://127.0.0.1:{box.port}/login", java_script_enabled=False)
    scripted = await pages(f"http://127.0.0.1:{box.port}/login")
    texts = []
    for page in (plain, scripted):
        await signed_in(page, key)
        await page.get_by_label("Model", exact=True).select_option(DEMO)
        await page.get_by_text("Options").click()
        await page.get_by_label("Seed").fill("3")
        await page.get_by_label("Your question").fill("What is a seat?")
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator(".figures")).to_contain_text("Tokens out")
        shown = await page.locator(".answer .words").inner_text()
        # Without scripts the marks of markdown are shown as they are.
        texts.append(" ".join(shown.replace("`", "").split()))
    assert texts[0] == texts[1] != ""


async def test_two_forms_of_one_model_answer_side_by_side(box: RealBox, page: Page):
    await page.goto(address(page, "/compare"))
    await page.get_by_label("Model A").select_option(DEMO)
    await page.get_by_label("Model B").select_option(F16)
    await page.get_by_label("Your question").fill("What is a budget?")
    await page.get_by_role("button", name="Ask all").click()
    await expect(page.locator("#said")).to_contain_text("All answers are there")
    rows = [await row.inner_text() for row in await page.locator("#beneath tr").all()]
    assert rows[0].startswith(f"A: {DEMO}\t")
    assert rows[1].startswith(f"B: {F16}\t")
    assert all("MiB" in row for row in rows)


async def test_a_class_votes_on_two_forms(box: RealBox, pages: WatchedPages, tmp_path: Path):
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\nada,Ada Oakley\nbob,Bob Birch\n")
    box.carrel(
        "class", "new", "vote", "--roster", str(roster), "--models", f"{DEMO},{F16}", "--minutes", "60"
    )
    box.carrel("class", "open", "vote")
    cards = {one["given"]: one["key"] for one in box.carrel("class", "cards", "vote")["cards"]}
    box.carrel("class", "poll", "vote", "--prompt", "What is a key?", "--a", DEMO, "--b", F16)
    for student, choice in (("ada", "A is better"), ("bob", "Both as good")):
        page = await signed_in(await pages(f"http://127.0.0.1:{box.port}/login"), cards[student])
        await page.goto(address(page, "/compare"))
        await page.get_by_role("button", name="Get both answers").click()
        await expect(page.locator("#said")).to_contain_text("Both answers are there")
        for words in await page.locator("#poll-answers .words").all():
            assert await words.inner_text() != ""
        await page.get_by_role("button", name=choice).click()
        await expect(page.locator("#tally")).to_contain_text("Your vote is in.")
    assert {row["model_id"] for row in box.rows()[-4:]} == {DEMO, F16}
    box.carrel("class", "poll", "vote", "--end")
    await expect(page.locator("#tally td").first).to_have_text(re.compile("^handbook-tiny"))
    counted = {row["answer"]: row["votes"] for row in await page.evaluate(TALLY)}
    assert counted == {"A": "1", "B": "0", "As good": "1"}


async def test_stopping_ends_the_run_of_the_worker(slow_box: RealBox, pages: WatchedPages):
    page = await signed_in(await pages(f"http://127.0.0.1:{slow_box.port}/login"), slow_box.new_key("stop"))
    await page.get_by_label("Model", exact=True).select_option("mortal")
    await page.get_by_text("Options").click()
    await page.get_by_label("Most tokens").fill("3000")
    await page.get_by_label("Your question").fill("Go on")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".answer .words")).not_to_be_empty()
    assert running(slow_box) == 1
    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator("#said")).to_contain_text("Stopped")
    await expect(page.get_by_role("button", name="Send")).to_be_enabled()
    await ended(slow_box)
    (row,) = slow_box.rows()
    assert row["outcome"] == "cancelled"
    assert 0 < row["completion_tokens"] < 1000


async def test_two_tabs_stream_at_the_same_time(slow_box: RealBox, pages: WatchedPages):
    first = await signed_in(await pages(f"http://127.0.0.1:{slow_box.port}/login"), slow_box.new_key("tabs"))
    second = await first.context.new_page()
    pages.watch(second)
    await second.goto(first.url)
    for tab, model in ((first, "mortal"), (second, "neighbor")):
        await tab.get_by_label("Model", exact=True).select_option(model)
        await tab.get_by_text("Options").click()
        await tab.get_by_label("Most tokens").fill("3000")
        await tab.get_by_label("Your question").fill("Go on")
        await tab.get_by_role("button", name="Send").click()
    for tab in (first, second):
        await expect(tab.locator(".answer .words")).not_to_be_empty()
    assert running(slow_box) == 2
    # A tab that is closed stops its own alone.
    await second.close()
    before = await first.locator(".answer .words").inner_text()
    await expect(first.locator(".answer .words")).not_to_have_text(before)
    await first.keyboard.press("Escape")
    await ended(slow_box)


def running(box: RealBox) -> int:
    return box.carrel("status")["queue"]["running"]


async def ended(box: RealBox) -> None:
    """The engine notices at its next step: each look at the status takes longer than one."""
    for _ in range(20):
        if running(box) == 0:
            return
    raise AssertionError("what was stopped runs on")
