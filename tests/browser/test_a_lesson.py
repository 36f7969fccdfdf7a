"""A lesson from the page of its lead to the page of a student, over a real box with the demo model."""

import time
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.watched import WatchedPages, signed_in
from tests.system.box import RealBox

CANVAS = (
    "Student,ID,SIS Login ID,Section\n"
    "    Points Possible,,,\n"
    '"Oakley, Ada",17,aoakley,1\n'
    '"Birch, Bob",18,bbirch,1\n'
    "=evil(),19,cevil,1\n"
    '"Student, Test",,,\n'
)


@pytest.fixture(scope="module")
def lead_key(box: RealBox) -> str:
    box.carrel("person", "new", "prof", "--name", "Prof. Oakley")
    box.carrel("project", "new", "seminar", "--kind", "course", "--lead", "prof")
    return box.new_key("prof", "--person", "prof", "--project", "seminar")


async def make_class(page: Page, file: Path, root: str) -> None:
    await page.goto(f"{root}/teach")
    await page.get_by_role("button", name="New class").click()
    await page.locator("input[name=title]").fill("NLP week 3")
    await page.locator("input[name=roster_file]").set_input_files(file)
    await page.get_by_role("button", name="Look at it before it is made").click()
    preview = page.locator(".preview")
    await expect(preview).to_contain_text("2 students, 1 problem, 2 left out")
    await expect(preview.get_by_role("row", name="as a formula does")).to_contain_text("5")
    await preview.get_by_role("button", name="Make the class and open it").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("NLP week 3")
    await expect(page.get_by_role("status").first).to_contain_text("The class is open")


async def code_of(page: Page, root: str) -> str:
    await page.goto(f"{root}/project/nlp-week-3")
    await page.get_by_role("button", name="Show a code to join with").click()
    return await page.locator(".projector-code").inner_text()


async def join(page: Page, root: str, code: str, name: str) -> None:
    await page.goto(f"{root}/join")
    await page.get_by_label("The code on the projector").fill(code.lower())
    await page.keyboard.press("Enter")
    await page.get_by_label("Your name").select_option(label=name)
    await page.get_by_role("button", name="Join", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"You are in, {name}")


async def ask(page: Page, words: str) -> None:
    await page.get_by_label("Your question").fill(words)
    await page.get_by_role("button", name="Send").click()


async def test_a_lesson(box: RealBox, lead_key: str, pages: WatchedPages, tmp_path: Path):
    root = box.url.removesuffix("/v1")
    file = tmp_path / "canvas.csv"
    file.write_text(CANVAS)
    teacher = await signed_in(await pages(f"{root}/login"), lead_key)
    await make_class(teacher, file, root)
    code = await code_of(teacher, root)
    await teacher.goto(f"{root}/teach/nlp-week-3")

    student = await pages(f"{root}/join")
    began = time.monotonic()
    await join(student, root, code, "Ada Oakley")
    assert time.monotonic() - began < 20
    await expect(teacher.locator("#seat-1")).not_to_contain_text("free")
    await expect(teacher.locator("#seat-2")).to_contain_text("free")
    key = await student.locator("#key-shown").input_value()

    await student.get_by_role("button", name="Go to Try it").click()
    await ask(student, "What is a key?")
    await expect(student.locator(".answer .words")).not_to_be_empty()
    await expect(teacher.locator("#seat-1 .seat-tokens")).not_to_have_text("0 of 50k tokens")

    await teacher.get_by_label("A sentence on every page of this class").fill("Five more minutes")
    await teacher.get_by_role("button", name="Show it").click()
    await expect(student.get_by_test_id("class-message")).to_contain_text("Five more minutes")

    await teacher.get_by_role("button", name="Pause all").click()
    await expect(teacher.get_by_role("button", name="Resume")).to_be_visible()
    await ask(student, "And now?")
    await expect(student.locator(".answer").last).to_contain_text("paused")
    await teacher.get_by_role("button", name="Resume").click()

    await teacher.goto(f"{root}/teach/nlp-week-3")
    await teacher.locator("#seat-1").click()
    await teacher.get_by_role("button", name="New key").click()
    other = await teacher.locator("#key-shown").input_value()
    assert other != key
    await student.goto(f"{root}/me")
    assert student.url.startswith(f"{root}/login")

    await teacher.goto(f"{root}/teach/nlp-week-3/report")
    async with teacher.expect_download() as download:
        await teacher.get_by_role("button", name="Download as CSV").click()
    saved = await (await download.value).path()
    report = Path(saved).read_text()
    assert "aoakley" in report
    assert "bbirch" in report

    await teacher.goto(f"{root}/teach/nlp-week-3")
    await teacher.get_by_role("button", name="End").click()
    await teacher.get_by_role("button", name="End the class").click()
    await expect(teacher.get_by_role("status").first).to_contain_text("The class is over")


async def test_the_wizard_needs_no_mouse(box: RealBox, lead_key: str, pages: WatchedPages):
    root = box.url.removesuffix("/v1")
    page = await signed_in(await pages(f"{root}/login"), lead_key)
    await page.goto(f"{root}/teach/_new")
    await page.locator("input[name=title]").focus()
    await page.keyboard.type("By keys")
    for _ in range(3):
        await page.keyboard.press("Tab")
    await page.keyboard.type("Name")
    await page.keyboard.press("Enter")
    await page.keyboard.type("Ada Oakley")
    await page.locator("input[name=title]").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Nothing is written yet")).to_be_focused()
    focused = ""
    while focused != "Make the class and open it":
        await page.keyboard.press("Tab")
        focused = await page.evaluate("document.activeElement.textContent.trim()")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("By keys")
