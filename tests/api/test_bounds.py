"""Every bound of a request, one inside and one outside; what is refused, and what is ignored and said so."""

import pytest

from appliance.api.openai.fields import FORBIDDEN


def tool(name: str, **fields: object) -> dict[str, object]:
    return {"type": "function", "function": {"name": name, **fields}}


INSIDE = [
    ("n", 1), ("n", 128), ("n", None),
    ("max_tokens", 1), ("max_tokens", 2**22), ("max_completion_tokens", 1),
    ("temperature", 0), ("temperature", 2), ("temperature", 0.5), ("temperature", None),
    ("top_p", 1), ("top_p", 0.000001), ("top_k", -1), ("top_k", 0), ("top_k", 1_000_000),
    ("min_p", 0), ("min_p", 1),
    ("seed", 2**63 - 1), ("seed", -(2**63)),
    ("stop", "x" * 256), ("stop", ["x"] * 16), ("stop", []), ("stop", None),
    ("model", "m" * 128),
    ("stream", False), ("stream_options", None), ("stream_options", {"include_usage": True}),
    ("frequency_penalty", -2), ("frequency_penalty", 2), ("presence_penalty", -2), ("presence_penalty", 2.0),
    ("repetition_penalty", 0.001), ("repetition_penalty", 2), ("repeat_penalty", 2), ("repeat_penalty", 1),
    ("logit_bias", {}), ("logit_bias", {"0": -100, "2147483647": 100}),
    ("logit_bias", {str(token): 1 for token in range(300)}),
    ("logprobs", False), ("top_logprobs", 0), ("min_tokens", 0), ("stop_token_ids", []), ("functions", None),
    ("tools", []), ("tool_choice", "none"), ("response_format", {"type": "text"}), ("modalities", ["text"]),
    ("tools", [tool(f"f{number}") for number in range(128)]), ("tools", [tool("x" * 128)]),
    ("tools", [tool("x", description="y" * 9_000)]),
    ("response_format", {"type": "json_schema", "json_schema": {"name": "x" * 64}}),
    ("reasoning_effort", "none"), ("reasoning_effort", "high"),
    ("messages", [{"role": "user", "content": "x"}] * 1024),
    ("messages", [{"role": "user", "content": "x" * 10_000}]),
    ("messages", [{"role": "user", "content": "\u00e9" * 5_000}]),
    ("messages", [{"role": role, "content": "x"} for role in ("system", "developer", "user")]),
    ("messages", [{"role": role, "content": "x"} for role in ("assistant", "tool")]),
    ("messages", [{"role": "user", "content": []}]),
]  # fmt: skip

OUTSIDE = [
    ("n", 0), ("n", 129), ("n", "1"),
    ("max_tokens", 0), ("max_tokens", 2**22 + 1), ("max_tokens", 1.5), ("max_tokens", True),
    ("max_completion_tokens", 0),
    ("temperature", -0.001), ("temperature", 2.001), ("temperature", "1"),
    ("top_p", 0), ("top_p", 1.001), ("top_k", -2), ("top_k", 1_000_001), ("min_p", -0.1), ("min_p", 1.1),
    ("seed", 2**63), ("seed", -(2**63) - 1),
    ("stop", ""), ("stop", "x" * 257), ("stop", ["x"] * 17), ("stop", [""]), ("stop", 5),
    ("model", ""), ("model", "m" * 129), ("model", None), ("model", 7),
    ("stream", "yes"), ("stream_options", 3),
    ("frequency_penalty", -2.001), ("frequency_penalty", 2.001), ("presence_penalty", -2.001),
    ("presence_penalty", 2.001), ("repetition_penalty", 0), ("repetition_penalty", 2.001),
    ("repeat_penalty", 0), ("logit_bias", [5]),
    ("logit_bias", {"5": 100.1}), ("logit_bias", {"5": -100.1}), ("logit_bias", {"-1": 1}),
    ("logit_bias", {"2147483648": 1}), ("logit_bias", {"x": 1}), ("logit_bias", {"5": "1"}),
    ("logit_bias", {str(token): 1 for token in range(301)}),
    ("logprobs", 1), ("top_logprobs", -1), ("top_logprobs", 1), ("top_logprobs", 21), ("min_tokens", 1),
    ("tools", [{"type": "function"}]), ("tool_choice", "required"), ("tools", [tool("x" * 129)]),
    ("tools", [tool(f"f{number}") for number in range(129)]),
    ("tools", [tool("x", description="y" * 16_385)]),
    ("response_format", {"type": "json"}), ("modalities", ["text", "audio"]), ("audio", {"voice": "x"}),
    ("response_format", {"type": "json_schema", "json_schema": {"name": "x" * 65}}),
    ("reasoning_effort", "extreme"), ("reasoning_effort", 3), ("parallel_tool_calls", "no"),
    ("web_search_options", {}), ("functions", [{"name": "x"}]), ("guided_json", {}),
    ("messages", []), ("messages", None), ("messages", "Hi"), ("messages", [{"role": "user"}]),
    ("messages", [{"role": "owner", "content": "x"}]), ("messages", [{"content": "x"}]),
    ("messages", [{"role": "user", "content": "x"}] * 1025),
    ("messages", [{"role": "user", "content": "x" * 10_001}]),
    ("messages", [{"role": "user", "content": "\u00e9" * 5_001}]),
    ("messages", [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x"}}]}]),
    ("messages", [{"role": "user", "content": [{"type": "input_audio"}]}]),
    ("messages", [{"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}]),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), INSIDE)
async def test_chat_value_inside_its_bound_is_served(served, field, value):
    response = await served.chat(**{field: value})
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(("field", "value"), OUTSIDE)
async def test_chat_value_outside_its_bound_is_a_400_naming_the_field(served, error_of, field, value):
    response = await served.chat(**{field: value})
    assert response.status_code == 400
    error = error_of(response)
    assert error["type"] == "invalid_request_error"
    assert str(error["param"]).startswith(field)
    assert not served.box.requests


async def test_two_different_limits_are_refused_and_equal_ones_are_not(served, error_of):
    assert (await served.chat(max_tokens=5, max_completion_tokens=5)).status_code == 200
    response = await served.chat(max_tokens=5, max_completion_tokens=6)
    assert response.status_code == 400
    assert "max_completion_tokens" in str(error_of(response)["message"])


@pytest.mark.parametrize("field", sorted(FORBIDDEN))
async def test_field_that_reaches_too_far_is_refused_on_both_endpoints(served, error_of, field):
    for response in (await served.chat(**{field: None}), await served.complete(**{field: "x"})):
        assert response.status_code == 400
        assert error_of(response)["param"] == field


def test_refused_fields_hold_those_that_hurt_others():
    known = {
        "n_discard",
        "api_base",
        "chat_template",
        "chat_template_kwargs",
        "lora",
        "grammar",
        "cache_salt",
    }
    assert known <= FORBIDDEN


async def test_other_unknown_fields_are_ignored_and_named(served):
    response = await served.chat(user="ada", metadata={"a": [1]}, store=True, prediction={}, verbosity="low")
    assert response.status_code == 200
    assert response.headers["x-carrel-ignored"] == "user,metadata,store,prediction,verbosity"


async def test_what_asks_for_nothing_is_not_named(served):
    response = await served.chat(store=False, verbosity="medium", min_tokens=0, seed=None)
    assert "x-carrel-ignored" not in response.headers


async def test_names_of_ignored_fields_are_made_safe_and_bounded(served):
    fields = {"a\r\nset-cookie: x\u00e9\U0001f600": 1, **{f"f{index}{'y' * 100}": 1 for index in range(50)}}
    response = await served.chat(stream=True, **fields)
    assert response.status_code == 200
    names = response.headers["x-carrel-ignored"].split(",")
    assert names[0] == "a__set-cookie__x__"
    assert len(names) == 16
    assert max(map(len, names)) == 64
    assert "set-cookie" not in response.headers


async def test_nothing_is_named_where_nothing_was_ignored(served):
    assert "x-carrel-ignored" not in (await served.chat()).headers
