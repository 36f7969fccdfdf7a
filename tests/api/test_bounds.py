"""Every bound of a request, one inside and one outside; what is refused, and what is ignored and said so."""

import pytest

from appliance.api.openai.fields import FORBIDDEN

INSIDE = [
    ("n", 1), ("n", None),
    ("max_tokens", 1), ("max_tokens", 2**22), ("max_completion_tokens", 1),
    ("temperature", 0), ("temperature", 2), ("temperature", 0.5), ("temperature", None),
    ("top_p", 1), ("top_p", 0.000001), ("top_k", -1), ("top_k", 0), ("top_k", 1_000_000),
    ("min_p", 0), ("min_p", 1),
    ("seed", 2**63 - 1), ("seed", -(2**63)),
    ("stop", "x" * 256), ("stop", ["x"] * 16), ("stop", []), ("stop", None),
    ("model", "m" * 128),
    ("stream", False), ("stream_options", None), ("stream_options", {"include_usage": True}),
    ("frequency_penalty", 0), ("presence_penalty", 0.0), ("logit_bias", {}), ("logprobs", False),
    ("tools", []), ("tool_choice", "none"), ("response_format", {"type": "text"}), ("modalities", ["text"]),
    ("messages", [{"role": "user", "content": "x"}] * 1024),
    ("messages", [{"role": "user", "content": "x" * 10_000}]),
    ("messages", [{"role": "user", "content": "\u00e9" * 5_000}]),
    ("messages", [{"role": role, "content": "x"} for role in ("system", "developer", "user")]),
    ("messages", [{"role": role, "content": "x"} for role in ("assistant", "tool")]),
    ("messages", [{"role": "user", "content": []}]),
]  # fmt: skip

OUTSIDE = [
    ("n", 0), ("n", 2), ("n", "1"),
    ("max_tokens", 0), ("max_tokens", 2**22 + 1), ("max_tokens", 1.5), ("max_tokens", True),
    ("max_completion_tokens", 0),
    ("temperature", -0.001), ("temperature", 2.001), ("temperature", "1"),
    ("top_p", 0), ("top_p", 1.001), ("top_k", -2), ("top_k", 1_000_001), ("min_p", -0.1), ("min_p", 1.1),
    ("seed", 2**63), ("seed", -(2**63) - 1),
    ("stop", ""), ("stop", "x" * 257), ("stop", ["x"] * 17), ("stop", [""]), ("stop", 5),
    ("model", ""), ("model", "m" * 129), ("model", None), ("model", 7),
    ("stream", "yes"), ("stream_options", 3),
    ("frequency_penalty", 0.1), ("presence_penalty", -1), ("logit_bias", {"5": 1}), ("logprobs", True),
    ("top_logprobs", 3), ("tools", [{"type": "function"}]), ("tool_choice", "required"),
    ("response_format", {"type": "json_object"}), ("modalities", ["text", "audio"]),
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


@pytest.mark.parametrize(
    ("field", "value"),
    [("prompt", "x" * 10_000), ("prompt", ["x"]), ("max_tokens", 1), ("echo", False), ("best_of", 1),
     ("suffix", ""), ("suffix", None), ("logprobs", None), ("n", 1)],
)  # fmt: skip
async def test_completion_value_inside_its_bound_is_served(served, field, value):
    assert (await served.complete(**{field: value})).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [("prompt", "x" * 10_001), ("prompt", ""), ("prompt", []), ("prompt", ["a", "b"]), ("prompt", [1, 2]),
     ("prompt", [[1]]), ("prompt", None), ("max_tokens", 0), ("echo", True), ("best_of", 2), ("suffix", "x"),
     ("logprobs", 0), ("logprobs", 5), ("n", 2)],
)  # fmt: skip
async def test_completion_value_outside_its_bound_is_a_400_naming_the_field(served, error_of, field, value):
    response = await served.complete(**{field: value})
    assert response.status_code == 400
    assert error_of(response)["param"] == field


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
    response = await served.chat(user="ada", metadata={"a": [1]}, store=True, reasoning_effort="low")
    assert response.status_code == 200
    assert response.headers["x-carrel-ignored"] == "user,metadata,store,reasoning_effort"


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
