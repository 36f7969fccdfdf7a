"""Texts and conversations to tokens, and tokens to text, at the addresses that other servers have."""

import pytest

from appliance.domain.prompts import ChatPrompt, Message, TextPrompt
from appliance.errors import ModelNotFound, PersonLimitReached
from tests.api.fakes import CALLER

TOKENIZE = ("/tokenize", "/v1/tokenize")
DETOKENIZE = ("/detokenize", "/v1/detokenize")
USER = {"role": "user", "content": "Hi"}


async def posted(served, path, **fields):
    return await served.http.post(path, json={"model": "tiny", **fields})


@pytest.mark.parametrize("path", TOKENIZE)
async def test_text_becomes_its_tokens(served, path):
    response = await posted(served, path, prompt="Hi", user="ada")
    assert response.status_code == 200
    assert response.json() == {"model": "tiny", "count": 2, "max_model_len": 512, "tokens": [72, 105]}
    assert response.headers["x-carrel-ignored"] == "user"
    assert served.tokenizing.callers == [CALLER]
    assert served.tokenizing.prompts == [TextPrompt("Hi")]
    assert not served.box.requests


@pytest.mark.parametrize("path", TOKENIZE)
async def test_conversation_becomes_its_tokens(served, path):
    response = await posted(served, path, messages=[USER])
    assert response.json()["tokens"] == [72, 105]
    assert served.tokenizing.prompts == [ChatPrompt((Message("user", "Hi"),))]


async def test_functions_of_a_conversation_are_given_to_the_template(served):
    tools = [{"type": "function", "function": {"name": "look"}}]
    assert (await posted(served, "/tokenize", messages=[USER], tools=tools)).status_code == 200
    (prompt,) = served.tokenizing.prompts
    assert [tool.name for tool in prompt.tools] == ["look"]


@pytest.mark.parametrize("path", DETOKENIZE)
async def test_tokens_become_their_text(served, path):
    response = await posted(served, path, tokens=[72, 105])
    assert response.status_code == 200
    assert response.json() == {"prompt": "Hi"}
    assert served.tokenizing.models == ["tiny"]


@pytest.mark.parametrize("path", [TOKENIZE[0], DETOKENIZE[0]])
@pytest.mark.parametrize("error", [ModelNotFound("None."), PersonLimitReached("Enough.", retry_after_s=3)])
async def test_refusal_has_its_status(served, error_of, path, error):
    served.tokenizing.refusal = error
    response = await posted(served, path, **({"prompt": "x"} if path == TOKENIZE[0] else {"tokens": [1]}))
    assert response.status_code == error.status
    assert error_of(response)["code"] == error.code


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": "x" * 10_000},
        {"prompt": ""},
        {"prompt": "x", "add_special_tokens": True},
        {"messages": [USER] * 1024},
        {"messages": [USER], "add_generation_prompt": True},
    ],
)
async def test_tokenize_value_inside_its_bound_is_served(served, fields):
    assert (await posted(served, "/tokenize", **fields)).status_code == 200


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "prompt"), ({"prompt": "x", "messages": [USER]}, "prompt"), ({"prompt": "x" * 10_001}, "prompt"),
        ({"prompt": 7}, "prompt"), ({"prompt": ["x"]}, "prompt"), ({"messages": []}, "messages"),
        ({"messages": [USER] * 1025}, "messages"),
        ({"messages": [{"role": "user", "content": "x" * 10_001}]}, "messages"),
        ({"messages": [{"role": "owner", "content": "x"}]}, "messages"),
        ({"prompt": "x", "add_special_tokens": False}, "add_special_tokens"),
        ({"prompt": "x", "return_token_strs": True}, "return_token_strs"),
        ({"messages": [USER], "add_generation_prompt": False}, "add_generation_prompt"),
        ({"messages": [USER], "chat_template": "x"}, "chat_template"),
        ({"prompt": "x", "model": ""}, "model"),
    ],
)  # fmt: skip
async def test_tokenize_value_outside_its_bound_is_a_400_naming_the_field(served, error_of, fields, param):
    response = await posted(served, "/tokenize", **fields)
    assert response.status_code == 400
    assert str(error_of(response)["param"]).startswith(param)
    assert not served.tokenizing.callers


@pytest.mark.parametrize("tokens", [[], [0], [1] * 2**17])
async def test_detokenize_value_inside_its_bound_is_served(served, tokens):
    assert (await posted(served, "/detokenize", tokens=tokens)).status_code == 200


@pytest.mark.parametrize("tokens", [None, "x", [-1], [2**31], [1.5], ["a"], [[1]], [1] * (2**17 + 1)])
async def test_detokenize_value_outside_its_bound_is_a_400_naming_the_field(served, error_of, tokens):
    response = await posted(served, "/detokenize", tokens=tokens)
    assert response.status_code == 400
    assert str(error_of(response)["param"]).startswith("tokens")
    assert not served.tokenizing.callers
