"""Errors that callers meet are noted for them and their teacher: whose, which, and never what was asked."""

from appliance.errors import BudgetExhausted, ReplicaFailed
from tests.api.fakes import CALLER, answers, fails_after

BROKEN = ReplicaFailed("The model's process died; send it again.")


async def test_a_refusal_is_noted_with_its_request(served):
    served.box.refusal = BudgetExhausted("The budget is spent; ask your lead.")
    response = await served.chat()
    assert served.noted.all == [(CALLER, "insufficient_quota", response.headers["x-request-id"])]


async def test_a_stream_that_breaks_after_it_began_is_noted(served):
    served.box.script = fails_after("Hel", error=BROKEN)
    response = await served.chat(stream=True)
    assert response.status_code == 200
    assert served.noted.all == [(CALLER, "replica_failed", response.headers["x-request-id"])]


async def test_what_broke_in_the_box_is_noted_without_a_word_of_it(served):
    async def breaks(_run):
        raise RuntimeError("a secret")
        yield

    served.box.script = breaks
    await served.chat()
    assert [code for _, code, _ in served.noted.all] == ["internal_error"]


async def test_an_answer_is_no_error(served):
    served.box.script = answers("Hello")
    await served.chat()
    assert served.noted.all == []


async def test_a_refusal_of_whoever_nobody_knows_is_noted_with_its_path_alone(served):
    refused = await served.http.get("/v1/models?key=secret", headers={"authorization": "Bearer nothing"})
    assert served.noted.all == [(None, "invalid_api_key", refused.headers["x-request-id"])]
    assert served.noted.paths == ["/v1/models"]
