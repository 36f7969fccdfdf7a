"""The synthetic student of a rehearsal over the API: how long words took, or what went wrong."""

import pytest

from appliance.client.visiting import HttpVisitor
from appliance.errors import QueueFull, ReplicaFailed
from tests.api.fakes import KEY, answers, fails_after, stalls_after


@pytest.fixture
def visitor(served):
    return HttpVisitor(lambda: f"http://127.0.0.1:{served.port}/v1", timeout_s=5)


async def ask(visitor, key=KEY):
    return await visitor.ask(key, "class-model", "What is a token?", 8)


async def test_first_word_and_whole_answer_are_timed(served, visitor):
    served.box.script = answers("Hel", "lo")
    visit = await ask(visitor)
    assert visit.problem == ""
    assert 0 < visit.first_word_ms <= visit.whole_ms
    (request,) = [run.request for run in served.box.runs]
    assert (request.model, request.max_tokens) == ("class-model", 8)


async def test_a_refusal_is_told_in_the_boxs_own_words(served, visitor):
    served.box.refusal = QueueFull("64 requests are waiting already.", retry_after_s=5)
    visit = await ask(visitor)
    assert (visit.problem, visit.first_word_ms, visit.whole_ms) == (
        "64 requests are waiting already.",
        None,
        None,
    )


async def test_an_answer_that_breaks_has_a_first_word_and_no_end(served, visitor):
    served.box.script = fails_after("Hel", error=ReplicaFailed("The model's process died; send it again."))
    visit = await ask(visitor)
    assert visit.problem == "The model's process died; send it again."
    assert visit.first_word_ms is not None
    assert visit.whole_ms is None


async def test_a_proxy_of_the_machine_is_not_asked(served, visitor, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    served.box.script = answers("Hello")
    assert (await ask(visitor)).problem == ""


async def test_silence_has_an_end(served):
    served.box.script = stalls_after("Hel")
    visitor = HttpVisitor(lambda: f"http://127.0.0.1:{served.port}/v1", timeout_s=0.2)
    assert (await ask(visitor)).problem == "The box did not answer in time."


async def test_nobody_who_listens_is_told(visitor, served):
    nowhere = HttpVisitor(lambda: "http://127.0.0.1:9/v1", timeout_s=5)
    assert (await ask(nowhere)).problem == "The connection to the box broke."
