"""The page "Try it" with a model that says what the test lets it say, when it lets it."""

import json
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page, expect

from appliance.domain.generation import Waiting
from appliance.errors import RateLimited
from tests.api.fakes import answers
from tests.browser.page_box import KEY, PageBox, SpokenByHand
from tests.browser.watched import WatchedPages, signed_in


@pytest_asyncio.fixture(loop_scope="session")
async def page(scripted: PageBox, pages: WatchedPages) -> Page:
    page = await pages(f"{scripted.url}/login")
    await signed_in(page, KEY)
    return page


async def ask(page: Page, question: str) -> None:
    await page.get_by_label("Your question").fill(question)
    await page.get_by_role("button", name="Send").click()


async def test_an_answer_is_read_as_it_comes_and_announced_once(page: Page, scripted: PageBox):
    spoken = SpokenByHand()
    scripted.generations.script = spoken.script
    await ask(page, "Who is there?")
    spoken.say("tiny", "I am ")
    words = page.locator(".answer .words")
    await expect(words).to_have_text("I am")
    await expect(page.locator("#said")).to_have_text("")
    assert await words.evaluate("one => one.closest('[aria-live], [role=status], [role=alert]')") is None
    spoken.say("tiny", "**here**.")
    await expect(words.locator("strong")).to_have_text("here")
    spoken.end("tiny")
    await expect(page.locator("#said")).to_have_text("Answer finished, 3 words.")
    figures = await page.locator(".answer .figures").inner_text()
    for told in ("Tokens in\n7", "Tokens out\n3", "First word\n", "Seed\n42", "crl-r3-abababababab-fake-1"):
        assert told in figures
    await expect(page.get_by_test_id("left")).to_contain_text(
        "Left today: 3.5 credits, about 7000 tokens of tiny."
    )
    await expect(page.locator(".answer .state")).to_be_hidden()


async def test_stopping_ends_the_run_on_the_box(page: Page, scripted: PageBox):
    spoken = SpokenByHand()
    scripted.generations.script = spoken.script
    await ask(page, "Go on for ever")
    spoken.say("tiny", "one two")
    await expect(page.locator(".answer .words")).to_have_text("one two")
    await page.keyboard.press("Escape")
    await scripted.generations.runs[0].closed.wait()
    await expect(page.locator("#said")).to_have_text("Stopped after 2 words.")
    await expect(page.get_by_role("button", name="Send")).to_be_enabled()


async def test_the_next_question_goes_with_the_turns_before(page: Page, scripted: PageBox):
    scripted.generations.script = answers("Four.")
    await page.get_by_text("Options").click()
    await page.get_by_label("System").fill("Be short.")
    await page.get_by_label("Temperature").fill("0.5")
    await page.get_by_label("Your question").fill("Two and two?")
    await page.get_by_label("Your question").press("Control+Enter")
    await expect(page.locator("#said")).to_contain_text("finished")
    await ask(page, "And one more?")
    await expect(page.locator(".answer .figures:visible")).to_have_count(2)
    first, second = scripted.generations.requests
    told = [(one.role, one.content) for one in second.prompt.messages]
    assert told == [
        ("system", "Be short."),
        ("user", "Two and two?"),
        ("assistant", "Four."),
        ("user", "And one more?"),
    ]
    assert (first.sampling.temperature, first.max_tokens) == (0.5, None)
    await page.get_by_role("button", name="Clear").click()
    await expect(page.locator(".turn")).to_have_count(0)
    await ask(page, "Two and two?")
    await expect(page.locator("#said")).to_contain_text("finished")
    assert len(scripted.generations.requests[-1].prompt.messages) == 2


async def test_the_place_in_the_queue_is_told_until_the_answer_begins(page: Page, scripted: PageBox):
    spoken = SpokenByHand()

    async def script(run):
        yield Waiting(3, 9)
        async for event in spoken.script(run):
            yield event

    scripted.generations.position, scripted.generations.script = 4, script
    await ask(page, "Hi")
    await expect(page.locator(".answer .state")).to_have_text("You are number 3 in line. About 9 s to wait.")
    spoken.end("tiny")
    await expect(page.locator("#said")).to_contain_text("finished")


async def test_a_refusal_is_told_in_its_words_and_counted_down(page: Page, scripted: PageBox):
    scripted.generations.refusal = RateLimited(
        "You asked 30 times in a minute; wait a moment.", retry_after_s=2
    )
    await ask(page, "Again")
    box = page.locator(".refused")
    await expect(box).to_contain_text("You asked 30 times in a minute; wait a moment.")
    await expect(box.locator(".countdown")).to_have_text("Try again in 2 s.")
    assert "req_" in await box.inner_text()
    await expect(page.get_by_label("Your question")).to_have_value("Again")
    await expect(box.locator(".countdown")).to_have_text("You can try again now.")


async def test_the_whole_answer_can_be_waited_for(page: Page, scripted: PageBox):
    scripted.generations.script = answers("All ", "at once.")
    await page.get_by_text("Options").click()
    await page.get_by_label("Wait for the full answer").check()
    await ask(page, "Hi")
    await expect(page.locator(".answer .words")).to_have_text("All at once.")
    assert "First word" not in await page.locator(".answer .figures").inner_text()


async def test_thoughts_are_folded_away(page: Page, scripted: PageBox):
    scripted.generations.thinking = ("<think>", "</think>")
    scripted.generations.script = answers("<think>Let me see</think>", "Yes.")
    await ask(page, "Well?")
    await expect(page.locator("#said")).to_contain_text("Answer finished, 1 word.")
    await expect(page.locator(".thinking .as-written")).to_be_hidden()
    await page.get_by_text("Thinking").click()
    await expect(page.locator(".thinking .as-written")).to_have_text("Let me see")


async def test_a_chat_is_saved_as_json_and_as_a_notebook(page: Page, scripted: PageBox, tmp_path: Path):
    scripted.generations.script = answers('Say "hi"\n</script>\u2028')
    await expect(page.get_by_role("button", name="Save it as JSON")).to_be_disabled()
    await ask(page, 'A "question"\nof # two <b>lines</b>')
    await expect(page.locator("#said")).to_contain_text("finished")
    chat = json.loads(await saved(page, "Save it as JSON", tmp_path))
    assert chat["base_url"] == f"{scripted.url}/v1"
    (turn,) = chat["turns"]
    assert (turn["question"], turn["answer"]) == (
        'A "question"\nof # two <b>lines</b>',
        'Say "hi"\n</script>\u2028',
    )
    assert (turn["seed"], turn["model"], turn["fingerprint"]) == ("42", "tiny", "crl-r3-abababababab-fake-1")
    notebook = json.loads(await saved(page, "Save it as a notebook", tmp_path))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for source in code:
        compile(source, "cell", "exec")
    assert "seed=42" in code[1]
    assert scripted.url in code[0]


async def saved(page: Page, button: str, folder: Path) -> str:
    async with page.expect_download() as download:
        await page.get_by_role("button", name=button).click()
    path = folder / "saved"
    await (await download.value).save_as(path)
    return path.read_text()


async def test_the_code_for_the_same_question_is_shown(page: Page, scripted: PageBox):
    await page.get_by_label("Your question").fill("It's <b>me</b>")
    await page.get_by_role("button", name="View code").click()
    code = page.locator("#code")
    await expect(code.get_by_role("tab", name="Python")).to_be_visible()
    text = await code.locator("#code-text-python").inner_text()
    compile(text, "snippet", "exec")
    assert f"{scripted.url}/v1" in text
    assert "It's <b>me</b>" in text
    await expect(code.get_by_role("button", name="Copy").first).to_be_visible()


async def test_an_answer_is_copied_as_the_model_wrote_it(scripted: PageBox, pages: WatchedPages):
    page = await pages(f"{scripted.url}/login", permissions=["clipboard-read", "clipboard-write"])
    await signed_in(page, KEY)
    scripted.generations.script = answers("**bold**")
    await ask(page, "Hi")
    await page.get_by_role("button", name="Copy answer").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == "**bold**"


async def test_the_box_gone_is_said_in_words(page: Page, pages: WatchedPages):
    await page.context.route("**/v1/chat/completions", lambda route: route.abort())
    await ask(page, "Hi")
    await expect(page.locator(".refused")).to_contain_text("The box did not answer.")
    assert ["ERR_FAILED" in one for one in pages.troubles] == [True]
    pages.troubles.clear()
