"""A class votes between two answers without being told which model wrote which."""

import pytest_asyncio
from playwright.async_api import Page, expect

from appliance.domain.classes import POLL_A, POLL_B
from appliance.domain.generation import Waiting
from appliance.domain.results import PollState
from appliance.errors import ModelNotRunning, RateLimited
from tests.browser.page_box import KEY, PageBox, SpokenByHand
from tests.browser.watched import WatchedPages, address, signed_in

A, B = "olmo@q4", "olmo@bf16"
HIDDEN = ("olmo", "q4", "bf16", "crl-r", "abab", "fake-1")


class OnePoll:
    """Of every class."""

    def __init__(self):
        self.now = PollState("poll_1", "Why is the sky blue?", True, 0, 0, 0, "", "", 7)

    def current(self, class_id):
        return self.now

    def model(self, class_id, name):
        return {POLL_A: A, POLL_B: B}[name]

    def end(self, votes_a, votes_b):
        self.now = PollState("poll_1", self.now.prompt, False, votes_a, votes_b, 0, A, B, 7)


@pytest_asyncio.fixture(loop_scope="session")
async def poll(scripted: PageBox) -> OnePoll:
    scripted.web.polls = OnePoll()
    scripted.web.lesson()
    return scripted.web.polls


@pytest_asyncio.fixture(loop_scope="session")
async def page(scripted: PageBox, poll: OnePoll, pages: WatchedPages) -> Page:
    page = await signed_in(await pages(f"{scripted.url}/login"), KEY)
    await page.goto(address(page, "/compare"))
    return page


def told(box: PageBox) -> str:
    """All that left the box because of votes."""
    return b"\n".join(body for path, body in box.sent if path.startswith("/compare")).decode()


async def test_both_answers_are_read_and_voted_on_with_nothing_said_of_the_models(
    page: Page, scripted: PageBox, poll: OnePoll
):
    spoken = SpokenByHand()
    scripted.generations.script, scripted.generations.position = spoken.script, 2
    await expect(page.get_by_text("Why is the sky blue?")).to_be_visible()
    await page.get_by_role("button", name="Get both answers").click()
    spoken.say(A, "Because of scattering.")
    spoken.say(B, "It just is.")
    await expect(page.locator("#poll-answers .words")).to_have_text(["Because of scattering.", "It just is."])
    for model in (A, B):
        spoken.end(model)
    await expect(page.locator("#said")).to_contain_text(
        "Both answers are there: A has 3 words, B has 3 words."
    )
    asked = {one.model: one for one in scripted.generations.requests}
    assert set(asked) == {A, B}
    assert {one.sampling.seed for one in asked.values()} == {7}
    assert {one.prompt.messages[0].content for one in asked.values()} == {"Why is the sky blue?"}
    await page.get_by_role("button", name="B is better").click()
    await expect(page.locator("#tally")).to_contain_text("Your vote is in.")
    assert scripted.web.operations.called("class.vote") == [
        {"name": "monday", "poll": "poll_1", "choice": "b", "project": "seminar", "person": "ada"}
    ]
    await expect(page.locator("#poll-answers .words").first).to_be_visible()
    everything = told(scripted)
    assert "It just is." in everything
    assert not [word for word in HIDDEN if word in everything]
    assert "x-carrel-seed" not in everything


async def test_when_it_ends_the_class_sees_the_tally_and_which_was_which(page: Page, poll: OnePoll):
    await expect(page.locator("#tally")).to_contain_text("0 votes so far")
    poll.end(12, 5)
    rows = page.locator("#tally tbody tr")
    await expect(rows).to_have_text(["A olmo@q4 12", "B olmo@bf16 5", "As good 0"], use_inner_text=True)


async def test_an_answer_that_fails_does_not_say_whose_it_was(page: Page, scripted: PageBox, poll: OnePoll):
    start = scripted.generations.start

    async def fail(caller, request):
        if request.model == A:
            raise ModelNotRunning("The model olmo@q4 does not run now.")
        return await start(caller, request)

    async def breaks(run):
        yield Waiting(1, None)
        raise ModelNotRunning("The model olmo@bf16 stopped.")

    scripted.generations.start, scripted.generations.script = fail, breaks
    await page.get_by_role("button", name="Get both answers").click()
    refused = page.locator("#poll-answers .refused")
    await expect(refused).to_have_count(2)
    assert "This answer cannot be given now." in await refused.first.inner_text()
    assert not [word for word in HIDDEN if word in told(scripted)]


async def test_a_limit_of_ones_own_is_said_as_it_is(page: Page, scripted: PageBox, poll: OnePoll):
    scripted.generations.refusal = RateLimited(
        "You asked 30 times in a minute; wait a moment.", retry_after_s=9
    )
    await page.get_by_role("button", name="Get both answers").click()
    await expect(page.locator("#poll-answers .refused").first).to_contain_text(
        "You asked 30 times in a minute"
    )
    await expect(page.locator("#poll-answers .countdown").first).to_contain_text("Try again in")


async def test_both_are_stopped_at_once(page: Page, scripted: PageBox, poll: OnePoll):
    spoken = SpokenByHand()
    scripted.generations.script = spoken.script
    await page.get_by_role("button", name="Get both answers").click()
    spoken.say(A, "on")
    await expect(page.locator("#poll-answers .words").first).to_have_text("on")
    await page.get_by_role("button", name="Stop both").click()
    for run in scripted.generations.runs:
        await run.closed.wait()
    assert len(scripted.generations.runs) == 2


async def test_a_lead_begins_and_ends_a_vote(scripted: PageBox, poll: OnePoll, pages: WatchedPages):
    scripted.web.lesson(models=("tiny", A, B))
    poll.end(3, 4)
    page = await signed_in(await pages(f"{scripted.url}/login"), "crl_lead")
    await page.goto(address(page, "/compare"))
    asking = page.locator("section", has=page.get_by_role("heading", name="Ask the class"))
    await expect(asking.locator("table")).to_contain_text("olmo@q4")
    await asking.get_by_label("Question").fill("Which is kinder?")
    await asking.get_by_label("One").select_option(B)
    await asking.get_by_label("The other").select_option(B)
    await asking.get_by_role("button", name="Begin the vote").click()
    await expect(page.get_by_test_id("error")).to_contain_text("Choose two models")
    await page.go_back()
    await asking.get_by_label("Question").fill("Which is kinder?")
    await asking.get_by_label("One").select_option(B)
    await asking.get_by_label("The other").select_option(A)
    poll.now = PollState("poll_2", "Which is kinder?", True, 1, 0, 0, "", "", 1)
    await asking.get_by_role("button", name="Begin the vote").click()
    await expect(asking.get_by_test_id("tally")).to_contain_text("1 vote so far")
    await asking.get_by_role("button", name="End the vote").click()
    asked = {"name": "monday", "prompt": "Which is kinder?", "a": B, "b": A, "seed": 1, "project": "seminar"}
    ended = {"name": "monday", "end": True, "project": "seminar"}
    await page.wait_for_url("**/compare")
    assert scripted.web.operations.called("class.poll") == [asked, ended]


async def test_a_vote_that_is_over_answers_nobody(page: Page, scripted: PageBox, poll: OnePoll):
    poll.now = PollState("poll_2", "Another", True, 0, 0, 0, "", "", 7)
    await page.get_by_role("button", name="Get both answers").click()
    await expect(page.locator("#poll-answers .refused").first).to_contain_text("This vote is over.")
    assert scripted.generations.requests == []
