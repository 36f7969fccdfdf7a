"""Whatever a model writes stays text: no element beyond a short list, no attribute that does anything, no
request, nothing called, and the page as it was.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from appliance.domain.generation import GenerationEvent
from tests.api.fakes import FakeRun, answers
from tests.browser.hostile_texts import HOSTILE
from tests.browser.page_box import KEY, PageBox
from tests.browser.watched import WatchedPages, signed_in

ELEMENTS = {"p", "br", "hr", "h3", "h4", "h5", "h6", "strong", "em", "del", "code", "pre", "blockquote"} | {
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "div")
}
ATTRIBUTES = {
    "a": {"href", "rel"},
    "ol": {"start"},
    "div": {"class", "tabindex", "role", "aria-label"},
}
ASK_ALL = """async (count) => {
  const by = (id) => document.getElementById(id);
  const told = [];
  const before = document.querySelectorAll("body *").length;
  for (let number = 0; number < count; number += 1) {
    by("prompt").value = String(number);
    const finished = new Promise((resolve) => {
      const look = new MutationObserver(() => {
        if (by("said").textContent.includes("finished")) resolve(look.disconnect());
      });
      look.observe(by("said"), { childList: true });
    });
    by("ask").requestSubmit();
    await finished;
    const shown = [...document.querySelectorAll(".answer .words *")].map((one) => ({
      tag: one.localName,
      attributes: Object.fromEntries([...one.attributes].map((all) => [all.name, all.value])),
    }));
    by("clear").click();
    const more = document.querySelectorAll("body *").length - before;
    told.push({ shown, more, pwned: window.pwned ?? null, path: location.pathname });
  }
  return told;
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def page(scripted: PageBox, pages: WatchedPages) -> Page:
    page = await pages(f"{scripted.url}/login")
    page.on("dialog", lambda dialog: pages.troubles.append(f"dialog {dialog.message}"))
    page.on("download", lambda download: pages.troubles.append(f"download {download.url}"))
    return await signed_in(page, KEY)


def test_the_corpus_is_large():
    assert len(set(HOSTILE)) >= 80


async def test_what_a_model_writes_stays_text(page: Page, scripted: PageBox, pages: WatchedPages):
    async def script(run: FakeRun) -> AsyncIterator[GenerationEvent]:
        text = HOSTILE[int(run.request.prompt.messages[-1].content)]
        # In pieces too: what is half there is painted as well.
        async for event in answers(text[: len(text) // 2], text[len(text) // 2 :])(run):
            yield event

    scripted.generations.script = script
    told = await page.evaluate(ASK_ALL, len(HOSTILE))
    for text, one in zip(HOSTILE, told, strict=True):
        assert (one["pwned"], one["path"], one["more"]) == (None, "/", 0), text
        for shown in one["shown"]:
            check(shown, text)
    assert {one.split("?")[0].removeprefix(scripted.url) for one in pages.asked if "/static/" not in one} <= {
        *("/login", "/", "/favicon.svg", "/v1/chat/completions", "/v1/me")
    }


def check(one: dict[str, Any], text: str) -> None:
    """An element of an answer."""
    assert one["tag"] in ELEMENTS, (text, one)
    assert set(one["attributes"]) <= ATTRIBUTES.get(one["tag"], set()), (text, one)
    if one["tag"] == "a":
        assert one["attributes"].get("href", "").startswith(("https://", "http://")), (text, one)
        assert one["attributes"]["rel"] == "noopener noreferrer nofollow", (text, one)


async def answered(page: Page, scripted: PageBox, *pieces: str) -> None:
    scripted.generations.script = answers(*pieces)
    await page.locator("#said").evaluate("one => one.textContent = ''")
    await page.get_by_label("Your question").fill("Hi")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#said")).to_contain_text("finished")


async def test_a_link_says_where_it_goes_and_waits_to_be_followed(page: Page, scripted: PageBox):
    await answered(page, scripted, "[the docs](https://docs.example/a_b) and https://bare.example/")
    words = page.locator(".answer .words")
    await expect(words).to_have_text("the docs (https://docs.example/a_b) and https://bare.example/")
    assert await words.locator("a").count() == 2


async def test_raw_html_is_shown_as_it_was_written(page: Page, scripted: PageBox):
    await answered(page, scripted, "Use <b>bold</b> and\n\n<div>\nblocks\n</div>\n\nor `<i>code</i>`.")
    text = await page.locator(".answer .words").inner_text()
    for part in ("<b>bold</b>", "<div>", "</div>", "<i>code</i>"):
        assert part in text


async def test_tables_lists_and_code_are_read_as_markdown(page: Page, scripted: PageBox):
    await answered(
        page, scripted, "# Top\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n3. x\n4. y\n\n```py\nprint(1)\n```"
    )
    words = page.locator(".answer .words")
    await expect(words.locator("h3")).to_have_text("Top")
    await expect(words.locator("td")).to_have_text(["1", "2"])
    await expect(words.locator("ol")).to_have_attribute("start", "3")
    await expect(words.locator("pre code")).to_have_text("print(1)\n")


SLOW = {
    "long": "a" * 250_000,
    "quotations": "> " * 4000 + "x",
    "brackets": "[" * 5000,
    "stars": "*a " * 20_000,
    "empty items": "\n- " * 3000,
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
async def test_an_answer_that_is_slow_to_read_does_not_hold_up_the_page(
    page: Page, scripted: PageBox, text: str
):
    await answered(page, scripted, text)


async def test_what_students_write_is_never_markup(page: Page, scripted: PageBox):
    scripted.generations.script = answers("Yes")
    await page.get_by_label("Your question").fill("<b>me</b> **too** <img src=x onerror=alert(1)>")
    await page.get_by_role("button", name="Send").click()
    shown = page.locator(".question .as-written")
    await expect(shown).to_have_text("<b>me</b> **too** <img src=x onerror=alert(1)>")
    assert await shown.locator("*").count() == 0
