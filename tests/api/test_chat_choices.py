"""Several choices, and the log-probabilities of their tokens, whole and streamed."""

import pytest

from appliance.domain.generation import ChoiceFinished, FinishReason, SamplingWishes, TextDelta
from tests.api.chat_scripts import choices_in, chunks_of, speaks_in_turns, tells, token

THREE = speaks_in_turns(["a", "b"], ["c"], [])


async def test_every_choice_is_in_a_whole_answer(served):
    served.box.script = THREE
    body = (await served.chat(n=3)).json()
    assert [(one["index"], one["message"]["content"], one["finish_reason"]) for one in body["choices"]] == [
        (0, "ab", "length"),
        (1, "c", "stop"),
        (2, "", "stop"),
    ]
    assert served.box.requests[0].n == 3


async def test_every_choice_of_a_stream_begins_with_its_role_and_ends_with_its_reason(served):
    served.box.script = THREE
    said = choices_in(await served.chat(n=3, stream=True))
    for index, text, reason in ((0, "ab", "length"), (1, "c", "stop"), (2, "", "stop")):
        mine = [one for one in said if one["index"] == index]
        assert mine[0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
        assert "".join(one["delta"]["content"] for one in mine[1:-1]) == text
        assert (mine[-1]["delta"], mine[-1]["finish_reason"]) == ({}, reason)
        assert {one["finish_reason"] for one in mine[:-1]} == {None}


async def test_counts_come_once_and_are_of_all_choices(served):
    served.box.script = THREE
    chunks = chunks_of(await served.chat(n=3, stream=True, stream_options={"include_usage": True}))
    assert [chunk["usage"] for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["completion_tokens"] == 3
    assert chunks[-1]["usage"]["completion_tokens_details"] == {"reasoning_tokens": 0}


SCORED = tells(
    TextDelta(0, "", (token("caf", -0.25, ("caf", -0.25), ("bar", -2.0)),)),
    TextDelta(0, "caf\u00e9", (token(b"\xc3", -1.0), token(b"\xa9", float("-inf")))),
    ChoiceFinished(0, FinishReason.STOP),
)
LOGPROBS = [
    {
        "token": "caf",
        "logprob": -0.25,
        "bytes": [99, 97, 102],
        "top_logprobs": [
            {"token": "caf", "logprob": -0.25, "bytes": [99, 97, 102]},
            {"token": "bar", "logprob": -2.0, "bytes": [98, 97, 114]},
        ],
    },
    {"token": "\ufffd", "logprob": -1.0, "bytes": [0xC3], "top_logprobs": []},
    {"token": "\ufffd", "logprob": -9999.0, "bytes": [0xA9], "top_logprobs": []},
]


async def test_whole_answer_has_the_log_probabilities_of_its_tokens(served):
    served.box.script = SCORED
    (choice,) = (await served.chat(logprobs=True, top_logprobs=2)).json()["choices"]
    assert choice["message"]["content"] == "caf\u00e9"
    assert choice["logprobs"] == {"content": LOGPROBS, "refusal": None}
    assert served.box.requests[0].logprobs == 2


async def test_stream_has_the_log_probabilities_of_its_tokens(served):
    served.box.script = SCORED
    said = choices_in(await served.chat(logprobs=True, top_logprobs=2, stream=True))
    told = [one["logprobs"]["content"] for one in said if one["logprobs"]]
    assert [entry for entries in told for entry in entries] == LOGPROBS
    assert "".join(one["delta"].get("content", "") for one in said) == "caf\u00e9"


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({}, None),
        ({"logprobs": False}, None),
        ({"logprobs": True}, 0),
        ({"logprobs": True, "top_logprobs": 0}, 0),
        ({"logprobs": True, "top_logprobs": 20}, 20),
    ],
)
async def test_log_probabilities_are_computed_where_they_were_asked_for(served, fields, asked):
    (choice,) = (await served.chat(**fields)).json()["choices"]
    assert served.box.requests[0].logprobs == asked
    assert (choice["logprobs"] is None) is (asked is None)


async def test_penalties_and_biases_reach_the_box(served):
    response = await served.chat(
        frequency_penalty=0.5, presence_penalty=-2, repetition_penalty=1.5, logit_bias={"5": 1, "17": -100}
    )
    assert response.status_code == 200
    assert served.box.requests[0].sampling == SamplingWishes(
        frequency_penalty=0.5, presence_penalty=-2.0, repeat_penalty=1.5, logit_bias=((5, 1.0), (17, -100.0))
    )


async def test_two_names_of_a_penalty_that_differ_are_refused(served, error_of):
    assert (await served.chat(repeat_penalty=1.5, repetition_penalty=1.5)).status_code == 200
    response = await served.chat(repeat_penalty=1.5, repetition_penalty=1.4)
    assert response.status_code == 400
    assert error_of(response)["param"] == "repeat_penalty"
