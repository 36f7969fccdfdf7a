"""``/compare`` without scripts: all answers in one page."""

import pytest

from appliance.domain.classes import POLL_A, POLL_B
from appliance.domain.results import PollState
from appliance.errors import ModelNotRunning, PersonLimitReached
from tests.api.fakes import answers
from tests.web.fakes import LEAD, parsed
from tests.web.scripted import scripted_box


@pytest.fixture
def both():
    return scripted_box()


async def test_all_answers_come_in_one_page_by_the_same_seed(both):
    box, generations = both
    box.memory["tiny"] = 3 * 2**30
    async with box.browser("crl_student") as browser:
        answer = await browser.send("/compare", model=["tiny", "tiny@f16", "", "tiny"], prompt="Hi")
    page = parsed(answer.text)
    assert [one.words for one in page.one("div", id="columns").all("h3")] == ["A: tiny", "B: tiny@f16"]
    first, second = generations.requests
    assert first.sampling.seed == second.sampling.seed is not None
    assert first.id != second.id
    rows = [row.words for row in page.one("tbody", id="beneath").all("tr")]
    assert rows[0].startswith("A: tiny")
    assert "3.0 GiB" in rows[0]
    assert "not known" in rows[1]


async def test_hidden_names_stay_hidden_until_they_are_unfolded(both):
    box, _ = both
    async with box.browser("crl_student") as browser:
        answer = await browser.send("/compare", model=["tiny", "tiny@f16"], prompt="Hi", blind="yes")
    page = parsed(answer.text)
    assert {one.words for one in page.one("div", id="columns").all("h3")} == {"A", "B"}
    assert "fake-1" not in page.one("div", id="columns").words
    (folded,) = [one for one in page.all("details") if "Show which is which" in one.words]
    assert "open" not in folded.attributes
    assert "tiny@f16" in folded.words


async def test_one_model_alone_is_no_comparison(both):
    box, generations = both
    async with box.browser("crl_student") as browser:
        answer = await browser.send("/compare", model=["tiny", "tiny"], prompt="Hi")
    assert answer.status_code == 400
    assert "Choose two models" in parsed(answer.text).one(data_testid="error").words
    assert generations.requests == []


async def test_more_than_four_are_refused(both):
    box, generations = both
    async with box.browser("crl_student") as browser:
        answer = await browser.send("/compare", model=list("abcde"), prompt="Hi")
    assert answer.status_code == 400
    assert generations.requests == []


async def test_who_may_have_one_at_a_time_gets_both_all_the_same(both):
    box, generations = both
    start = generations.start

    async def one_at_a_time(caller, request):
        if any(not run.closed.is_set() for run in generations.runs):
            raise PersonLimitReached("You have 1 request running, and may have 1.", retry_after_s=1)
        return await start(caller, request)

    generations.start = one_at_a_time
    async with box.browser("crl_student") as browser:
        page = parsed((await browser.send("/compare", model=["tiny", "tiny@f16"], prompt="Hi")).text)
    assert len(page.all(class_="words as-written")) == 2


class OpenVote:
    """Of every class."""

    def __init__(self):
        self.now = PollState("poll_1", "Why <b>blue</b>?", True, 2, 1, 0, "", "", 7)

    def current(self, class_id):
        return self.now

    def model(self, class_id, name):
        return {POLL_A: "secret@q4", POLL_B: "secret@f16"}[name]


async def test_a_vote_works_without_scripts_and_tells_no_model(both):
    box, generations = both
    box.polls = OpenVote()
    box.lesson()
    async with box.browser("crl_student") as browser:
        page = await browser.page("/compare")
        assert "Why <b>blue</b>?" in page.one("section", id="poll").words
        assert "3 votes so far" in page.one("section", id="poll").words
        found = await browser.send("/compare/poll", poll="poll_1")
        voted = await browser.send("/compare/vote", poll="poll_1", choice="tie")
    assert len(parsed(found.text).all(class_="words as-written")) == 2
    assert "secret" not in found.text
    assert "fake-1" not in found.text
    assert [one.model for one in generations.requests] == ["secret@q4", "secret@f16"]
    assert voted.headers["location"] == "/compare"
    (called,) = box.operations.called("class.vote")
    assert (called["poll"], called["choice"], called["name"]) == ("poll_1", "tie", "monday")


async def test_what_fails_in_a_vote_names_no_model(both):
    box, generations = both
    box.polls = OpenVote()
    box.lesson()
    generations.refusal = ModelNotRunning("The model secret@q4 does not run.")
    async with box.browser("crl_student") as browser:
        page = await browser.send("/compare/poll", poll="poll_1")
        stream = await browser.send("/compare/poll/a", poll="poll_1")
    assert "cannot be given now" in page.text
    assert stream.status_code == 503
    assert "secret" not in page.text + stream.text
    assert stream.json()["error"]["request_id"] == stream.headers["x-request-id"]


async def test_a_stream_of_a_vote_has_text_and_nothing_else(both):
    box, generations = both
    box.polls = OpenVote()
    box.lesson()
    generations.script = answers("Because", " so.")
    async with box.browser("crl_student") as browser:
        stream = await browser.send("/compare/poll/b", poll="poll_1")
    assert stream.text.split("\n\n") == [
        'data: {"choices":[{"delta":{"content":"Because"},"index":0}]}',
        'data: {"choices":[{"delta":{"content":" so."},"index":0}]}',
        "data: [DONE]",
        "",
    ]
    assert generations.runs[0].closed.is_set()


@pytest.mark.parametrize(("path", "status"), [("/compare/poll/a", 409), ("/compare/poll/c", 404)])
async def test_a_vote_that_is_over_and_a_third_answer_are_not_there(both, path, status):
    box, generations = both
    box.polls = OpenVote()
    box.lesson()
    async with box.browser("crl_student") as browser:
        assert (await browser.send(path, poll="poll_0")).status_code == status
    assert generations.requests == []


async def test_who_sits_in_no_class_has_no_vote(both):
    box, _ = both
    box.polls = OpenVote()
    async with box.browser("crl_student") as browser:
        assert "poll-ask" not in (await browser.get("/compare")).text
        assert (await browser.send("/compare/poll/a", poll="poll_1")).status_code == 404
        assert (await browser.send("/compare/vote", poll="poll_1", choice="a")).status_code == 404
    assert box.operations.called("class.vote") == []


@pytest.mark.parametrize("path", ["/compare/ask", "/compare/end"])
async def test_only_a_lead_begins_and_ends_a_vote(both, path):
    box, _ = both
    box.lesson()
    fields = {"lesson": "monday", "prompt": "Why?", "a": "tiny", "b": "opt"}
    async with box.browser("crl_student") as browser:
        assert (await browser.send(path, **fields)).status_code == 403
    assert box.operations.called("class.poll") == []


async def test_a_lead_who_has_one_model_in_the_class_is_told_what_is_missing(both):
    box, _ = both
    box.lesson()
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/compare")
    assert LEAD.person_id == "prof"
    assert "A vote needs two models" in page.words
    assert "/teach/monday" in {one.attributes.get("href") for one in page.all("a")}
