"""``/`` without scripts: the form goes to the box, and the page comes back with the whole answer."""

import asyncio

import pytest

from appliance.domain.model import ModelCard
from appliance.errors import NotPermitted, PersonLimitReached, ReplicaFailed
from appliance.web.parts import OfferedModel
from tests.api.fakes import answers, fails_after, stalls_after
from tests.web.fakes import STUDENT, card, parsed
from tests.web.scripted import scripted_box


@pytest.fixture
def both():
    return scripted_box()


async def test_whoever_has_no_session_is_shown_the_ways_in(both):
    async with both[0].browser() as browser:
        page = await browser.page("/")
        links = {one.attributes["href"] for one in page.one("main").all("a")}
        assert links == {"/join", "/login", "/start"}


async def test_a_question_comes_back_with_its_whole_answer(both):
    box, generations = both
    generations.script = answers("A *credit* ", "<b>is</b> …")
    async with box.browser("crl_student") as browser:
        answer = await browser.send(
            "/",
            model="tiny",
            prompt="What is\r\na credit?",
            system="Be short.",
            temperature="0.25",
            seed="7",
            max_tokens="64",
        )
    assert answer.status_code == 200
    page = parsed(answer.text)
    (shown,) = page.all(class_="words as-written")
    assert shown.text == "A *credit* <b>is</b> …"
    assert shown.children == []
    assert page.one("textarea", name="prompt").text == "What is\na credit?"
    assert page.one("input", name="temperature").attributes["value"] == "0.25"
    told = page.one(class_="figures").words
    for one in ("Tokens in 7", "Tokens out 3", "Seed 42", "Revision crl-r3-abababababab-fake-1"):
        assert one in told
    assert "Left today: 3.5 credits, about 7000 tokens of tiny." in page.one(data_testid="left").words
    (request,) = generations.requests
    assert generations.callers[0].key_id == STUDENT.key_id
    assert [(one.role, one.content) for one in request.prompt.messages] == [
        ("system", "Be short."),
        ("user", "What is\na credit?"),
    ]
    assert (request.model, request.max_tokens, request.sampling.seed) == ("tiny", 64, 7)
    assert request.id == answer.headers["x-request-id"]


async def test_thoughts_are_folded_and_never_in_the_answer(both):
    box, generations = both
    generations.thinking, generations.script = ("<think>", "</think>"), answers("<think>hm</think>", "Yes")
    async with box.browser("crl_student") as browser:
        page = parsed((await browser.send("/", model="tiny", prompt="Well?")).text)
    assert page.one(class_="words as-written").text == "Yes"
    assert "hm" in page.one("details", class_="thinking").words


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (PersonLimitReached("You have 2 requests running; the class allows 2.", retry_after_s=3), 429),
        (NotPermitted("The class is paused.", rule="class"), 403),
    ],
)
async def test_a_refusal_is_told_beside_the_question(both, refusal, status):
    box, generations = both
    generations.refusal = refusal
    async with box.browser("crl_student") as browser:
        answer = await browser.send("/", model="tiny", prompt="Again <please>")
    assert answer.status_code == status
    page = parsed(answer.text)
    told = page.one(data_testid="error").words
    assert refusal.message in told
    assert answer.headers["x-request-id"] in told
    assert page.one("textarea", name="prompt").text == "Again <please>"
    if status == 429:
        assert answer.headers["retry-after"] == "3"
        assert "Try again in 3 s." in told


async def test_an_answer_that_breaks_off_is_an_error_and_no_answer(both):
    box, generations = both
    generations.script = fails_after("Half", error=ReplicaFailed("The model stopped. Ask again."))
    async with box.browser("crl_student") as browser:
        answer = await browser.send("/", model="tiny", prompt="Hi")
    assert answer.status_code == 502
    assert "The model stopped." in parsed(answer.text).one(data_testid="error").words
    assert generations.runs[0].closed.is_set()


async def test_whoever_leaves_ends_the_run(both):
    box, generations = both
    generations.script = stalls_after("Half")
    async with box.browser("crl_student") as browser:
        asking = asyncio.ensure_future(browser.send("/", model="tiny", prompt="Hi"))
        await generations.running.wait()
        asking.cancel()
        await asyncio.wait([asking])
    await asyncio.wait_for(generations.runs[0].closed.wait(), 5)


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": ""},
        {"temperature": "nan"},
        {"temperature": "3"},
        {"top_p": "0"},
        {"max_tokens": "0"},
        {"seed": "-1"},
        {"model": "x" * 200},
        {"url": "http://evil.example/"},
    ],
)
async def test_a_form_out_of_bounds_asks_nobody(both, fields):
    box, generations = both
    async with box.browser("crl_student") as browser:
        answer = await browser.send("/", **{"model": "tiny", "prompt": "Hi", **fields})
    assert answer.status_code == 400
    assert generations.requests == []


@pytest.mark.parametrize("path", ["/", "/try/code", "/compare"])
async def test_no_form_is_read_without_its_token(both, path):
    box, generations = both
    async with box.browser("crl_student") as browser:
        refused = await browser.send(path, token=False, model="tiny", prompt="Hi")
        elsewhere = await browser.send(path, origin="http://evil.example", model="tiny", prompt="Hi")
    assert (refused.status_code, elsewhere.status_code) == (403, 403)
    async with box.browser() as browser:
        assert (await browser.send(path, model="tiny", prompt="Hi")).headers["location"].startswith("/login")
    assert generations.requests == []


async def test_models_that_one_may_not_ask_say_why_and_where_to_ask(both):
    box, _ = both
    box.models.append(OfferedModel("base", "Base", usable=True, chats=False, card=card("base", chats=False)))
    box.models.append(OfferedModel("class-model", "", usable=True, card=card("class-model", alias_of="tiny")))
    async with box.browser("crl_student") as browser:
        page = await browser.page("/")
    options = {
        one.attributes["value"]: one.attributes for one in page.one("select", name="model").all("option")
    }
    assert list(options) == ["class-model", "tiny", "opt", "base"]
    assert "selected" in options["class-model"]
    assert ["disabled" in one for one in options.values()] == [False, False, True, True]
    told = page.one("details", class_="unusable")
    assert "It asks for an application; see Access." in told.words
    assert "no conversations" in told.words
    assert {one.attributes["href"] for one in told.all("a")} == {"/access"}


async def test_a_model_elsewhere_says_that_words_leave_the_box(both):
    box, _ = both
    box.models[0] = OfferedModel(
        "tiny", "Tiny", usable=True, card=ModelCard("tiny", "Tiny", 1, 9, True, leaves_box="api.host")
    )
    async with box.browser("crl_student") as browser:
        page = await browser.page("/")
    assert "asked at api.host" in page.one("select", name="model").words


async def test_code_is_a_page_without_scripts_and_a_part_of_one_with(both):
    async with both[0].browser("crl_student") as browser:
        form = {"model": "tiny", "prompt": "It's </code><b>me</b>", "temperature": "0.5"}
        page = parsed((await browser.send("/try/code", **form)).text)
        part = await browser.send("/try/code", **form, headers={"hx-request": "true"})
    assert page.one("title").words.startswith("Code")
    assert "<html" not in part.text
    python = page.one("code", id="code-text-python").text
    compile(python, "snippet", "exec")
    assert "http://box.test/v1" in python
    assert "temperature=0.5" in python
    assert "crl_student" not in part.text
