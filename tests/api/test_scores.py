"""Scores: how probable continuations are, by the tokens that are theirs."""

import asyncio

import pytest

from appliance.domain.generation import PromptScored, Settled, TokenLogprob, TokenUsage
from appliance.domain.prompts import TokenPrompt
from appliance.errors import ContextLengthExceeded, PersonLimitReached, ReplicaFailed
from tests.api.fakes import CALLER, KEY
from tests.api.text_scripts import logprob_at, reads
from tests.raw_connection import connected

ITEM = {"context": "ab", "continuations": ["cd", "x"]}


@pytest.fixture
def box(box):
    box.script = reads()
    return box


async def scores_of(served, *items, **fields):
    response = await served.score(*items, **fields)
    assert response.status_code == 200, response.text
    return [item["continuations"] for item in response.json()["items"]]


async def test_answer_tells_the_log_likelihood_of_each_continuation_in_order(served):
    response = await served.score(ITEM, {"context": "abc", "continuations": ["d"]})
    body = response.json()
    assert body.pop("id") == "score-" + response.headers["x-request-id"].removeprefix("req_")
    assert body == {
        "object": "score",
        "created": 1_700_000_000,
        "model": "tiny",
        "system_fingerprint": "crl-r3-abababababab-fake-1",
        "service_tier": "default",
        "items": [
            {
                "continuations": [
                    {"logprob": logprob_at(2) + logprob_at(3), "tokens": 2, "is_greedy": False},
                    {"logprob": logprob_at(2), "tokens": 1, "is_greedy": True},
                ]
            },
            {"continuations": [{"logprob": logprob_at(3), "tokens": 1, "is_greedy": False}]},
        ],
        "usage": {
            "prompt_tokens": 11,
            "completion_tokens": 0,
            "total_tokens": 11,
            "prompt_tokens_details": {"cached_tokens": 3},
            "completion_tokens_details": {"reasoning_tokens": 0},
        },
    }
    assert response.headers["cache-control"] == "no-store"


async def test_each_pair_is_a_run_that_only_reads(served):
    response = await served.score(ITEM)
    first, second = sorted(served.box.requests, key=lambda one: one.id)
    assert first.prompt == TokenPrompt(tuple(b"abcd"))
    assert second.prompt == TokenPrompt(tuple(b"abx"))
    assert first.id == response.headers["x-request-id"] + "-0"
    assert {(one.max_tokens, one.n, one.prompt_logprobs, one.score_from) for one in (first, second)} == {
        (0, 1, 1, 2)
    }
    assert served.box.callers == [CALLER] * 2
    assert all(run.closed.is_set() for run in served.box.runs)


async def test_context_is_tokenized_once_for_all_its_continuations(served):
    await scores_of(served, {"context": "ab", "continuations": ["c", "d", "e"]})
    assert sorted(prompt.text for prompt in served.tokenizing.prompts) == ["ab", "abc", "abd", "abe"]


async def test_token_that_reaches_over_the_border_is_the_continuations(served):
    served.tokenizing.merged = {b"ab": 300}
    ((score,),) = await scores_of(served, {"context": "xa", "continuations": ["bc"]}, details=True)
    assert served.box.requests[0].prompt == TokenPrompt((ord("x"), 300, ord("c")))
    assert score["tokens"] == 2
    assert [(one["id"], one["text"]) for one in score["details"]] == [(300, "ab"), (ord("c"), "c")]
    assert score["logprob"] == sum(one["logprob"] for one in score["details"])


async def test_text_without_a_context_is_scored_behind_the_token_that_begins_it(served):
    served.tokenizing.first = (0,)
    served.box.script = reads(first=(0,))
    ((score,),) = await scores_of(served, {"context": "", "continuations": ["abc"]})
    assert (score["tokens"], served.box.requests[0].score_from) == (3, 1)


async def test_text_without_anything_before_it_is_scored_from_its_second_token(served):
    ((score,),) = await scores_of(served, {"context": "", "continuations": ["abc"]})
    assert (score["tokens"], served.box.requests[0].score_from) == (2, 1)
    assert [prompt.text for prompt in served.tokenizing.prompts] == ["abc"]


async def test_token_ids_are_scored_as_they_are(served):
    ((score,),) = await scores_of(served, {"context": [65, 66], "continuations": [[67]]})
    assert served.box.requests[0].prompt == TokenPrompt((65, 66, 67))
    assert (score["logprob"], served.box.requests[0].score_from) == (logprob_at(2), 2)
    assert not served.tokenizing.prompts


async def test_token_as_probable_as_the_most_probable_one_is_greedy(served):
    async def ties(_run):
        same = TokenLogprob(1, b"a", -0.5, (TokenLogprob(2, b"b", -0.5),))  # type: ignore[arg-type]
        yield PromptScored(1, (same,))
        yield Settled(TokenUsage(2, 0, 0))

    served.box.script = ties
    ((score,),) = await scores_of(served, {"context": [1], "continuations": [[1]]})
    assert score["is_greedy"] is True


async def test_impossible_token_has_a_number(served):
    async def impossible(_run):
        yield PromptScored(1, (TokenLogprob(1, b"a", float("-inf")),))
        yield Settled(TokenUsage(2, 0, 0))

    served.box.script = impossible
    ((score,),) = await scores_of(served, {"context": [1], "continuations": [[1]]})
    assert score == {"logprob": -9999.0, "tokens": 1, "is_greedy": False}


async def test_worker_that_leaves_tokens_out_is_an_error(served, error_of):
    async def forgets(_run):
        yield Settled(TokenUsage(2, 0, 0))

    served.box.script = forgets
    response = await served.score({"context": [1], "continuations": [[1]]})
    assert response.status_code == 502


INSIDE = [
    {"items": [ITEM] * 256}, {"items": [{"context": "", "continuations": ["ab"] * 64}] * 32},
    {"items": [{"context": "x" * 9_999, "continuations": ["y"]}] * 16},
    {"items": [{"context": [], "continuations": [[1, 2]]}]}, {"details": True}, {"details": None},
    {"service_tier": "flex"},
]  # fmt: skip
OUTSIDE = [
    ({"items": []}, "items"), ({"items": [ITEM] * 257}, "items"), ({"items": None}, "items"),
    ({"items": [{"context": "", "continuations": ["ab"] * 64}] * 33}, "items"),
    ({"items": [{"context": "x" * 9_999, "continuations": ["y"]}] * 17}, "items"),
    ({"items": [{"context": "a", "continuations": []}]}, "items[0].continuations"),
    ({"items": [{"context": "a", "continuations": ["b"] * 65}]}, "items[0].continuations"),
    ({"items": [{"context": "a", "continuations": ["b", ""]}]}, "items[0].continuations[1]"),
    ({"items": [{"context": "a", "continuations": [[]]}]}, "items[0].continuations[0]"),
    ({"items": [{"context": "a", "continuations": [[1]]}]}, "items[0].continuations[0]"),
    ({"items": [{"context": [1], "continuations": ["a"]}]}, "items[0].continuations[0]"),
    ({"items": [{"context": [-1], "continuations": [[1]]}]}, "items[0].context[0]"),
    ({"items": [{"context": "x" * 9_999, "continuations": ["yy"]}]}, "items[0].continuations[0]"),
    ({"items": [{"context": [1] * 2_500, "continuations": [[1]]}]}, "items[0].continuations[0]"),
    ({"items": [{"context": "a", "continuation": ["b"]}]}, "items[0].continuation"),
    ({"items": [{"context": "a", "continuations": ["b"], "more": 1}]}, "items[0].more"),
    ({"details": "yes"}, "details"), ({"service_tier": "gold"}, "service_tier"), ({"model": ""}, "model"),
    ({"lora": "x"}, "lora"), ({"grammar": "x"}, "grammar"),
]  # fmt: skip


@pytest.mark.parametrize("fields", INSIDE)
async def test_score_value_inside_its_bound_is_served(served, fields):
    response = await served.http.post("/v1/score", json={"model": "tiny", "items": [ITEM], **fields})
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(("fields", "param"), OUTSIDE)
async def test_score_value_outside_its_bound_is_a_400_naming_the_field(served, error_of, fields, param):
    response = await served.http.post("/v1/score", json={"model": "tiny", "items": [ITEM], **fields})
    assert response.status_code == 400
    assert str(error_of(response)["param"]).startswith(param)
    assert not served.box.requests


async def test_continuation_without_a_token_to_score_is_a_400_naming_it(served, error_of):
    response = await served.score(ITEM, {"context": "", "continuations": ["ab", "a"]})
    assert response.status_code == 400
    assert error_of(response)["param"] == "items[1].continuations[1]"


async def test_pair_that_is_too_long_is_named(served, error_of):
    served.tokenizing.refusal = ContextLengthExceeded("The prompt is too long.")
    response = await served.score(ITEM)
    assert response.status_code == 400
    assert error_of(response)["param"] == "items[0].continuations[0]"


@pytest.mark.parametrize("error", [PersonLimitReached("Enough."), ReplicaFailed("It died.")])
async def test_refusal_has_its_status(served, error_of, error):
    served.box.refusal = error
    response = await served.score(ITEM)
    assert response.status_code == error.status
    assert error_of(response)["code"] == error.code


async def test_unknown_fields_are_named(served):
    response = await served.score(ITEM, user="ada")
    assert response.headers["x-carrel-ignored"] == "user"


async def test_leaving_ends_every_run(served):
    async def stalls(run):
        yield PromptScored(2, ())
        await run.closed.wait()

    served.box.script = stalls
    body = b'{"model":"tiny","items":[{"context":"ab","continuations":["c"]}]}'
    async with connected(served.port) as (_, writer):
        writer.write(
            b"POST /v1/score HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (KEY.encode(), len(body), body)
        )
        await asyncio.wait_for(served.box.running.wait(), 10)
    await asyncio.wait_for(served.box.runs[0].closed.wait(), 10)
    assert not served.log.lines
