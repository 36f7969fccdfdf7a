"""Completions: several prompts, several choices, the prompt told again, log-probabilities."""

import asyncio
import json

import pytest

from appliance.domain.generation import (
    Alternative,
    ChoiceFinished,
    FinishReason,
    SamplingWishes,
    Settled,
    TextDelta,
    TokenLogprob,
    TokenUsage,
)
from appliance.domain.prompts import TextPrompt, TokenPrompt
from tests.api.test_answers import events_in
from tests.api.text_scripts import logprob_at, reads

TOP = {"temperature": 0, "seed": 1234, "max_tokens": 1}


@pytest.fixture
def box(box):
    box.script = reads()
    return box


async def choices_of(served, **fields):
    response = await served.complete(**fields)
    assert response.status_code == 200, response.text
    return response.json()["choices"]


async def chunks_of(served, **fields):
    response = await served.complete(stream=True, **fields)
    *chunks, done = events_in(response.text)
    assert done == "[DONE]"
    return [json.loads(chunk) for chunk in chunks]


async def test_plain_completion_is_one_run_with_the_id_of_its_request(served):
    response = await served.complete(prompt=["Once"])
    assert served.box.requests[0].prompt == TextPrompt("Once")
    assert served.box.requests[0].id == response.headers["x-request-id"]
    assert served.box.requests[0].max_tokens == 16
    assert [request.logprobs for request in served.box.requests] == [None]
    assert all(run.closed.is_set() for run in served.box.runs)


async def test_each_prompt_is_a_run_and_choices_stand_in_the_order_of_the_prompts(served):
    response = await served.complete(prompt=["a", "bc", "d"], n=2, echo=True)
    body = response.json()
    assert [(one["index"], one["text"]) for one in body["choices"]] == [
        (0, "a ok"), (1, "a ok"), (2, "bc ok"), (3, "bc ok"), (4, "d ok"), (5, "d ok"),
    ]  # fmt: skip
    assert {one["finish_reason"] for one in body["choices"]} == {"stop"}
    assert body["usage"]["prompt_tokens"] == 4
    assert body["usage"]["completion_tokens"] == 12
    assert body["usage"]["total_tokens"] == 16
    assert body["usage"]["prompt_tokens_details"] == {"cached_tokens": 3}
    request_id = response.headers["x-request-id"]
    assert {request.id for request in served.box.requests} == {
        f"{request_id}-{number}" for number in range(3)
    }
    assert all(run.closed.is_set() for run in served.box.runs)


async def test_token_ids_are_given_to_the_model_as_they_are(served):
    assert len(await choices_of(served, prompt=[72, 105])) == 1
    assert len(await choices_of(served, prompt=[[72], [105, 33]])) == 2
    prompts = [request.prompt for request in served.box.requests]
    assert prompts == [TokenPrompt((72, 105)), TokenPrompt((72,)), TokenPrompt((105, 33))]


async def test_every_choice_has_the_seed_after_that_of_the_one_before(served):
    response = await served.complete(prompt=["a", "b", "c"], n=2, seed=7)
    assert response.headers["x-carrel-seed"] == "42", "the fake box always accepts with 42"
    assert [request.sampling.seed for request in served.box.requests] == [7, 44, 46]
    await served.complete(prompt=["a", "b"], temperature=0.5)
    assert [request.sampling for request in served.box.requests[3:]] == [
        SamplingWishes(temperature=0.5),
        SamplingWishes(temperature=0.5, seed=43),
    ]


async def test_echo_of_token_ids_is_their_text(served):
    assert (await choices_of(served, prompt=[72, 105], echo=True))[0]["text"] == "Hi ok"


async def test_prompt_alone_is_told_without_an_answer(served):
    (choice,) = await choices_of(served, prompt="Hi", echo=True, max_tokens=0)
    assert (choice["text"], choice["finish_reason"], choice["logprobs"]) == ("Hi", "length", None)
    assert served.box.requests[0].max_tokens == 0


async def test_log_probabilities_have_the_legacy_shape(served):
    (choice,) = await choices_of(served, prompt="abc", echo=True, logprobs=2, max_tokens=2)
    assert choice["text"] == "abc ok"
    assert choice["logprobs"] == {
        "tokens": ["a", "b", "c", " o", "k"],
        "token_logprobs": [None, *map(logprob_at, (1, 2, 3, 4))],
        "top_logprobs": [
            None,
            {"X": logprob_at(1) / 2, "b": logprob_at(1)},
            {"c": logprob_at(2), "X": logprob_at(2) * 2},
            {" o": logprob_at(3)},
            {"k": logprob_at(4)},
        ],
        "text_offset": [0, 1, 2, 3, 5],
    }
    (request,) = served.box.requests
    assert (request.logprobs, request.prompt_logprobs, request.score_from) == (2, 2, 0)


async def test_the_token_itself_is_among_the_top_ones_however_few_were_asked_for(served):
    for asked in (0, 1):
        (choice,) = await choices_of(served, prompt="abc", echo=True, logprobs=asked, max_tokens=0)
        tops = choice["logprobs"]["top_logprobs"]
        assert tops[1] == {"b": logprob_at(1)} | ({"X": logprob_at(1) / 2} if asked else {})
        assert tops[2] == {"c": logprob_at(2)}


async def test_of_tokens_with_the_same_text_the_most_probable_one_is_told(served):
    parts = [
        Alternative(token, piece, -float(token)) for token, piece in ((1, b"\xe2"), (2, b"\xc3"), (3, b"a"))
    ]
    own = TokenLogprob(9, b"\xf0", -9.0, tuple(parts))

    async def cuts_a_character(_run):
        yield TextDelta(0, "", (own,))
        yield ChoiceFinished(0, FinishReason.LENGTH)
        yield Settled(TokenUsage(1, 0, 1))

    served.box.script = cuts_a_character
    (choice,) = await choices_of(served, logprobs=3)
    assert choice["logprobs"]["tokens"] == ["\ufffd"]
    assert choice["logprobs"]["token_logprobs"] == [-9]
    assert choice["logprobs"]["top_logprobs"] == [{"\ufffd": -1, "a": -3}]


async def test_offsets_without_echo_begin_with_the_answer(served):
    (choice,) = await choices_of(served, prompt="abc", logprobs=0)
    assert choice["logprobs"]["tokens"] == [" o", "k"]
    assert choice["logprobs"]["text_offset"] == [0, 2]
    assert served.box.requests[0].prompt_logprobs is None


async def test_token_that_begins_a_text_is_told_and_takes_no_place_in_it(served):
    served.box.script = reads(first=(0,))
    (choice,) = await choices_of(served, prompt="Hi", echo=True, logprobs=1)
    assert choice["text"] == "Hi ok"
    assert choice["logprobs"]["tokens"] == ["<s>", "H", "i", " o", "k"]
    assert choice["logprobs"]["text_offset"] == [0, 0, 1, 2, 4]


async def test_offsets_count_characters_where_tokens_cut_through_them(served):
    (choice,) = await choices_of(served, prompt="é€x", echo=True, logprobs=0, max_tokens=1)
    assert choice["text"] == "é€x ok"
    assert choice["logprobs"]["text_offset"] == [0, 0, 1, 1, 1, 2, 3, 5]
    (choice,) = await choices_of(served, prompt=[65, 301, 302], echo=True, logprobs=0, max_tokens=0)
    assert choice["text"] == "A€!"
    assert choice["logprobs"]["tokens"] == ["A", "\ufffd", "\ufffd!"]
    assert choice["logprobs"]["text_offset"] == [0, 1, 1]


def harness_reading(answer: dict, context_lengths: list[int]) -> list[tuple[float, bool]]:
    """What lm-evaluation-harness makes of the answer to its `local-completions`."""
    read = []
    for choice, context in zip(
        sorted(answer["choices"], key=lambda one: one["index"]), context_lengths, strict=True
    ):
        logprobs = choice["logprobs"]["token_logprobs"][context:-1]
        tops = choice["logprobs"]["top_logprobs"][context:-1]
        greedy = all(one == max(top.values()) for one, top in zip(logprobs, tops, strict=True))
        read.append((sum(logprobs), greedy))
    return read


async def test_evaluation_harness_reads_its_log_likelihoods(served):
    served.box.script = reads(answer=("k",))
    prompts = [[65, 66, 67, 68], [65, 66, 67], [65]]
    body = {"model": "tiny", "prompt": prompts, "echo": True, "logprobs": 1, **TOP}
    answer = (await served.http.post("/v1/completions", json=body)).json()
    assert harness_reading(answer, [2, 2, 1]) == [
        (logprob_at(2) + logprob_at(3), False),
        (logprob_at(2), True),
        (0, True),
    ]


async def test_stream_has_the_choices_side_by_side_and_each_is_whole(served):
    chunks = await chunks_of(served, prompt=["a", "b"], n=2, stream_options={"include_usage": True})
    *chunks, last = chunks
    texts: dict[int, str] = dict.fromkeys(range(4), "")
    reasons = {}
    for chunk in chunks:
        (choice,) = chunk["choices"]
        assert choice["index"] not in reasons
        texts[choice["index"]] += choice["text"]
        if choice["finish_reason"]:
            reasons[choice["index"]] = choice["finish_reason"]
    assert texts == dict.fromkeys(range(4), " ok")
    assert reasons == dict.fromkeys(range(4), "stop")
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 8
    assert all(chunk["usage"] is None for chunk in chunks)


async def test_stream_with_echo_begins_each_choice_with_the_prompt_and_its_log_probabilities(served):
    whole = await choices_of(served, prompt="abcdef", n=2, echo=True, logprobs=1)
    chunks = await chunks_of(served, prompt="abcdef", n=2, echo=True, logprobs=1)
    for index in range(2):
        mine = [chunk["choices"][0] for chunk in chunks if chunk["choices"][0]["index"] == index]
        assert [one["text"] for one in mine] == ["abcdef", " o", "k", ""]
        assert mine[0]["logprobs"]["tokens"] == list("abcdef")
        assert mine[0]["logprobs"]["token_logprobs"][0] is None
        assert [one["logprobs"]["text_offset"] for one in mine[:3]] == [[0, 1, 2, 3, 4, 5], [6], [8]]
        assert mine[3]["logprobs"] is None
        assert "".join(one["text"] for one in mine) == whole[index]["text"]


async def test_stream_of_a_prompt_alone_is_the_prompt(served):
    chunks = await chunks_of(served, prompt=[72, 105], echo=True, logprobs=0, max_tokens=0)
    assert [(one["choices"][0]["text"], one["choices"][0]["finish_reason"]) for one in chunks] == [
        ("Hi", None),
        ("", "length"),
    ]


async def test_waiting_for_a_hundred_prompts_never_has_more_than_sixteen_in_flight(served):
    most = 0
    full = asyncio.Event()

    async def counted(run):
        nonlocal most
        most = max(most, sum(not one.closed.is_set() for one in served.box.runs))
        if most == 16:
            full.set()
        await full.wait()
        async for event in reads()(run):
            yield event
            await asyncio.sleep(0)

    served.box.script = counted
    choices = await choices_of(served, prompt=[f"p{number} " for number in range(100)], echo=True)
    assert [one["text"] for one in choices] == [f"p{number}  ok" for number in range(100)]
    assert most == 16
